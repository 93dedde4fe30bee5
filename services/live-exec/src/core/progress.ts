import { type FeeSchedule, takerFee, type VenueFill, type VenueOrder } from '@slipstream/exchange';
import { mulDiv, notional, ONE, price, type ShareMicros, shares } from '@slipstream/money';
import type { ReasonCode } from '@slipstream/proto';
import type { LiveOrder } from './order.ts';
import { endedAt, type Progress } from './order-state.ts';
import { isRejectCode, type SubmitOutcome } from './outcome.ts';

/** Sizes on the exchange have two decimals: what is under that of an order cannot fill any more. */
const DUST_MICROS = 10_000n;

/** What an order has moved by now. */
type Moved = { readonly sizeMicros: bigint; readonly notionalMicros: bigint; readonly fillCount: number };

const NOTHING: Moved = { sizeMicros: 0n, notionalMicros: 0n, fillCount: 0 };

const feeOf = ({ sizeMicros, notionalMicros }: Moved, fees: FeeSchedule | null): bigint => {
  if (fees === null || sizeMicros === 0n) return 0n;
  // Each fill's dollars are rounded up: at a dollar a share the sum may be over it by a micro.
  const isOver = notionalMicros > sizeMicros;
  const average = isOver ? ONE : mulDiv(notionalMicros, ONE, sizeMicros, 'down');
  return takerFee(shares(sizeMicros), price(average), fees);
};

/** Why it filled less than wanted; null when it did not. */
function shortfall(moved: Moved, order: LiveOrder): ReasonCode | null {
  if (moved.sizeMicros + DUST_MICROS > order.sizeMicros) return null;
  return moved.sizeMicros === 0n ? 'NO_LIQUIDITY_WITHIN_BOUNDS' : 'INSUFFICIENT_DEPTH';
}

const figures = (moved: Moved, fees: FeeSchedule | null) => ({
  filledSizeMicros: moved.sizeMicros,
  filledNotionalMicros: moved.notionalMicros,
  feeMicros: feeOf(moved, fees),
  fillCount: moved.fillCount,
});

/** The end of an order that moved so much and cannot move more. */
const ended = (order: LiveOrder, moved: Moved, fees: FeeSchedule | null, code: string | null): Progress => ({
  ...figures(moved, fees),
  status: moved.sizeMicros > 0n ? endedAt(moved.sizeMicros + DUST_MICROS - 1n, order.sizeMicros) : 'CANCELED',
  reason: shortfall(moved, order),
  code,
});

/** Whether more may come of an order that is sent and not ended. */
const resting = (order: LiveOrder, moved: Moved, fees: FeeSchedule | null): Progress => ({
  ...figures(moved, fees),
  status: moved.sizeMicros > 0n ? 'PARTIAL' : 'OPEN',
  reason: order.reason,
  code: order.code,
});

const movedBy = (
  order: LiveOrder,
  { makingMicros, takingMicros }: { readonly makingMicros: bigint; readonly takingMicros: bigint },
  fillCount: number,
): Moved =>
  order.side === 'BUY'
    ? { sizeMicros: takingMicros, notionalMicros: makingMicros, fillCount }
    : { sizeMicros: makingMicros, notionalMicros: takingMicros, fillCount };

/**
 * Whether an answer to a send can prove that an order is not there: not when it was sent before, since the first one may
 * have been taken and the answer is to the repeat, and not when the exchange has told of the order already.
 */
const canProve = ({ sends, status }: LiveOrder): boolean =>
  sends <= 1 && status !== 'OPEN' && status !== 'PARTIAL';

/** The order as it is, with what was answered about it: to be kept until the exchange has been asked. */
const answered = (order: LiveOrder, code: string): Progress => ({
  ...figures(NOTHING, null),
  status: order.status === 'SUBMITTING' ? 'SUBMISSION_UNKNOWN' : order.status,
  reason: null,
  code,
});

const rejected = (code: string): Progress => ({
  ...figures(NOTHING, null),
  status: 'REJECTED',
  reason: 'LIVE_ORDER_REJECTED',
  code,
});

