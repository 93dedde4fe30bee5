import { type Asset, type ExchangePort, type FeeSchedule, VenueError } from '@slipstream/exchange';
import type { ReasonCode } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { LiveOrder } from './core/order.ts';
import { isFinal } from './core/order.ts';
import { HALTING, readOutcome, type SubmitOutcome } from './core/outcome.ts';
import { afterOutcome, notTaken } from './core/progress.ts';
import { type SettlePorts, settleOrder } from './settle.ts';
import { putAsk, uncountSend } from './store/orders.ts';
import type { Gate } from './venue.ts';

/** When the exchange is first asked about an order whose answer did not come, or said little. */
const ASK_FIRST_MS = 250;
/** Until then its own words about a matched order are completed by its trades. */
const EXACT_AFTER_MS = 1_500;

export type SubmitPorts = SettlePorts & {
  /** Why this process sends nothing right now, as far as it has heard; null when it may. */
  readonly whyNot: () => ReasonCode | null;
  readonly port: () => ExchangePort | null;
  readonly fees: (tokenId: string) => FeeSchedule | null;
  /** What an order gives; null where its market is not known. */
  readonly givenBy: (order: LiveOrder) => Asset | null;
  readonly gate: Gate;
  readonly pause: (reason: string, orderId: string) => Promise<void>;
  readonly sent: (outcome: SubmitOutcome['kind'], tookMs: number) => void;
  readonly log: Logger;
};

const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

/** When an order that is held back comes up again: nobody waits for the exchange longer than the order is worth. */
export const heldUntil = (openAt: Date, { expiresAt }: Pick<LiveOrder, 'expiresAt'>): Date =>
  new Date(Math.min(openAt.getTime(), expiresAt.getTime()));

/** When to ask about an order after an outcome; null when nothing is left to ask. */
function askAfter(io: SubmitPorts, outcome: SubmitOutcome, order: LiveOrder): Date | null {
  const soon = after(io.now(), ASK_FIRST_MS);
  if (outcome.kind === 'held')
    return new Date(Math.max(heldUntil(io.gate.openAt(), order).getTime(), soon.getTime()));
  if (!isFinal(order.status)) return soon;
  // The answer's figures are words in passing; the trades say what was paid.
  return order.filledSizeMicros > 0n ? after(io.now(), EXACT_AFTER_MS) : null;
}

/** What is not sent after all: one that never was ends, and one that was is asked about. */
async function leave(io: SubmitPorts, order: LiveOrder, reason: ReasonCode): Promise<void> {
  if (order.sends > 1) return putAsk(io.query, order.orderId, after(io.now(), ASK_FIRST_MS));
  await settleOrder(io, order, {
    progressOf: (known) => notTaken(known, reason, 'STOPPED'),
    askAt: () => null,
  });
}

/** The exchange judged by a balance of its own that may be old: it is asked to look again, for the orders after this one. */
async function askToLookAgain(io: SubmitPorts, order: LiveOrder): Promise<void> {
  const asset = io.givenBy(order);
  if (asset === null) return;
  await io
    .port()
    ?.refreshBalance(asset)
    .catch((error: unknown) => {
      if (!(error instanceof VenueError)) throw error;
      io.log.warn({ orderId: order.orderId, error }, 'balance.not-refreshed');
    });
}

/** What an outcome means beyond the order: whether it counts as sent, and whether the exchange or a person must look. */
async function heed(io: SubmitPorts, order: LiveOrder, outcome: SubmitOutcome): Promise<void> {
  const { orderId } = order;
  switch (outcome.kind) {
    case 'held':
      // Not counted, so that a restart of the exchange does not use up what a lost answer may need.
      return uncountSend(io.query, orderId);
    case 'rejected':
      if (outcome.code === 'NOT_ENOUGH_BALANCE') return askToLookAgain(io, order);
      return HALTING.has(outcome.code) ? io.pause(outcome.code, orderId) : undefined;
    case 'unknown':
      // Whatever it was that it took, it is nothing that we could ask about.
      return outcome.code === 'OTHER_ORDER' ? io.pause(outcome.code, orderId) : undefined;
    case 'accepted':
    case 'killed':
      return undefined;
  }
}

/**
 * Sends an order that this process has claimed, or has counted a repeat of, and settles what came back. Nothing is sent
 * any more once live trading is heard to be off, nor when the order has grown too old on the way here. Not knowing is an
 * outcome: it is left to be asked about, and never sent as another order.
 */
export async function submitOrder(
  io: SubmitPorts,
  order: LiveOrder,
): Promise<SubmitOutcome['kind'] | 'stopped'> {
  const port = io.port();
  const { signed, orderId } = order;
  const whyNot = io.now() >= order.expiresAt ? 'INTENT_EXPIRED' : io.whyNot();
  if (whyNot !== null || port === null || signed === null) {
    await leave(io, order, whyNot ?? 'LIVE_AUTH_MISSING');
    return 'stopped';
  }
  const began = performance.now();
  const outcome = readOutcome(await port.place(signed), order);
  io.sent(outcome.kind, performance.now() - began);
  if (outcome.kind === 'held') io.gate.hold(outcome.why, outcome.retryAfterMs, io.now());
  else if (outcome.kind !== 'unknown') io.gate.passed();
  if (outcome.kind === 'unknown' || outcome.kind === 'held' || outcome.kind === 'rejected')
    io.log.warn({ orderId, outcome }, 'order.not-accepted');
  await settleOrder(io, order, {
    progressOf: (known) => afterOutcome(known, outcome, io.fees(order.tokenId)),
    askAt: (known) => askAfter(io, outcome, known),
  });
  await heed(io, order, outcome);
  return outcome.kind;
}
