import { z } from 'zod';
import { TradeSource } from '../leader-trade.ts';
import { TradingMode } from '../modes.ts';
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
  TransactionHash,
  Wallet,
} from '../scalars.ts';
import { HopsWire } from '../trace.ts';
import { LeaderFilter, MarketFilter } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

export const TradesQuery = z.strictObject({
  leader: LeaderFilter,
  market: MarketFilter,
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type TradesQuery = z.infer<typeof TradesQuery>;

/** How far one mode is with a trade: in an open group, waiting for market data, in a bucket of small ones, or decided. */
const TradeCopy = z.strictObject({
  tradingMode: TradingMode,
  state: z.enum(['OPEN', 'WAITING', 'BUFFERED', 'DONE']),
  reason: ReasonCode.nullable().describe('BUFFERED while it waits with other small trades.'),
  attemptId: Id.nullable().describe('The attempt that holds it; null until it is decided.'),
});

/** One trade of a leader, or one part of it where a later source knew of more. */
export const TradeItem = z.strictObject({
  id: Id,
  part: z.int().min(1),
  leader: Id,
  wallet: Wallet,
  tokenId: TokenId,
  conditionId: ConditionId,
  market: Text.nullable(),
  outcome: Text.nullable(),
  side: Side,
  priceMicros: PriceMicrosWire,
  sizeMicros: ShareMicrosWire,
  notionalMicros: NotionalMicrosWire,
  transactionHash: TransactionHash,
  source: TradeSource.describe('Who told us first.'),
  baseline: z.boolean().describe('True: history from before the leader was followed, never copied.'),
  occurredAt: Instant,
  detectedAt: Instant,
  copies: z.array(TradeCopy).describe('One for each mode that decides it.'),
  hops: HopsWire,
});
export type TradeItem = z.infer<typeof TradeItem>;

export const TradesPage = pageOf(TradeItem);
