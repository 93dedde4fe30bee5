import { z } from 'zod';
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
} from './scalars.ts';

/** Who told us: logs of the chain, the real-time activity feed, or polling. */
export const TradeSource = z.enum(['chain', 'rtds', 'data-api']);
export type TradeSource = z.infer<typeof TradeSource>;

/**
 * A trade that a followed leader made, once, whoever reported it.
 *
 * When a later source shows a larger sum for the same trade, the missing part follows as a message of its own with
 * the next `part` and `tradeId` `…#2`; sizes of all parts add up to the trade. Source: domain rules §1.
 */
export const LeaderTrade = z.strictObject({
  tradeId: Id,
  part: z.int().min(1).max(1_000),
  leaderId: Id,
  wallet: Wallet,
  tokenId: TokenId,
  conditionId: ConditionId,
  outcome: Text.nullable(),
  side: Side,
  sizeMicros: ShareMicrosWire,
  notionalMicros: NotionalMicrosWire,
  /** Volume-weighted over this part, floored. */
  priceMicros: PriceMicrosWire,
  transactionHash: TransactionHash,
  /** When it happened, as the feed says; whole seconds on most feeds. */
  occurredAt: Instant,
  detectedAt: Instant,
  source: TradeSource,
});
export type LeaderTrade = z.infer<typeof LeaderTrade>;

export const LeaderActivityType = z.enum(['SPLIT', 'MERGE', 'REDEEM', 'CONVERSION', 'TRANSFER', 'OTHER']);

/** Something a leader did that is not a trade: recorded, never copied. */
export const LeaderActivity = z.strictObject({
  activityId: Id,
  leaderId: Id,
  wallet: Wallet,
  type: LeaderActivityType,
  tokenId: TokenId.nullable(),
  conditionId: ConditionId.nullable(),
  sizeMicros: ShareMicrosWire,
  notionalMicros: NotionalMicrosWire,
  transactionHash: TransactionHash,
  occurredAt: Instant,
  detectedAt: Instant,
  source: TradeSource,
  reason: z.literal('MERGE_SPLIT_NOT_APPLICABLE'),
});
export type LeaderActivity = z.infer<typeof LeaderActivity>;
