import { z } from 'zod';
import { TradeSource } from '../leader-trade.ts';
import { TradingMode } from '../modes.ts';
import { ReasonCode } from '../reasons.ts';
import { BpsWire, Id, Instant, NotionalMicrosWire, ShareMicrosWire, UsdMicrosWire } from '../scalars.ts';
import { ModeOfAccount } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

/** Days of leader trades that one answer is about when nobody says, and at most. */
export const QUALITY_DAYS_DEFAULT = 7;
export const QUALITY_DAYS_MAX = 90;

/** Where one bucket of slippage ends and the next begins, in micros of price. From 0 to 1 lies “his price exactly”. */
export const SLIPPAGE_EDGES_MICROS = [
  -20_000n,
  -10_000n,
  -5_000n,
  -1_000n,
  0n,
  1n,
  1_000n,
  5_000n,
  10_000n,
  20_000n,
  50_000n,
] as const;

/** Where one bucket of copy lag ends and the next begins. The last is the age at which a trade is not copied by default. */
export const COPY_LAG_EDGES_MS = [
  250, 500, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000, 120_000,
] as const;

/** What a copied trade passes, in this order: a step of its delay lies between each two. */
export const COPY_HOPS = [
  'event',
  'seen',
  'published',
  'received',
  'decided',
  'intended',
  'accepted',
  'executed',
  'booked',
] as const;
export const CopyHop = z.enum(COPY_HOPS);
export type CopyHop = z.infer<typeof CopyHop>;

const WINDOW = `by when the leader traded; ${QUALITY_DAYS_MAX} days at most`;
const window = {
  tradingMode: ModeOfAccount,
  since: Since.describe(
    `Trades at or after this instant, ${WINDOW}; ${QUALITY_DAYS_DEFAULT} days before \`until\` when left out.`,
  ),
  until: Until.describe('Trades before this instant; now when left out.'),
};

export const QualityQuery = z.strictObject(window);
export type QualityQuery = z.infer<typeof QualityQuery>;

export const QualitiesQuery = z.strictObject({ ...window, limit: Limit, after: After });
export type QualitiesQuery = z.infer<typeof QualitiesQuery>;

const Count = z.int().min(0);
const Ms = z.number();
const Tally = z.strictObject({ trades: Count, notionalMicros: NotionalMicrosWire });

/** The leader's trades, and what became of them: seen = copied fully + copied partly + missed. */
export const TradeOutcomes = z.strictObject({
  seen: Tally.describe('His trades as we know them, without the history from before we followed him.'),
  decided: Tally.describe('Those with a decision in this mode, for every part of them.'),
  copiedFully: Tally.describe('Our orders for all of it are filled whole.'),
  copiedPartly: Tally.describe('Something of it is filled, and not all.'),
  missed: Tally.describe('Nothing of it is filled, or not yet.'),
  missedTradesBps: BpsWire.nullable().describe('Missed of seen, by count; null when none was seen.'),
  missedNotionalBps: BpsWire.nullable().describe('Missed of seen, by notional.'),
});
export type TradeOutcomes = z.infer<typeof TradeOutcomes>;

/** A reason code, or one of: waiting for a decision, waiting for its order to end, ended without a fill and a reason. */
export const MissReason = z.enum([
  ...ReasonCode.options,
  'NOT_DECIDED_YET',
  'NOT_EXECUTED_YET',
  'NOTHING_FILLED',
]);
export type MissReason = z.infer<typeof MissReason>;

export const MissedBy = z.strictObject({
  reason: MissReason,
  trades: Count.describe('Missed trades of which this is the first reason: over all reasons they add up.'),
  notionalMicros: NotionalMicrosWire.describe('The leader’s notional of these.'),
  alsoTrades: Count.describe('Missed trades that had this reason besides their first.'),
});
export type MissedBy = z.infer<typeof MissedBy>;

