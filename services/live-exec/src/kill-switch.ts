import type { ExchangePort } from '@slipstream/exchange';
import type { Leader } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';

/** How often, and how long between, the exchange is asked to cancel when it does not answer. */
const TRIES_MAX = 5;
const TRY_AGAIN_MS = 1_000;

export type KillPorts = {
  readonly port: () => ExchangePort | null;
  /** Whether a switch to OFF takes resting orders away, as well. Without rules it does. */
  readonly cancelOnOff: () => boolean;
  readonly openOrdersOf: (leaderId: string) => Promise<readonly string[]>;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Logger;
};

async function insist(io: KillPorts, what: string, cancel: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; tries <= TRIES_MAX; tries++)
    try {
      await cancel();
      io.log.info({ what, tries }, 'orders.canceled');
      return;
    } catch (error) {
      io.log.error({ what, tries, error }, 'orders.cancel-failed');
      await io.wait(TRY_AGAIN_MS);
    }
}

/** Everything of the wallet that rests, when live trading stops. New orders are stopped by the switch itself. */
export async function cancelAll(io: KillPorts): Promise<void> {
  const port = io.port();
  if (port === null || !io.cancelOnOff()) return;
  await insist(io, 'all', () => port.cancelAll());
}

/** What rests for one leader, when he is forced off. */
export async function cancelLeader(io: KillPorts, leader: Leader): Promise<void> {
  const port = io.port();
  if (port === null || (leader.enabled && leader.liveOverride !== 'FORCE_OFF') || !io.cancelOnOff()) return;
  const open = await io.openOrdersOf(leader.leaderId);
  if (open.length > 0) await insist(io, leader.leaderId, () => port.cancel(open));
}
