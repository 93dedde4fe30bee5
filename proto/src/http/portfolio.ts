import { z } from 'zod';
import { TradingMode } from '../modes.ts';
import {
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  ShareMicrosWire,
  Text,
  TokenId,
  UsdMicrosWire,
} from '../scalars.ts';
import { LeaderFilter, ModeOfAccount } from './filters.ts';
import { After, Limit, pageOf, Since, Until } from './paging.ts';

/** Positions that one answer shows, the most valuable first; figures always cover all of them. */
export const POSITIONS_SHOWN_MAX = 1_000;

export const PortfolioQuery = z.strictObject({ tradingMode: ModeOfAccount });
export type PortfolioQuery = z.infer<typeof PortfolioQuery>;

/** What we hold of one token because of one leader. */
export const PositionItem = z.strictObject({
  leader: Id.nullable(),
  leaderLabel: z.string().nullable(),
  tokenId: TokenId,
  conditionId: ConditionId,
  market: Text.nullable(),
  outcome: Text.nullable(),
  sharesMicros: ShareMicrosWire,
  costMicros: UsdMicrosWire,
  averageCostMicros: NotionalMicrosWire.describe('Per share.'),
  markMicros: PriceMicrosWire.nullable().describe('Null: unpriced, which is not zero.'),
  markAt: Instant.nullable(),
  markAgeMs: z.int().min(0).nullable(),
  markSource: z.string().nullable(),
  valueMicros: NotionalMicrosWire.nullable(),
  unrealizedPnlMicros: UsdMicrosWire.nullable(),
  realizedPnlMicros: UsdMicrosWire,
  feesMicros: NotionalMicrosWire,
  openedAt: Instant,
  updatedAt: Instant,
});
export type PositionItem = z.infer<typeof PositionItem>;

/** One mode's account now. Figures that rest on something unknown are null, never guessed. */
export const PortfolioReply = z.strictObject({
  tradingMode: TradingMode,
  scope: Id,
  cashMicros: UsdMicrosWire.nullable().describe('Null: this mode has no account yet.'),
  depositedMicros: UsdMicrosWire.nullable(),
  exposureMicros: NotionalMicrosWire.describe('Σ |shares × mark| over priced positions.'),
  equityMicros: UsdMicrosWire.nullable().describe('Cash and positions; null while a position has no mark.'),
  peakEquityMicros: UsdMicrosWire.nullable().describe(
    'Deposits and the most profit after fees there has been.',
  ),
  drawdownMicros: NotionalMicrosWire.nullable().describe('What equity is below its peak.'),
  realizedPnlMicros: UsdMicrosWire.nullable(),
  unrealizedPnlMicros: UsdMicrosWire.nullable(),
  totalPnlMicros: UsdMicrosWire.nullable(),
  feesMicros: NotionalMicrosWire.nullable(),
  openPositions: z.int().min(0),
  unpricedPositions: z.int().min(0),
  version: z.string().nullable().describe('Grows with every booking.'),
  updatedAt: Instant.nullable(),
  asOf: Instant,
  positions: z.array(PositionItem).max(POSITIONS_SHOWN_MAX),
});
export type PortfolioReply = z.infer<typeof PortfolioReply>;

export const SnapshotsQuery = z.strictObject({
  tradingMode: ModeOfAccount,
  leader: LeaderFilter,
  since: Since,
  until: Until,
  limit: Limit,
  after: After,
});
export type SnapshotsQuery = z.infer<typeof SnapshotsQuery>;

/** The account, or one leader’s slice of it, at the end of a minute. A minute without a row repeats the one before. */
export const SnapshotItem = z.strictObject({
  tradingMode: TradingMode,
  scope: Id,
  leader: Id.nullable().describe('Null: the whole account.'),
  bucketTime: Instant,
  cashMicros: UsdMicrosWire,
  exposureMicros: NotionalMicrosWire,
  equityMicros: UsdMicrosWire.nullable(),
  realizedPnlMicros: UsdMicrosWire,
  unrealizedPnlMicros: UsdMicrosWire.nullable(),
  feesMicros: NotionalMicrosWire,
  openPositions: z.int().min(0),
  unpricedPositions: z.int().min(0),
});
export type SnapshotItem = z.infer<typeof SnapshotItem>;

export const SnapshotsPage = pageOf(SnapshotItem);
