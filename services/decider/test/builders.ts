import { newTrace } from '@slipstream/bus';
import { bps, price, shares, usd } from '@slipstream/money';
import {
  INITIAL_RULES,
  LeaderConfig,
  type LeaderTrade,
  LIVE_SCOPE,
  ModeConfig,
  PAPER_SCOPE,
  type TradingMode,
} from '@slipstream/proto';
import type { Arrival, Group } from '../src/core/group.ts';
import type { BookFacts, ConfigFacts, DecisionInputs, Exposure, GroupFacts } from '../src/core/inputs.ts';
import type { AccountName } from '../src/core/route.ts';

export const NOW = new Date('2026-11-20T12:00:00.000Z');
export const LEADER = 'L1';
export const TOKEN = '111';
export const CONDITION = `0x${'c'.repeat(64)}`;

/** The account of PAPER, and the wallet that an installation with one has. */
export const PAPER: AccountName = { mode: 'PAPER', scope: PAPER_SCOPE };
export const LIVE: AccountName = { mode: 'LIVE', scope: LIVE_SCOPE };

const hex = (n: number): string => n.toString(16).padStart(64, '0');

/** The n-th trade of a leader: 100 shares at 0.50, unless said otherwise. */
export function aTrade(n: number, over: Partial<LeaderTrade> = {}): LeaderTrade {
  return {
    tradeId: `lt_${n}`,
    part: 1,
    leaderId: LEADER,
    wallet: `0x${'a'.repeat(40)}`,
    tokenId: TOKEN,
    conditionId: CONDITION,
    outcome: 'Yes',
    side: 'BUY',
    sizeMicros: shares(100_000_000n),
    notionalMicros: usd(50_000_000n),
    priceMicros: price(500_000n),
    transactionHash: `0x${hex(n)}`,
    occurredAt: NOW.toISOString(),
    detectedAt: NOW.toISOString(),
    source: 'rtds',
    ...over,
  };
}

export const anArrival = (n: number, over: Partial<LeaderTrade> = {}): Arrival => {
  const trade = aTrade(n, over);
  return { trade, trace: newTrace(trade.tradeId), partition: 0 };
};

/** An open group of one trade, due now. */
export function aGroup(n: number, over: Partial<Group> = {}): Group {
  const { trade, trace } = anArrival(n, over.side === undefined ? {} : { side: over.side });
  return {
    mode: 'PAPER',
    groupKey: `g:${trade.tradeId}`,
    source: 'TRADES',
    partition: 0,
    leaderId: trade.leaderId,
    tokenId: trade.tokenId,
    conditionId: trade.conditionId,
    side: trade.side,
    status: 'OPEN',
    openedAt: NOW,
    dueAt: NOW,
    wakeAt: NOW,
    waitingSince: null,
    sizeMicros: trade.sizeMicros,
    notionalMicros: trade.notionalMicros,
    tradeIds: [trade.tradeId],
    leaderHeldMicros: shares(0n),
    occurredAt: NOW,
    detectedAt: NOW,
    trace,
    buffered: null,
    ...over,
  };
}

/** The domain rules' own defaults, except a bankroll part that does not cut. */
export const CONFIG: ConfigFacts = {
  version: 3,
  leaderVersion: null,
  sale: null,
  intentExpiryMs: 10_000,
  guardrails: {
    maxCopyAgeMs: 120_000,
    maxWorseningMicros: price(10_000n),
    maxOverMidMicros: price(15_000n),
    maxSpreadMicros: price(20_000n),
    minDepthMultiplierBps: bps(12_500n),
    noNewOpensWithinMinutesToClose: 30,
    maxBuyCostPerShareMicros: null,
    bookFreshnessMs: 2_000,
    bookWaitMs: 500,
    maxTotalExposureBps: bps(7_000n),
    maxMarketExposureBps: bps(500n),
    maxLeaderExposureBps: bps(2_000n),
    maxDailyLossBps: bps(300n),
    maxWeeklyLossBps: bps(800n),
    maxDrawdownBps: bps(1_200n),
  },
  sizing: {
    sizingMode: 'fixedRate',
    copyPctNotionalBps: bps(100n),
    minTradeNotionalMicros: usd(5_000_000n),
    maxTradeNotionalMicros: usd(250_000_000n),
    maxTradeBankrollBps: bps(75n),
    minLeaderTradeNotionalMicros: usd(0n),
    sellMode: 'proportional',
    budgetMicros: null,
    budgetRMinBps: bps(0n),
    budgetRMaxBps: bps(100n),
    budgetEnforcement: 'hard',
  },
};

