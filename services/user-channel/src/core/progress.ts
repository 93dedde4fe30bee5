import type { FillStatus, OrderUpdate } from '@slipstream/proto';

/** What may follow what. A settled fill stays settled, whatever comes late. Source: polymarket §4.2. */
const FILL_NEXT: Readonly<Record<FillStatus, ReadonlySet<FillStatus>>> = {
  MATCHED: new Set(['MINED', 'CONFIRMED', 'RETRYING', 'FAILED']),
  MINED: new Set(['CONFIRMED', 'RETRYING', 'FAILED']),
  RETRYING: new Set(['MINED', 'CONFIRMED', 'FAILED']),
  CONFIRMED: new Set(),
  FAILED: new Set(),
};

/** Whether a fill that was last known as `before` moves on with `after`. */
export const fillMoves = (before: FillStatus | undefined, after: FillStatus): boolean =>
  before === undefined || FILL_NEXT[before].has(after);

/** Whether nothing follows any more. */
export const isSettled = (status: FillStatus): boolean => FILL_NEXT[status].size === 0;

type OrderStep = Pick<OrderUpdate, 'status' | 'sizeMatchedMicros'>;

/** How far each status is in an order's life: one that was matched can still be canceled for the rest of it. */
const ORDER_RANK: Readonly<Record<OrderUpdate['status'], number>> = {
  DELAYED: 0,
  LIVE: 1,
  UNMATCHED: 1,
  MATCHED: 2,
  CANCELED: 3,
  INVALID: 3,
};

/** Whether the exchange need not be asked about an order any more. */
export const isOver = (status: OrderUpdate['status']): boolean => ORDER_RANK[status] >= ORDER_RANK.MATCHED;

/** Whether an order moves on with `after`: what was matched never shrinks, and no status goes back. */
export function orderMoves(before: OrderStep | undefined, after: OrderStep): boolean {
  if (before === undefined || after.sizeMatchedMicros > before.sizeMatchedMicros) return true;
  if (after.sizeMatchedMicros < before.sizeMatchedMicros) return false;
  return ORDER_RANK[after.status] > ORDER_RANK[before.status];
}
