import type { ExchangePort } from '@slipstream/exchange';
import type { ReasonCode } from '@slipstream/proto';
import type { LiveOrder } from './core/order.ts';
import { isFinal } from './core/order.ts';
import { neverFound, notTaken } from './core/progress.ts';
import { askAgain, hasMoved, UNKNOWN_MAX_MS, waitFor } from './core/questions.ts';
import { settleOrder } from './settle.ts';
import { countSend, putAsk } from './store/orders.ts';
import { heldUntil, type SubmitPorts, submitOrder } from './submit.ts';

/** The same bytes are sent so often at most. */
const SENDS_MAX = 3;
/** A question that is lost with its process comes up again after this. */
export const LEASE_MS = 15_000;
/** An order that the exchange still does not know after this was never taken: longer than any send of ours takes. */
const NOT_THERE_AFTER_MS = 20_000;
/** When an order that was sent, and ended without being found, is looked for one last time. */
const LOOK_LAST_MS = 20_000;
/** Words that say that an order can not rest, and is not matched either. Source: polymarket §2.3. */
const GONE = /not found|already cancell?ed/i;

export type NotTherePorts = SubmitPorts & {
  /** Why nothing may be sent for this leader right now; null when it may. Asked of the database. */
  readonly whyNotFor: (leaderId: string) => Promise<ReasonCode | null>;
  /** A few at a time: what is sent again never goes in a flock. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Nobody can say yet: it is asked about again, and for too long is a reason to stop. */
export async function stillUnknown(
  io: Pick<SubmitPorts, 'now' | 'query' | 'pause'>,
  order: LiveOrder,
): Promise<void> {
  const now = io.now();
  await putAsk(io.query, order.orderId, waitFor(order, now));
  const age = now.getTime() - order.claimedAt.getTime();
  if (age > UNKNOWN_MAX_MS) await io.pause('UNRESOLVED_ORDER', order.orderId);
}

/** Whether the exchange has said, in whatever words, that these bytes have reached it and what it made of them. */
const isAnswered = ({ status, code }: LiveOrder): boolean =>
  (status !== 'SUBMITTING' && status !== 'SUBMISSION_UNKNOWN') || (code !== null && code !== 'UNKNOWN');

const isWorthSending = (order: LiveOrder, now: Date): boolean =>
  !isAnswered(order) && now < order.expiresAt && order.sends < SENDS_MAX;

/** Sends the same bytes again, unless somebody has moved the order on meanwhile. */
async function sendAgain(io: NotTherePorts, order: LiveOrder): Promise<void> {
  const counted = await countSend(io.query, order, new Date(io.now().getTime() + LEASE_MS));
  if (counted !== null) await submitOrder(io, counted);
}

/** Takes the order away, in case it lies somewhere on the way, and ends it if the exchange does not have it. */
async function endSent(
  io: NotTherePorts,
  port: ExchangePort,
  order: LiveOrder,
  reason: ReasonCode,
): Promise<void> {
  const { orderId } = order;
  const { canceled, notCanceled } = await port.cancel([orderId]);
  // It was there after all: what became of it is asked once more.
  if (canceled.includes(orderId)) return putAsk(io.query, orderId, waitFor(order, io.now()));
  // A matched order, or one on its way to be, is there as well, whatever its lists say.
  if (!GONE.test(notCanceled.get(orderId) ?? '')) return stillUnknown(io, order);
  await settleOrder(io, order, {
    progressOf: (known) => neverFound(known, reason),
    askAt: () => new Date(io.now().getTime() + LOOK_LAST_MS),
  });
}

/**
 * The exchange does not have the order, and no trade names it. While it is worth it, and nothing was ever answered to it,
 * the same bytes are sent again; then it is given time to be found; then it is cancelled, in case, and ended.
 *
 * Errors: VenueError where the exchange does not answer to the cancellation, and those of the database.
 */
export async function notThere(io: NotTherePorts, port: ExchangePort, order: LiveOrder): Promise<void> {
  const now = io.now();
  // What had ended before it was asked about had ended without being taken, or its trades are not told yet.
  if (isFinal(order.status))
    return putAsk(io.query, order.orderId, hasMoved(order) ? askAgain(order, false, now) : null);
  let whyNot: ReasonCode | null = null;
  if (isWorthSending(order, now)) {
    if (io.gate.openAt() > now) return putAsk(io.query, order.orderId, heldUntil(io.gate.openAt(), order));
    whyNot = await io.whyNotFor(order.leaderId);
    if (whyNot === null) return io.inTurn(() => sendAgain(io, order));
  }
  if (order.sends === 0) {
    // Each send was proved not to have been taken, or there was none.
    await settleOrder(io, order, {
      progressOf: (known) => notTaken(known, whyNot ?? 'INTENT_EXPIRED', 'NOT_TAKEN'),
      askAt: () => null,
    });
    return;
  }
  if (now.getTime() - order.claimedAt.getTime() < NOT_THERE_AFTER_MS)
    return putAsk(io.query, order.orderId, waitFor(order, now));
  await endSent(io, port, order, now >= order.expiresAt ? 'INTENT_EXPIRED' : 'LIVE_ORDER_FAILED');
}