/**
 * The order after what the exchange answered to it. `fees` null where the market is not known: then no fee is named.
 * Errors: none. Source: domain rules §6, 9–10.
 */
export function afterOutcome(order: LiveOrder, outcome: SubmitOutcome, fees: FeeSchedule | null): Progress {
  switch (outcome.kind) {
    case 'accepted': {
      const count = outcome.tradeIds.length;
      if (outcome.status !== 'matched' || outcome.matched === null)
        return { ...resting(order, NOTHING, fees), code: outcome.status.toUpperCase() };
      return ended(order, movedBy(order, outcome.matched, count), fees, null);
    }
    case 'killed':
      return canProve(order) ? ended(order, NOTHING, fees, 'KILLED') : answered(order, 'KILLED');
    case 'rejected':
      return canProve(order) ? rejected(outcome.code) : answered(order, outcome.code);
    case 'held':
      return { ...figures(NOTHING, fees), status: order.status, reason: null, code: order.code };
    case 'unknown':
      return answered(order, outcome.code);
  }
}

/** What the fills of one order add up to, each rounded against us; one that failed on chain moved nothing. */
function sumOf(fills: readonly VenueFill[], order: Pick<LiveOrder, 'orderId' | 'side'>): Moved {
  let moved = NOTHING;
  for (const fill of fills) {
    if (fill.orderId !== order.orderId || fill.status === 'FAILED') continue;
    const round = order.side === 'BUY' ? 'up' : 'down';
    moved = {
      sizeMicros: moved.sizeMicros + fill.sizeMicros,
      notionalMicros: moved.notionalMicros + notional(fill.sizeMicros, fill.priceMicros, round),
      fillCount: moved.fillCount + 1,
    };
  }
  return moved;
}

/** While the fills are not told yet, what is matched costs the limit: never less than it will have. */
function atLeast(moved: Moved, order: LiveOrder, found: VenueOrder): Moved {
  const missing = found.sizeMatchedMicros - moved.sizeMicros;
  if (missing <= 0n) return moved;
  const size: ShareMicros = shares(missing);
  const round = order.side === 'BUY' ? 'up' : 'down';
  return {
    sizeMicros: found.sizeMatchedMicros,
    notionalMicros: moved.notionalMicros + notional(size, price(order.priceMicros), round),
    fillCount: Math.max(moved.fillCount, found.tradeIds.length),
  };
}

/** The order after what the exchange says that it has under its id. */
export function afterFound(
  order: LiveOrder,
  found: VenueOrder,
  fills: readonly VenueFill[],
  fees: FeeSchedule | null,
): Progress {
  const moved = atLeast(sumOf(fills, order), order, found);
  if (found.status === 'LIVE' || found.status === 'DELAYED' || found.status === 'UNMATCHED')
    return { ...resting(order, moved, fees), code: found.status };
  return ended(order, moved, fees, found.status === 'INVALID' ? 'INVALID' : order.code);
}

/** The order after fills that name it, while the exchange knows no order of that id any more. */
export const afterFills = (
  order: LiveOrder,
  fills: readonly VenueFill[],
  fees: FeeSchedule | null,
): Progress | null => {
  const moved = sumOf(fills, order);
  return moved.fillCount === 0 ? null : ended(order, moved, fees, null);
};

/** The end of an order that the exchange never took. */
export const notTaken = (order: LiveOrder, reason: ReasonCode, code: string): Progress => ({
  ...figures(NOTHING, null),
  status: order.filledSizeMicros > 0n ? endedAt(order.filledSizeMicros, order.sizeMicros) : 'CANCELED',
  reason,
  code,
});

/** The end of an order that was sent and is not there: as what was last answered to it says, else for this reason. */
export function neverFound(order: LiveOrder, reason: ReasonCode): Progress {
  if (order.filledSizeMicros > 0n) return notTaken(order, reason, 'NOT_TAKEN');
  // It was had, and is neither there nor matched: so do orders end that find nothing.
  if (order.code === 'KILLED' || order.code === 'DUPLICATED') return ended(order, NOTHING, null, order.code);
  if (isRejectCode(order.code)) return rejected(order.code);
  return notTaken(order, reason, order.code ?? 'NOT_TAKEN');
}