/** The rules of a new installation, with some of them changed; as JSON would hold them. */
export const aModeConfig = (mode: TradingMode = 'PAPER', over: object = {}): ModeConfig =>
  ModeConfig.parse({
    mode,
    leaderId: null,
    version: CONFIG.version,
    changedAt: NOW.toISOString(),
    changedBy: 'test',
    rules: {
      ...INITIAL_RULES,
      paper: { ...INITIAL_RULES.paper, latencyMs: 0, jitterMs: 0 },
      ...over,
    },
  });

/** What the leader has otherwise in PAPER; as JSON would hold it. */
export const aLeaderConfig = (rules: object = {}): LeaderConfig =>
  LeaderConfig.parse({
    mode: 'PAPER',
    leaderId: LEADER,
    version: 9,
    changedAt: NOW.toISOString(),
    changedBy: 'test',
    rules,
  });

/** 0.49 / 0.50 and deep. */
export const BOOK: BookFacts = {
  state: 'live',
  bids: [[price(490_000n), shares(1_000_000_000n)]],
  asks: [[price(500_000n), shares(1_000_000_000n)]],
  ageMs: 0,
};

export const groupFacts = (over: Partial<GroupFacts> = {}): GroupFacts => ({
  groupKey: 'g:lt_1',
  leaderId: LEADER,
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  sizeMicros: shares(2_000_000_000n),
  notionalMicros: usd(1_000_000_000n),
  priceMicros: price(500_000n),
  occurredAt: NOW.toISOString(),
  leaderHeldMicros: shares(0n),
  flush: null,
  isExit: false,
  ...over,
});

const NO_EXPOSURE: Exposure = { bookedMicros: usd(0n), reservedMicros: usd(0n) };

/** A BUY that is copied: the leader bought for 1 000 dollars at 0.50, we have 10 000 in cash. */
export const someInputs = (over: Partial<DecisionInputs> = {}): DecisionInputs => ({
  mode: 'PAPER',
  scope: PAPER_SCOPE,
  now: NOW.toISOString(),
  waited: false,
  group: groupFacts(),
  switches: { copyEngineEnabled: true, entriesPaused: false },
  leader: { enabled: true, entriesPaused: false },
  live: null,
  stopped: false,
  leaderWorthMicros: null,
  config: CONFIG,
  blacklisted: false,
  market: {
    version: 'v_1',
    endsAt: '2026-12-31T00:00:00.000Z',
    closed: false,
    feeRateMicros: 50_000n,
    feeExponent: 1,
  },
  book: BOOK,
  account: {
    version: 7n,
    cashMicros: usd(10_000_000_000n),
    reservedCashMicros: usd(0n),
    worthMicros: usd(0n),
    unpricedPositions: 0,
    depositedMicros: usd(10_000_000_000n),
    dayProfitMicros: usd(0n),
    weekProfitMicros: usd(0n),
    peakProfitMicros: usd(0n),
  },
  position: { sharesMicros: shares(0n), reservedMicros: shares(0n) },
  exposure: { total: NO_EXPOSURE, market: NO_EXPOSURE, leader: NO_EXPOSURE },
  ...over,
});

/** A SELL of everything that the leader is known to hold; we hold 40 shares from him. */
export const someSale = (over: Partial<DecisionInputs> = {}): DecisionInputs =>
  someInputs({
    group: groupFacts({
      side: 'SELL',
      priceMicros: price(490_000n),
      leaderHeldMicros: shares(2_000_000_000n),
    }),
    position: { sharesMicros: shares(40_000_000n), reservedMicros: shares(0n) },
    ...over,
  });

export const withGuardrails = (over: Partial<ConfigFacts['guardrails']>): ConfigFacts => ({
  ...CONFIG,
  guardrails: { ...CONFIG.guardrails, ...over },
});
export const withSizing = (over: Partial<ConfigFacts['sizing']>): ConfigFacts => ({
  ...CONFIG,
  sizing: { ...CONFIG.sizing, ...over },
});

export const level = (at: bigint, size: bigint) => [price(at), shares(size)] as const;
