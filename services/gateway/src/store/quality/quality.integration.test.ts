import { type Database, migrate, openDatabase } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { QualitiesQuery, QualityPage, QualityReply } from '@slipstream/proto/http';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Window } from '../../core/quality-window.ts';
import { putAttempt, putExecution, putLeader, putTrade, sizedBy } from '../../testing/quality-rows.ts';
import { readQualities, readQuality } from './quality.ts';

const WINDOW: Window = { since: new Date('2026-11-20T00:00:00Z'), until: new Date('2026-11-22T00:00:00Z') };
const BEFORE = '2026-11-19T23:59:59.999Z';
const FIXED = { sizingMode: 'fixedRate' };
const BUDGETED = { sizingMode: 'budgetedDynamic', budgetMicros: '1000000', budgetRMinBps: '0' };

let postgres: TestServer;
let db: Database;

/** A BUY filled whole at a cent more; wanted the least trade, and got it. */
async function putBuy(): Promise<void> {
  await putTrade(db, { id: 'lt_1', notional: 10_000_000, unseenMs: 1_500 });
  await putAttempt(db, {
    id: 'ca_1',
    tradeIds: ['lt_1'],
    leaderNotional: 10_000_000,
    targetNotional: 5_000_000,
    targetSize: 10_000_000,
    inputs: sizedBy({ ...FIXED, copyPctNotionalBps: '100', minTradeNotionalMicros: '5000000' }),
    hops: { seen: 1_000_000, published: 1_000_450, received: 1_001_000, decided: 1_251_000 },
  });
  await putExecution(db, {
    attempt: 'ca_1',
    status: 'FILLED',
    size: 10_000_000,
    notional: 5_100_000,
    fee: 1_000,
    hops: { intended: 1_252_000, accepted: 1_253_000, executed: 2_003_000, booked: 2_010_000 },
  });
  await putAttempt(db, { id: 'ca_1l', tradingMode: 'LIVE', tradeIds: ['lt_1'], reasons: ['LIVE_MODE_OFF'] });
}

/** Two trades of a buffer, sold in part at half a cent less; cut to what we held. */
async function putBufferedSell(): Promise<void> {
  await putTrade(db, { id: 'lt_2', notional: 1_000_000, source: 'chain', unseenMs: 300 });
  await putTrade(db, { id: 'lt_3', notional: 2_000_000 });
  await putAttempt(db, {
    id: 'ca_2',
    side: 'SELL',
    tradeIds: ['lt_2', 'lt_3'],
    leaderNotional: 3_000_000,
    leaderPrice: 600_000,
    targetNotional: 2_400_000,
    targetSize: 4_000_000,
    inputs: sizedBy({ ...FIXED, sellMode: 'rate' }, { group: { flush: { scaledMicros: '3000000' } } }),
    hops: { seen: 5_000_000, published: 5_001_000, received: 5_002_000, decided: 5_900_000 },
  });
  await putExecution(db, {
    attempt: 'ca_2',
    status: 'PARTIAL',
    reason: 'INSUFFICIENT_DEPTH',
    size: 3_000_000,
    notional: 1_785_001,
    fee: 500,
    hops: { intended: 5_901_000, accepted: 5_902_000, executed: 6_702_000, booked: 6_702_500 },
  });
}

/** A BUY at a better price, and a trade whose second part alone was copied, at his price. */
async function putGoodCopies(): Promise<void> {
  await putTrade(db, { id: 'lt_4', notional: 4_000_000, source: 'data-api', unseenMs: 40_000 });
  await putAttempt(db, {
    id: 'ca_4',
    tradeIds: ['lt_4'],
    leaderNotional: 4_000_000,
    leaderPrice: 400_000,
    targetNotional: 1_000_001,
    targetSize: 2_500_001,
    inputs: sizedBy({ ...FIXED, copyPctNotionalBps: '2500' }),
    hops: { seen: 1 },
  });
  await putExecution(db, {
    attempt: 'ca_4',
    status: 'FILLED',
    size: 2_500_001,
    notional: 999_990,
    hops: { booked: 500_001 },
  });
  await putTrade(db, { id: 'lt_11', notional: 1_000_000 });
  await putAttempt(db, { id: 'ca_11', tradeIds: ['lt_11'], reasons: ['LEADER_TRADE_TOO_OLD'] });
  await putTrade(db, { id: 'lt_11#2', part: 2, notional: 1_000_000, source: 'chain', unseenMs: 2_000 });
  await putAttempt(db, {
    id: 'ca_11b',
    tradeIds: ['lt_11#2'],
    targetNotional: 500_000,
    targetSize: 1_000_000,
  });
  await putExecution(db, { attempt: 'ca_11b', status: 'FILLED', size: 1_000_000, notional: 500_000 });
}

