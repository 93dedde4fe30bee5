import { z } from 'zod';
import { SourceType } from '../copy-attempt.ts';
import { TradingMode } from '../modes.ts';
import { OrderStatus } from '../order-event.ts';
import { ReasonCode, ReasonDetail } from '../reasons.ts';
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
  UsdMicrosWire,
} from '../scalars.ts';
import { HopsWire } from '../trace.ts';
import { FillItem } from './fills.ts';
import { LeaderFilter, MarketFilter, ModeFilter } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';
import { TradeItem } from './trades.ts';

const Decision = z.enum(['EXECUTE', 'SKIP']);

export const CopyAttemptsQuery = z.strictObject({
  tradingMode: ModeFilter,
  decision: Decision.optional(),
  leader: LeaderFilter,
  market: MarketFilter,
  reason: ReasonCode.optional().describe('Only attempts that have this reason, alone or among others.'),
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type CopyAttemptsQuery = z.infer<typeof CopyAttemptsQuery>;

/** When each step of a copy happened, by the clock of the services; null: not yet, or never. */
const AttemptTimes = z.strictObject({
  occurredAt: Instant.describe('The leader traded.'),
  detectedAt: Instant.describe('We first saw it.'),
  openedAt: Instant.describe('Its group was opened.'),
  decidedAt: Instant,
  orderAt: Instant.nullable().describe('Our order was received.'),
  executedAt: Instant.nullable(),
  bookedAt: Instant.nullable().describe('It was last booked in the ledger.'),
});

/** One leader group in one mode: what was decided, and what came of it. */
export const CopyAttemptItem = z.strictObject({
  id: Id,
  tradingMode: TradingMode,
  leader: Id,
  leaderLabel: z.string().nullable(),
  tokenId: TokenId,
  conditionId: ConditionId,
  market: Text.nullable().describe('The question; null until the market’s data is known.'),
  outcome: Text.nullable(),
  side: Side,
  decision: Decision,
  reasons: z.array(ReasonCode).max(20),
  details: z.array(ReasonDetail).max(20).describe('What makes the reasons more exact.'),
  sourceType: SourceType,
  partCount: z.int().min(0).describe('Leader trades in this group; none for a capital stop.'),
  tradeIds: z.array(Id),
  leaderPriceMicros: PriceMicrosWire,
  leaderSizeMicros: ShareMicrosWire,
  leaderNotionalMicros: NotionalMicrosWire,
  targetNotionalMicros: NotionalMicrosWire.nullable().describe('Null: decided before sizing.'),
  targetSizeMicros: ShareMicrosWire.nullable(),
  limitPriceMicros: PriceMicrosWire.nullable(),
  filledSizeMicros: ShareMicrosWire,
  filledNotionalMicros: NotionalMicrosWire.describe('"0" when nothing was filled.'),
  averagePriceMicros: PriceMicrosWire.nullable().describe('Of our fills; null without fills.'),
  feeMicros: NotionalMicrosWire,
  slippageMicros: UsdMicrosWire.nullable().describe(
    'Per share, against the leader’s price: positive is worse for us.',
  ),
  copyLagMs: z.int().nullable().describe('From the leader’s trade to our execution.'),
  intentId: Id.nullable(),
  orderId: Id.nullable(),
  orderStatus: OrderStatus.nullable(),
  orderReason: ReasonCode.nullable().describe('Why it filled less than wanted, when it did.'),
  configVersion: z.int().min(0),
  times: AttemptTimes,
  hops: HopsWire.describe('The machine’s microseconds at each hop, for measurement.'),
});
export type CopyAttemptItem = z.infer<typeof CopyAttemptItem>;

export const CopyAttemptsPage = pageOf(CopyAttemptItem);

/** One attempt with everything its decision used, so that it can be understood and replayed. */
export const CopyAttemptDetail = CopyAttemptItem.extend({
  groupKey: Id,
  correlationId: Id,
  inputs: z.unknown().describe('All inputs of the decision, as they were stored with it.'),
  trades: z.array(TradeItem),
  fills: z.array(FillItem),
});
export type CopyAttemptDetail = z.infer<typeof CopyAttemptDetail>;
