import { z } from 'zod';
import { TradingMode } from './modes.ts';
import { ReasonCode, ReasonDetail } from './reasons.ts';
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

/** How its trades came together; CAPITAL_STOP has none: it sells what we hold from a leader whose stop has tripped. */
export const SourceType = z.enum(['IMMEDIATE', 'AGGREGATOR', 'BUFFER', 'CAPITAL_STOP']);
export type SourceType = z.infer<typeof SourceType>;

/** Parts that one group may hold; a burst beyond it opens the next group. */
export const GROUP_PARTS_MAX = 500;

/** What was decided for one leader group in one mode: to copy it, or why not. */
export const CopyAttempt = z.strictObject({
  attemptId: Id,
  mode: TradingMode,
  scope: Id,
  leaderId: Id,
  groupKey: Id,
  tokenId: TokenId,
  conditionId: ConditionId,
  side: Side,
  decision: z.enum(['EXECUTE', 'SKIP']),
  /** Empty for EXECUTE, at least one for SKIP. */
  reasons: z.array(ReasonCode).max(20),
  /** What makes the reasons more exact. */
  details: z.array(ReasonDetail).max(20),
  sourceType: SourceType,
  /** The parts of leader trades in this group, in the order of their arrival; none for CAPITAL_STOP. */
  tradeIds: z.array(Id).max(GROUP_PARTS_MAX),
  leaderSizeMicros: ShareMicrosWire,
  leaderNotionalMicros: NotionalMicrosWire,
  leaderPriceMicros: PriceMicrosWire,
  /** Null when the decision ended before sizing. */
  targetNotionalMicros: NotionalMicrosWire.nullable(),
  targetSizeMicros: ShareMicrosWire.nullable(),
  limitPriceMicros: PriceMicrosWire.nullable(),
  /** Set for EXECUTE only. */
  intentId: Id.nullable(),
  configVersion: z.int().min(0),
  occurredAt: Instant,
  detectedAt: Instant,
  openedAt: Instant,
  decidedAt: Instant,
});
export type CopyAttempt = z.infer<typeof CopyAttempt>;
