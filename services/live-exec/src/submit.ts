import type { ExchangePort, FeeSchedule } from '@slipstream/exchange';
import type { Logger } from '@slipstream/runtime';
import type { LiveOrder } from './core/order.ts';
import { isFinal } from './core/order.ts';
import { HALTING, readOutcome, type SubmitOutcome } from './core/outcome.ts';
import { afterOutcome, notTaken } from './core/progress.ts';
import { type SettlePorts, settleOrder } from './settle.ts';
import { uncountSend } from './store/orders.ts';
import type { Gate } from './venue.ts';

/** When the exchange is first asked about an order whose answer did not come, or said little. */
const ASK_FIRST_MS = 250;
/** When it is asked about once more, although it was given up: what was sent before may have been on its way. */
const ASK_LAST_MS = 20_000;
/** Until then its own words about a matched order are completed by its trades. */
const EXACT_AFTER_MS = 1_500;

export type SubmitPorts = SettlePorts & {
  /** Whether live trading is on, as far as this process has heard by now. */
  readonly maySend: () => boolean;
  readonly port: () => ExchangePort | null;
  readonly fees: (tokenId: string) => FeeSchedule | null;
  readonly gate: Gate;
  readonly pause: (reason: string, orderId: string) => Promise<void>;
  readonly sent: (outcome: SubmitOutcome['kind'], tookMs: number) => void;
  readonly log: Logger;
};

const after = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

/** When to ask about an order after an outcome; null when nothing is left to ask. */
function askAfter(io: SubmitPorts, outcome: SubmitOutcome, order: LiveOrder): Date | null {
  if (outcome.kind === 'held') return after(io.now(), outcome.retryAfterMs);
  if (!isFinal(order.status)) return after(io.now(), ASK_FIRST_MS);
  // The answer's figures are words in passing; the trades say what was paid.
  return order.filledSizeMicros > 0n ? after(io.now(), EXACT_AFTER_MS) : null;
}

/**
 * Sends an order that this process has claimed, once, and settles what came back. Nothing is sent any more once live
 * trading is heard to be off; what an earlier send may have done is asked about once more (`sentBefore`). Not knowing is an outcome: it is left to be asked about, and never sent as another order.
 */
export async function submitOrder(
  io: SubmitPorts,
  order: LiveOrder,
  sentBefore: boolean,
): Promise<SubmitOutcome['kind'] | 'stopped'> {
  const port = io.port();
  const { signed, orderId } = order;
  if (!io.maySend() || port === null || signed === null) {
    await settleOrder(io, order, {
      progressOf: (now) => notTaken(now, 'LIVE_MODE_OFF', 'STOPPED'),
      askAt: () => (sentBefore ? after(io.now(), ASK_LAST_MS) : null),
    });
    return 'stopped';
  }
  const began = performance.now();
  const reply = await port.place(signed);
  const outcome = readOutcome(reply, order.makerMicros);
  io.sent(outcome.kind, performance.now() - began);
  if (outcome.kind === 'held') io.gate.closeUntil(after(io.now(), outcome.retryAfterMs));
  if (outcome.kind === 'unknown' || outcome.kind === 'held' || outcome.kind === 'rejected')
    io.log.warn({ orderId, outcome }, 'order.not-accepted');
  await settleOrder(io, order, {
    progressOf: (now) => afterOutcome(now, outcome, io.fees(order.tokenId)),
    askAt: (now) => askAfter(io, outcome, now),
  });
  // Not counted, so that a restart of the exchange does not use up what a lost answer may need.
  if (outcome.kind === 'held') await uncountSend(io.query, orderId);
  if (outcome.kind === 'rejected' && HALTING.has(outcome.code)) await io.pause(outcome.code, orderId);
  return outcome.kind;
}