/** Six trades of which nothing is copied, each in its own way. */
async function putMisses(): Promise<void> {
  await putTrade(db, { id: 'lt_5', notional: 7_000_000 });
  await putAttempt(db, {
    id: 'ca_5',
    side: 'SELL',
    tradeIds: ['lt_5'],
    reasons: ['SPREAD_TOO_WIDE', 'INSUFFICIENT_DEPTH'],
    leaderNotional: 7_000_000,
    targetNotional: 500,
    targetSize: 1_000,
    inputs: sizedBy({ ...FIXED, copyPctNotionalBps: '10000' }),
  });
  await putTrade(db, { id: 'lt_6', notional: 1_000_000 });
  await putAttempt(db, {
    id: 'ca_6',
    tradeIds: ['lt_6'],
    reasons: ['SPREAD_TOO_WIDE'],
    hops: { seen: 10, published: 1_010 },
  });
  await putTrade(db, { id: 'lt_7', notional: 3_000_000, source: 'chain', unseenMs: 500 });
  await putAttempt(db, {
    id: 'ca_7',
    tradeIds: ['lt_7'],
    leaderNotional: 3_000_000,
    targetNotional: 1_500_000,
    targetSize: 3_000_000,
    inputs: sizedBy({ ...FIXED, copyPctNotionalBps: '10000' }),
  });
  await putExecution(db, { attempt: 'ca_7', status: 'CANCELED', reason: 'NO_LIQUIDITY_WITHIN_BOUNDS' });
  await putTrade(db, { id: 'lt_8', notional: 2_500_000 });
  await putTrade(db, { id: 'lt_9', notional: 500_000 });
  await putAttempt(db, {
    id: 'ca_9',
    tradeIds: ['lt_9'],
    leaderNotional: 500_000,
    targetNotional: 200_000,
    targetSize: 400_000,
    inputs: sizedBy({ ...BUDGETED, budgetRMaxBps: '5000' }),
  });
  await putTrade(db, { id: 'lt_10', notional: 600_000, source: 'data-api' });
  await putAttempt(db, {
    id: 'ca_10',
    tradeIds: ['lt_10'],
    leaderNotional: 600_000,
    targetNotional: 300_000,
    targetSize: 600_000,
    inputs: sizedBy({ ...BUDGETED, budgetRMaxBps: '10000' }, { worth: '2000000' }),
  });
  await putExecution(db, { attempt: 'ca_10', status: 'CANCELED' });
}

/** What is at the edges of the window, and outside of it. */
async function putNeighbours(): Promise<void> {
  await putTrade(db, { id: 'lt_12', notional: 9_000_000, baseline: true });
  await putTrade(db, { id: 'lt_13', notional: 9_000_000, occurredAt: BEFORE });
  await putTrade(db, { id: 'lt_13b', notional: 900_000, occurredAt: '2026-11-20T00:00:00.000Z' });
  await putAttempt(db, {
    id: 'ca_13',
    tradeIds: ['lt_13', 'lt_13b'],
    targetNotional: 1_000_000,
    targetSize: 2_000_000,
    decidedAt: '2026-11-20T00:00:02.000Z',
  });
  await putExecution(db, { attempt: 'ca_13', status: 'FILLED', size: 2_000_000, notional: 2_000_000 });
  await putTrade(db, { id: 'lt_14', notional: 9_000_000, occurredAt: '2026-11-22T00:00:00.000Z' });
  await putTrade(db, { id: 'lt_16', leader: 'ld_b', notional: 1_234_567 });
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.url);
  db = await openDatabase({ url: postgres.url, name: 'quality', poolMax: 2 });
  await putLeader(db, 'ld_a', 'Ann');
  await putLeader(db, 'ld_b', 'Bob');
  await putLeader(db, 'ld_c', 'Cid');
  await putBuy();
  await putBufferedSell();
  await putGoodCopies();
  await putMisses();
  await putNeighbours();
});

