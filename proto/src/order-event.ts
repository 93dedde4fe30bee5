import { z } from 'zod';
import { TradingMode } from './modes.ts';
import { ReasonCode } from './reasons.ts';
import {
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  ShareMicrosWire,
  Side,
  TokenId,
} from './scalars.ts';

/** REJECTED: the exchange refused it. SKIPPED: we did not send it, and why is its reason. */
export const OrderStatus = z.enum([
  'PENDING',
  'SUBMITTING',
  'SUBMISSION_UNKNOWN',
  'OPEN',
  'PARTIAL',
  'FILLED',
  'CANCELED',
  'REJECTED',
  'SHADOW_ONLY',
  'SKIPPED',
]);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** One step in the life of an order; `version` only grows, so that a late step never moves it back. */
export const OrderEvent = z.strictObject({
  /** On paper ours; live the exchange's, which is the hash of the order and known before it is sent. */
  orderId: Id,
  version: z.int().min(1),
  mode: TradingMode,
  scope: Id,
  intentId: Id,
  attemptId: Id,
  leaderId: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  side: Side,
  status: OrderStatus,
  /** Why it filled less than wanted, when it did. */
  reason: ReasonCode.nullable(),
  limitPriceMicros: PriceMicrosWire,
  sizeMicros: ShareMicrosWire,
  filledSizeMicros: ShareMicrosWire,
  filledNotionalMicros: NotionalMicrosWire,
  feeMicros: NotionalMicrosWire,
  /** How many fills the order has in all, so that a reader knows when it has seen them; 0 for none. */
  fillCount: z.int().min(0),
  leaderPriceMicros: PriceMicrosWire,
  at: Instant,
});
export type OrderEvent = z.infer<typeof OrderEvent>;

/** Statuses after which nothing follows. */
export const FINAL_STATUSES: ReadonlySet<OrderStatus> = new Set([
  'FILLED',
  'CANCELED',
  'REJECTED',
  'SHADOW_ONLY',
  'SKIPPED',
]);
