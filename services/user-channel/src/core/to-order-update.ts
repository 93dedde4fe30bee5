import type { VenueOrder } from '@slipstream/exchange';
import type { OrderUpdate } from '@slipstream/proto';
import type { OrderRow } from './rows.ts';

/** The message for a step that the user channel told; `now` dates what the exchange did not date. */
export function fromSocket({ at, ...row }: OrderRow, scope: string, now: Date): OrderUpdate {
  return { ...row, scope, source: 'socket', at: (at ?? now).toISOString() };
}

/** The message for an order as the exchange answered; an answer does not name the condition, so the caller does. */
export const fromRest = (
  order: VenueOrder,
  conditionId: string,
  scope: string,
  askedAt: Date,
): OrderUpdate => ({
  scope,
  clobOrderId: order.orderId,
  tokenId: order.tokenId,
  conditionId,
  side: order.side,
  status: order.status,
  priceMicros: order.priceMicros,
  originalSizeMicros: order.originalSizeMicros,
  sizeMatchedMicros: order.sizeMatchedMicros,
  source: 'rest',
  at: askedAt.toISOString(),
});