afterAll(async () => {
  await db?.close();
  await postgres?.stop();
});

/** As it travels and arrives. */
async function quality(leader: string, window = WINDOW, tradingMode: 'PAPER' | 'LIVE' = 'PAPER') {
  const reply = await readQuality(db, leader, tradingMode, window);
  if (reply === null) throw new Error(`${leader} is not followed`);
  return z.decode(QualityReply, z.encode(QualityReply, reply));
}

const tally = (trades: number, notional: bigint) => ({ trades, notionalMicros: notional });
const NONE = tally(0, 0n);

describe('what became of a leader’s trades', () => {
  test('counts each trade once: fully, partly or missed', async () => {
    expect((await quality('ld_a')).trades).toEqual({
      seen: tally(12, 34_500_000n),
      decided: tally(11, 32_000_000n),
      copiedFully: tally(3, 14_900_000n),
      copiedPartly: tally(3, 5_000_000n),
      missed: tally(6, 14_600_000n),
      missedTradesBps: 5_000n,
      missedNotionalBps: 4_231n,
    });
  });

  test('names why trades were missed: first reasons add up to the missed ones', async () => {
    const row = (reason: string, trades: number, notionalMicros: bigint, alsoTrades = 0) => ({
      reason,
      trades,
      notionalMicros,
      alsoTrades,
    });
    expect((await quality('ld_a')).missedBy).toEqual([
      row('SPREAD_TOO_WIDE', 2, 8_000_000n),
      row('NOTHING_FILLED', 1, 600_000n),
      row('NOT_DECIDED_YET', 1, 2_500_000n),
      row('NOT_EXECUTED_YET', 1, 500_000n),
      row('NO_LIQUIDITY_WITHIN_BOUNDS', 1, 3_000_000n),
      row('INSUFFICIENT_DEPTH', 0, 0n, 1),
    ]);
  });

  test('is told per mode', async () => {
    const { trades, missedBy, slippage } = await quality('ld_a', WINDOW, 'LIVE');
    expect(trades).toMatchObject({ seen: tally(12, 34_500_000n), decided: tally(1, 10_000_000n) });
    expect(missedBy.map(({ reason, trades: n }) => [reason, n])).toEqual([
      ['NOT_DECIDED_YET', 11],
      ['LIVE_MODE_OFF', 1],
    ]);
    expect(slippage.copies).toBe(0);
  });
});

describe('slippage', () => {
  test('is ours against the leader’s price, worse is positive for BUY and for SELL', async () => {
    const { histogram, ...slippage } = (await quality('ld_a')).slippage;
    // Per copy: +10000 and 100000, +5000 and 14999, −5 and −10.4 rounded up, 0 and 0.
    expect(slippage).toEqual({
      copies: 4,
      sizeMicros: shares(16_500_001n),
      notionalMicros: usd(8_384_991n),
      feeMicros: usd(1_500n),
      costOfDelayMicros: usd(114_989n),
      meanMicros: usd(6_970n),
      medianMicros: usd(0n),
      p90Micros: usd(10_000n),
      worstMicros: usd(10_000n),
    });
    expect(histogram.filter(({ copies }) => copies > 0)).toEqual([
      { fromMicros: -1_000n, belowMicros: 0n, copies: 1 },
      { fromMicros: 0n, belowMicros: 1n, copies: 1 },
      { fromMicros: 5_000n, belowMicros: 10_000n, copies: 1 },
      { fromMicros: 10_000n, belowMicros: 20_000n, copies: 1 },
    ]);
  });

  test('leaves the fill rate to orders that have ended, and knows which targets were cut', async () => {
    const { fills, targets } = await quality('ld_a');
    expect(fills).toEqual({
      ordersEnded: 6,
      targetNotionalMicros: 10_700_001n,
      filledNotionalMicros: 8_384_991n,
      fillRateBps: 7_836n,
    });
    expect(targets).toEqual({ sized: 8, cut: 3, cutBps: 3_750n });
  });
});

