import { z } from 'zod';
import { ConditionId, Id, Instant, PriceMicrosWire, ShareMicrosWire, Side, TokenId } from './scalars.ts';

/** What the exchange says of one of the account's orders, ours or not. Its reader never moves an order backwards. */
export const OrderUpdate = z.strictObject({
  scope: Id,
  clobOrderId: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  side: Side,
  status: z.enum(['LIVE', 'MATCHED', 'DELAYED', 'UNMATCHED', 'CANCELED', 'INVALID']),
  priceMicros: PriceMicrosWire,
  originalSizeMicros: ShareMicrosWire,
  sizeMatchedMicros: ShareMicrosWire,
  source: z.enum(['socket', 'rest']),
  at: Instant,
});
export type OrderUpdate = z.infer<typeof OrderUpdate>;