/** Our average price against the leader's, over the attempts of which something is filled. Positive is worse for us. */
export const SlippageSummary = z.strictObject({
  copies: Count,
  sizeMicros: ShareMicrosWire.describe('Shares that we traded.'),
  notionalMicros: NotionalMicrosWire,
  feeMicros: NotionalMicrosWire.describe('Fees, which are in none of the other figures.'),
  costOfDelayMicros: UsdMicrosWire.describe('Dollars more than at the leader’s prices; negative: less.'),
  meanMicros: UsdMicrosWire.nullable().describe('Per share, weighted by shares; null without copies.'),
  medianMicros: UsdMicrosWire.nullable().describe('Per share; half of the copies are at most this.'),
  p90Micros: UsdMicrosWire.nullable(),
  worstMicros: UsdMicrosWire.nullable(),
});
export type SlippageSummary = z.infer<typeof SlippageSummary>;

const Slippage = SlippageSummary.extend({
  histogram: z
    .array(
      z.strictObject({
        fromMicros: UsdMicrosWire.nullable().describe('Inside; null: however low.'),
        belowMicros: UsdMicrosWire.nullable().describe('Outside; null: however high.'),
        copies: Count,
      }),
    )
    .length(SLIPPAGE_EDGES_MICROS.length + 1)
    .describe('Copies by slippage per share.'),
});

/** What the orders that have ended filled of their targets. */
export const FillRate = z.strictObject({
  ordersEnded: Count,
  targetNotionalMicros: NotionalMicrosWire,
  filledNotionalMicros: NotionalMicrosWire,
  fillRateBps: BpsWire.nullable().describe('Filled of target; over 10000 where we paid more than planned.'),
});
export type FillRate = z.infer<typeof FillRate>;

export const TargetCuts = z.strictObject({
  sized: Count.describe('Attempts that got as far as a target.'),
  cut: Count.describe('Those whose target the largest trade, bankroll, budget or what we hold made smaller.'),
  cutBps: BpsWire.nullable(),
});
export type TargetCuts = z.infer<typeof TargetCuts>;

export const Quantiles = z.strictObject({
  count: Count,
  p50Ms: Ms.nullable(),
  p90Ms: Ms.nullable(),
  p99Ms: Ms.nullable(),
});
export type Quantiles = z.infer<typeof Quantiles>;

const DelayStep = Quantiles.extend({ from: CopyHop, to: CopyHop });

/** From the leader's trade to our booking, over the attempts of which something is filled. */
export const CopyLag = Quantiles.extend({
  histogram: z
    .array(
      z.strictObject({
        fromMs: Ms.nullable().describe('Inside; null: however low.'),
        belowMs: Ms.nullable().describe('Outside; null: however high.'),
        copies: Count,
      }),
    )
    .length(COPY_LAG_EDGES_MS.length + 1),
});
export type CopyLag = z.infer<typeof CopyLag>;

export const SourceDelays = z.strictObject({
  source: TradeSource.describe('Who told us first.'),
  steps: z.array(DelayStep).length(COPY_HOPS.length - 1),
  copyLag: CopyLag,
});
export type SourceDelays = z.infer<typeof SourceDelays>;

const scope = { tradingMode: TradingMode, since: Instant, until: Instant };

/** How well one leader is copied in one mode: see docs/copy-quality.md for every formula. */
export const QualityReply = z.strictObject({
  leader: Id,
  leaderLabel: z.string(),
  ...scope,
  trades: TradeOutcomes,
  missedBy: z.array(MissedBy).max(MissReason.options.length),
  slippage: Slippage,
  fills: FillRate,
  targets: TargetCuts,
  copyLag: CopyLag,
  delays: z.array(SourceDelays).length(TradeSource.options.length),
});
export type QualityReply = z.infer<typeof QualityReply>;

/** The same, small. */
export const QualityItem = z.strictObject({
  leader: Id,
  leaderLabel: z.string(),
  trades: TradeOutcomes,
  slippage: SlippageSummary,
  fills: FillRate,
  copyLag: Quantiles,
});
export type QualityItem = z.infer<typeof QualityItem>;

/** In the order of the leaders' ids. `since` and `until` given with every page keep the window still. */
export const QualityPage = pageOf(QualityItem).extend(scope);
export type QualityPage = z.infer<typeof QualityPage>;
