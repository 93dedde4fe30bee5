import { z } from 'zod';
import { bpsWithin, ConditionId, priceWithin, TokenId } from '../scalars.ts';

/** Both lists of a full document stay within one request and one message. */
const BLACKLIST_MAX = 300;
const YEAR_MINUTES = 525_600;
/** All of the equity: a cap above it would be none. */
const WHOLE_BPS = 10_000n;
/** A copy a quarter of a dollar worse than the leader's price is no copy. */
const WORSENING_MOST = 250_000n;
const SPREAD_MOST = 500_000n;
/** A tenth of our own order in the book is the least that can be called depth. */
const DEPTH_LEAST_BPS = 1_000n;
const DEPTH_MOST_BPS = 1_000_000n;

/** What stops a copy. Limits lie where a wider one would switch the check off. Source: domain rules §4. */
export const Guardrails = z.strictObject({
  maxCopyAgeMs: z.int().min(1_000).max(3_600_000),
  maxWorseningMicros: priceWithin(0n, WORSENING_MOST),
  maxOverMidMicros: priceWithin(0n, WORSENING_MOST),
  maxSpreadMicros: priceWithin(0n, SPREAD_MOST),
  minDepthMultiplierBps: bpsWithin(DEPTH_LEAST_BPS, DEPTH_MOST_BPS),
  noNewOpensWithinMinutesToClose: z.int().min(0).max(YEAR_MINUTES),
  /** Null: no limit. */
  maxBuyCostPerShareMicros: priceWithin(1n, 1_000_000n).nullable(),
  bookFreshnessMs: z.int().min(100).max(60_000),
  bookWaitMs: z.int().min(0).max(10_000),
  /** Of equity, after the copy; what is decided and not booked yet counts. */
  maxTotalExposureBps: bpsWithin(0n, WHOLE_BPS),
  maxMarketExposureBps: bpsWithin(0n, WHOLE_BPS),
  maxLeaderExposureBps: bpsWithin(0n, WHOLE_BPS),
  /** Of the equity at the start of the day (UTC), or of the week (Monday, UTC). */
  maxDailyLossBps: bpsWithin(0n, WHOLE_BPS),
  maxWeeklyLossBps: bpsWithin(0n, WHOLE_BPS),
  /** Of the highest equity so far. */
  maxDrawdownBps: bpsWithin(0n, WHOLE_BPS),
  blacklistedMarkets: z.array(ConditionId).max(BLACKLIST_MAX),
  blacklistedTokens: z.array(TokenId).max(BLACKLIST_MAX),
});
export type Guardrails = z.infer<typeof Guardrails>;