describe('delays', () => {
  const steps = async (source: string) => {
    const { delays } = await quality('ld_a');
    const of = delays.find((delay) => delay.source === source);
    return (of?.steps ?? [])
      .filter(({ count }) => count > 0)
      .map(({ from, to, count, p50Ms, p90Ms, p99Ms }) => [`${from} → ${to}`, count, p50Ms, p90Ms, p99Ms]);
  };

  test('are told step by step of the source that told us first', async () => {
    expect(await steps('rtds')).toEqual([
      ['event → seen', 8, 1_000, 1_500, 1_500],
      ['seen → published', 2, 0.45, 1, 1],
      ['published → received', 1, 0.55, 0.55, 0.55],
      ['received → decided', 1, 250, 250, 250],
      ['decided → intended', 1, 1, 1, 1],
      ['intended → accepted', 1, 1, 1, 1],
      ['accepted → executed', 1, 750, 750, 750],
      ['executed → booked', 1, 7, 7, 7],
    ]);
    expect(await steps('data-api')).toEqual([['event → seen', 2, 1_000, 40_000, 40_000]]);
    expect((await steps('chain')).map(([name, count]) => [name, count])).toEqual([
      ['event → seen', 2],
      ['seen → published', 1],
      ['published → received', 1],
      ['received → decided', 1],
      ['decided → intended', 1],
      ['intended → accepted', 1],
      ['accepted → executed', 1],
      ['executed → booked', 1],
    ]);
  });

  test('add up to the copy lag, of all sources and of each', async () => {
    const { copyLag, delays } = await quality('ld_a');
    expect(copyLag).toMatchObject({ count: 3, p50Ms: 2_510, p90Ms: 40_500, p99Ms: 40_500 });
    expect(copyLag.histogram.filter(({ copies }) => copies > 0)).toEqual([
      { fromMs: 2_000, belowMs: 3_000, copies: 2 },
      { fromMs: 30_000, belowMs: 60_000, copies: 1 },
    ]);
    expect(delays.map(({ source, copyLag: { count, p50Ms } }) => [source, count, p50Ms])).toEqual([
      ['chain', 1, 2_002.5],
      ['rtds', 1, 2_510],
      ['data-api', 1, 40_500],
    ]);
  });
});

describe('quality', () => {
  test('of an empty window is zeros, and unknown where there is nothing to divide', async () => {
    const since = new Date('2026-10-01T00:00:00Z');
    const { trades, missedBy, slippage, fills, targets, copyLag, delays } = await quality('ld_a', {
      since,
      until: new Date('2026-10-08T00:00:00Z'),
    });
    expect(trades).toMatchObject({
      seen: NONE,
      missed: NONE,
      missedTradesBps: null,
      missedNotionalBps: null,
    });
    expect(missedBy).toEqual([]);
    expect(slippage).toMatchObject({ copies: 0, costOfDelayMicros: 0n, meanMicros: null, worstMicros: null });
    expect(slippage.histogram.every(({ copies }) => copies === 0)).toBe(true);
    expect([fills.fillRateBps, targets.cutBps, copyLag.p50Ms]).toEqual([null, null, null]);
    expect(delays.flatMap(({ steps }) => steps).every(({ count }) => count === 0)).toBe(true);
  });

  test('of nobody whom we follow is null', async () => {
    expect(await readQuality(db, 'ld_none', 'PAPER', WINDOW)).toBeNull();
  });

  test('of all leaders is a small row for each, page by page', async () => {
    const page = async (asked: Readonly<Record<string, string>>) =>
      z.decode(
        QualityPage,
        z.encode(QualityPage, await readQualities(db, QualitiesQuery.parse(asked), 'PAPER', WINDOW)),
      );
    const first = await page({ limit: '2' });
    expect([first.since, first.until]).toEqual(['2026-11-20T00:00:00.000Z', '2026-11-22T00:00:00.000Z']);
    const { trades, slippage, fills, copyLag } = await quality('ld_a');
    const { histogram: _, ...summary } = slippage;
    const { histogram: __, ...lag } = copyLag;
    expect(first.items[0]).toEqual({
      leader: 'ld_a',
      leaderLabel: 'Ann',
      trades,
      slippage: summary,
      fills,
      copyLag: lag,
    });
    expect(first.items[1]).toMatchObject({ leader: 'ld_b', trades: { missed: tally(1, 1_234_567n) } });
    const second = await page({ limit: '2', after: first.next ?? '' });
    expect(second.items.map(({ leader, trades: { seen } }) => [leader, seen])).toEqual([['ld_c', NONE]]);
    expect(second.next).toBeNull();
  });
});
