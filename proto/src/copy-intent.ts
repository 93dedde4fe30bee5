import { z } from 'zod';
import { TradingMode } from './modes.ts';
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

/** The decider's command to copy one leader group, once, in one mode. */
export const CopyIntent = z.strictObject({
  intentId: Id,
  attemptId: Id,
  mode: TradingMode,
  scope: Id,
  leaderId: Id,
  groupKey: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  side: Side,
  targetSizeMicros: ShareMicrosWire,
  targetNotionalMicros: NotionalMicrosWire,
  /** BUY: the most we pay for a share. SELL: the least we take. */
  limitPriceMicros: PriceMicrosWire,
  /** The leader's average price: what slippage is measured against. */
  leaderPriceMicros: PriceMicrosWire,
  configVersion: z.int().min(1),
  decidedAt: Instant,
  expiresAt: Instant,
});
export type CopyIntent = z.infer<typeof CopyIntent>;
