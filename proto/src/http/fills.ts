import { z } from 'zod';
import { TradingMode } from '../modes.ts';
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
import { LeaderFilter, MarketFilter, ModeFilter } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

export const FillsQuery = z.strictObject({
  tradingMode: ModeFilter,
  leader: LeaderFilter,
  market: MarketFilter,
  attempt: Id.optional().describe('Only the fills of this attempt.'),
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type FillsQuery = z.infer<typeof FillsQuery>;

/** One of our fills: one level of the book that one of our orders took. */
export const FillItem = z.strictObject({
  id: Id,
  tradingMode: TradingMode,
  orderId: Id,
  attemptId: Id,
  leader: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  market: Text.nullable(),
  outcome: Text.nullable(),
  side: Side,
  priceMicros: PriceMicrosWire,
  sizeMicros: ShareMicrosWire,
  notionalMicros: NotionalMicrosWire,
  feeMicros: NotionalMicrosWire,
  executedAt: Instant,
});
export type FillItem = z.infer<typeof FillItem>;

export const FillsPage = pageOf(FillItem);
