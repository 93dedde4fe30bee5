import type { ExchangePort } from '@slipstream/exchange';
import type { Leader } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';

/** How often, and how long between, the exchange is asked to cancel when it does not answer. */
const TRIES_MAX = 60;
const TRY_AGAIN_MS = 1_000;
/** Longer than an answer to a send is waited for: what was on its way when it stopped has arrived by then, or never will. */
const LATECOMERS_MS = 6_000;

export type KillPorts = {
  readonly port: () => ExchangePort | null;
  /** Whether live trading is on again by now. */
  readonly isOn: () => boolean;
  /** Whether a switch to OFF takes resting orders away, as well. Without rules it does. */
  readonly cancelOnOff: () => boolean;
  /** Ours that have not ended, of one leader or of all (null). */
  readonly openOrdersOf: (leaderId: string | null) => Promise<readonly string[]>;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Logger;
};

/** Asks until the exchange has answered: it may be away at this very moment, or not found yet. */
async function insist(
  io: KillPorts,
  what: string,
  cancel: (port: ExchangePort) => Promise<unknown>,
): Promise<void> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const port = io.port();
    try {
      if (port === null) throw new Error('there is no exchange to ask');
      await cancel(port);
      io.log.info({ what, tries }, 'orders.canceled');
      return;
    } catch (error) {
      io.log.error({ what, tries, error }, 'orders.cancel-failed');
      await io.wait(TRY_AGAIN_MS);
    }
  }
}

/** Those of our own orders that have not ended; nothing is asked when there are none. */
async function cancelOpen(io: KillPorts, leaderId: string | null): Promise<void> {
  const open = await io.openOrdersOf(leaderId);
  if (open.length > 0) await insist(io, leaderId ?? 'open', (port) => port.cancel(open));
}

/**
 * Everything of the wallet that rests, when live trading stops; and a little later what was on its way then. New orders
 * are stopped by the switch itself.
 */
export async function cancelAll(io: KillPorts): Promise<void> {
  if (!io.cancelOnOff()) return;
  if (io.port() !== null) {
    await insist(io, 'all', (port) => port.cancelAll());
    await io.wait(LATECOMERS_MS);
  }
  // What is open by then may be of another life.
  if (!io.isOn()) await cancelOpen(io, null);
}

/** What an earlier life of ours left behind, when live trading is not on at the start. In SHADOW that is nothing. */
export async function cancelLeftOver(io: KillPorts): Promise<void> {
  if (io.cancelOnOff()) await cancelOpen(io, null);
}

/** What rests for one leader, when he is forced off. */
export async function cancelLeader(io: KillPorts, leader: Leader): Promise<void> {
  if (io.port() === null || (leader.enabled && leader.liveOverride !== 'FORCE_OFF') || !io.cancelOnOff())
    return;
  await cancelOpen(io, leader.leaderId);
}
