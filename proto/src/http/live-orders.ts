import { z } from 'zod';
import { OrderStatus } from '../order-event.ts';
import { ReasonCode } from '../reasons.ts';
import {
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  ShareMicrosWire,
  Side,
  Text,
  TokenId,
} from '../scalars.ts';
import { LeaderFilter, MarketFilter } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

export const LiveOrdersQuery = z.strictObject({
  status: OrderStatus.optional().describe(
    'Only orders of this status; SKIPPED are those that were not sent.',
  ),
  leader: LeaderFilter,
  market: MarketFilter,
  attempt: Id.optional().describe('Only what came of this attempt.'),
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type LiveOrdersQuery = z.infer<typeof LiveOrdersQuery>;

/** What a book offered to a shadow order a moment later. */
const ShadowLook = z.union([
  z.strictObject({
    kind: z.literal('seen'),
    at: Instant,
    bookAgeMs: z.number(),
    filledSizeMicros: ShareMicrosWire,
    filledNotionalMicros: NotionalMicrosWire,
    feeMicros: NotionalMicrosWire.nullable(),
  }),
  z.strictObject({ kind: z.literal('not-seen'), at: Instant, why: Text }),
]);

/** What became of one live intent: an order, what it would have been, or why there is none. */
export const LiveOrderItem = z.strictObject({
  id: Id.describe('The exchange’s id of the order, or ours where none was made.'),
  state: z.enum(['SHADOW', 'ON']),
  attemptId: Id,
  leader: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  market: Text.nullable(),
  outcome: Text.nullable(),
  side: Side,
  status: OrderStatus,
  reason: ReasonCode.nullable(),
  code: Text.nullable().describe('The exchange’s words in ours, or which limit it was.'),
  orderType: z.enum(['FAK', 'FOK', 'GTC', 'GTD']),
  limitPriceMicros: PriceMicrosWire.describe('What the decision allowed.'),
  priceMicros: PriceMicrosWire.describe('What the order asked for.'),
  sizeMicros: ShareMicrosWire,
  filledSizeMicros: ShareMicrosWire,
  filledNotionalMicros: NotionalMicrosWire,
  feeMicros: NotionalMicrosWire,
  sends: z.int().min(0),
  shadow: ShadowLook.nullable(),
  claimedAt: Instant,
  settledAt: Instant.nullable(),
});
export type LiveOrderItem = z.infer<typeof LiveOrderItem>;

export const LiveOrdersPage = pageOf(LiveOrderItem);
