import { z } from 'zod';
import { TradingMode } from './modes.ts';
import {
  BpsWire,
  ConditionId,
  Id,
  Instant,
  NotionalMicrosWire,
  PriceMicrosWire,
  TokenId,
} from './scalars.ts';

const millis = (most: number) => z.int().min(0).max(most);
const DAY_MS = 86_400_000;
const BLACKLIST_MAX = 10_000;

export const Guardrails = z.strictObject({
  maxCopyAgeMs: millis(DAY_MS),
  maxWorseningMicros: PriceMicrosWire,
  maxOverMidMicros: PriceMicrosWire,
  maxSpreadMicros: PriceMicrosWire,
  minDepthMultiplierBps: BpsWire,
  noNewOpensWithinMinutesToClose: z.int().min(0).max(525_600),
  maxBuyCostPerShareMicros: PriceMicrosWire.nullable(),
  bookFreshnessMs: millis(DAY_MS),
  bookWaitMs: millis(60_000),
  blacklistedMarkets: z.array(ConditionId).max(BLACKLIST_MAX),
  blacklistedTokens: z.array(TokenId).max(BLACKLIST_MAX),
});
export type Guardrails = z.infer<typeof Guardrails>;

export const Sizing = z.strictObject({
  sizingMode: z.enum(['fixedRate']),
  copyPctNotionalBps: BpsWire,
  minTradeNotionalMicros: NotionalMicrosWire,
  maxTradeNotionalMicros: NotionalMicrosWire,
  maxTradeBankrollBps: BpsWire,
  minLeaderTradeNotionalMicros: NotionalMicrosWire,
  sellMode: z.enum(['proportional', 'rate']),
});
export type Sizing = z.infer<typeof Sizing>;

export const PaperExecution = z.strictObject({
  latencyMs: millis(60_000),
  jitterMs: millis(60_000),
  paperIgnoresVenueRules: z.boolean(),
  initialCashMicros: NotionalMicrosWire,
});

/** Everything that decides how one mode copies. One versioned document per mode; leaders override it field by field later. */
export const ModeConfig = z.strictObject({
  mode: TradingMode,
  leaderId: Id.nullable(),
  version: z.int().min(1),
  changedAt: Instant,
  changedBy: z.string().max(200),
  aggregationWindowMs: millis(60_000),
  intentExpiryMs: millis(3_600_000),
  guardrails: Guardrails,
  sizing: Sizing,
  paper: PaperExecution,
});
export type ModeConfig = z.infer<typeof ModeConfig>;

/**
 * What a new installation starts with: the domain rules' own defaults (§2–§5). The gateway writes it once and
 * publishes it; no other service ever falls back to it.
 */
export const INITIAL_CONFIG = {
  aggregationWindowMs: 250,
  intentExpiryMs: 10_000,
  guardrails: {
    maxCopyAgeMs: 120_000,
    maxWorseningMicros: '10000',
    maxOverMidMicros: '15000',
    maxSpreadMicros: '20000',
    minDepthMultiplierBps: '12500',
    noNewOpensWithinMinutesToClose: 30,
    maxBuyCostPerShareMicros: null,
    bookFreshnessMs: 2_000,
    bookWaitMs: 500,
    blacklistedMarkets: [],
    blacklistedTokens: [],
  },
  sizing: {
    sizingMode: 'fixedRate',
    copyPctNotionalBps: '100',
    minTradeNotionalMicros: '5000000',
    maxTradeNotionalMicros: '250000000',
    maxTradeBankrollBps: '75',
    minLeaderTradeNotionalMicros: '0',
    sellMode: 'proportional',
  },
  paper: { latencyMs: 750, jitterMs: 250, paperIgnoresVenueRules: false, initialCashMicros: '10000000000' },
} as const;
