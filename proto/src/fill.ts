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

export const FillStatus = z.enum(['MATCHED', 'MINED', 'CONFIRMED', 'RETRYING', 'FAILED']);
export type FillStatus = z.infer<typeof FillStatus>;

/** Our part of a trade: simulated on paper, or as the exchange reports it, with how far it has settled. */
export const Fill = z.strictObject({
  fillId: Id,
  status: FillStatus,
  mode: TradingMode,
  scope: Id,
  orderId: Id,
  intentId: Id.nullable(),
  attemptId: Id.nullable(),
  /** Null: not ours to attribute (EXTERNAL). */
  leaderId: Id.nullable(),
  /** UNATTRIBUTED: whoever reports it does not know our orders; portfolio finds out by `orderId`. */
  origin: z.enum(['APP', 'EXTERNAL', 'UNATTRIBUTED']),
  tokenId: TokenId,
  conditionId: ConditionId,
  side: Side,
  priceMicros: PriceMicrosWire,
  sizeMicros: ShareMicrosWire,
  /** price × size, rounded against us: up for a BUY, down for a SELL. */
  notionalMicros: NotionalMicrosWire,
  feeMicros: NotionalMicrosWire,
  liquidity: z.enum(['TAKER', 'MAKER']),
  executedAt: Instant,
});
export type Fill = z.infer<typeof Fill>;
