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

/**
 * What a reorganisation of the chain took back of a trade that was published: the compensation.
 *
 * It says how much, not which parts: a trade's published size less its removals is what stands. Should the same log
 * come back in another block, nothing is published anew; the removal is marked as restored where it is kept.
 * Source: domain rules §1.
 */
export const LeaderTradeRemoved = z.strictObject({
  /** The trade without its part. */
  tradeId: Id,
  /** Which removal of this trade it is. */
  removal: z.int().min(1).max(1_000),
  leaderId: Id,
  wallet: Wallet,
  tokenId: TokenId,
  side: Side,
  sizeMicros: ShareMicrosWire,
  notionalMicros: NotionalMicrosWire,
  transactionHash: TransactionHash,
  removedAt: Instant,
  source: z.literal('chain'),
  reason: z.literal('REORG'),
});
export type LeaderTradeRemoved = z.infer<typeof LeaderTradeRemoved>;

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
