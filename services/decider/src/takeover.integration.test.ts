import type { Database } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import {
  type CopyIntent,
  copyIntentPaper,
  INITIAL_RULES,
  type LeaderTrade,
  partitionOf,
} from '@slipstream/proto';
import { eventually } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DeciderProcess, startDeciderProcess } from '../test/decider-process.ts';
import { portfolioRows } from '../test/portfolio-rows.ts';
import { speaker, startBus, startTables } from '../test/system.ts';

const PARTITIONS = 8;
const TAKEOVER_WITHIN_MS = 5_000;
/** Spread over all partitions. */
const WALLETS = Array.from(
  { length: 48 },
  (_, n) => `0x${(BigInt(n + 1) * 0x9e3779b97f4a7c15n).toString(16).padStart(40, '0')}`,
);
/** Fifty thousand dollars: a hundredth of it is more than a copy may be. */
const LARGE = { sizeMicros: shares(100_000_000_000n), notionalMicros: usd(50_000_000_000n) };

let nats: Awaited<ReturnType<typeof startBus>>;
let tables: Awaited<ReturnType<typeof startTables>>;
let db: Database;
let say: ReturnType<typeof speaker>;
const deciders: DeciderProcess[] = [];
const intents: CopyIntent[] = [];
let published = 0;

beforeAll(async () => {
  [nats, tables] = await Promise.all([startBus(), startTables()]);
  ({ db } = tables);
  say = speaker(nats.others);
  await Promise.all([say.switch({}), say.lead(), say.market('111')]);
  await nats.others.tail(copyIntentPaper, (intent) => void intents.push(intent), { from: 'new' });
});
beforeEach(async () => {
  await db.query(
    'truncate decider.copy_attempt, decider.leader_group, decider.group_part, portfolio.account, portfolio.position',
  );
  await say.market('111');
});
afterEach(async () => {
  for (const decider of deciders.splice(0)) await decider.kill();
});
afterAll(async () => {
  await nats?.stop();
  await tables?.stop();
});

const start = async (): Promise<DeciderProcess> => {
  const decider = await startDeciderProcess(nats.server.url, tables.server.url);
  deciders.push(decider);
  return decider;
};
/** Trades of one leader by so many wallets that every partition has some. */
const someTrades = (count: number, over: Partial<LeaderTrade> = {}): readonly LeaderTrade[] =>
  Array.from({ length: count }, () => {
    published += 1;
    return say.trade(published, { wallet: WALLETS[published % WALLETS.length] ?? '', ...over });
  });

/** The sessions that hold partitions, and how many each. */
const heldBySession = async (): Promise<readonly number[]> => {
  const rows = await db.query<{ n: number; partitions: number }>(
    `select count(*)::int as n, count(distinct objid)::int as partitions from pg_locks
     where locktype = 'advisory' and classid = 72707380 and granted group by pid order by n`,
  );
  return rows.map(({ n, partitions }) => (n === partitions ? n : Number.NaN));
};
const sharedAs = (...wanted: readonly number[]) =>
  eventually(`shares of ${wanted}`, async () => `${await heldBySession()}` === `${wanted}`, {
    withinMs: 15_000,
  });
const twoDeciders = async (): Promise<DeciderProcess> => {
  const first = await start();
  await start();
  await sharedAs(4, 4);
  return first;
};

type Row = {
  readonly tradeIds: readonly string[];
  readonly decision: string;
  readonly target: bigint | null;
  readonly reasons: readonly string[];
  readonly intentId: string | null;
};
const attempts = () =>
  db.query<Row>(
    `select trade_ids as "tradeIds", decision, target_notional_micros as target, reasons, intent_id as "intentId"
     from decider.copy_attempt`,
  );
/** Every trade has its attempt, and then nothing more comes. */
async function allDecided(trades: readonly LeaderTrade[]): Promise<readonly Row[]> {
  await eventually('every decision', async () => (await attempts()).length >= trades.length, {
    withinMs: 30_000,
  });
  const rows = await attempts();
  expect(rows.flatMap(({ tradeIds }) => tradeIds).sort()).toEqual(trades.map((t) => t.tradeId).sort());
  return rows;
}
const sumOf = (rows: readonly Row[]): bigint =>
  rows.reduce((sum, { decision, target }) => (decision === 'EXECUTE' ? sum + (target ?? 0n) : sum), 0n);

describe('two deciders', () => {
  test('share eight partitions; one that is killed is followed within seconds, and no trade is lost or doubled', async () => {
    await portfolioRows(db).account(10_000_000_000_000n, 1n);
    await say.configure({ aggregationWindowMs: 0 });
    const first = await twoDeciders();
    expect(new Set(WALLETS.map((wallet) => partitionOf(wallet, PARTITIONS))).size).toBe(PARTITIONS);

    const before = someTrades(100);
    const during = someTrades(100);
    const after = someTrades(100);
    await say.publish(...before);
    const publishing = say.publish(...during);
    await first.kill();
    const killedAt = performance.now();
    await publishing;
    await sharedAs(8);
    expect(performance.now() - killedAt).toBeLessThan(TAKEOVER_WITHIN_MS);
    await say.publish(...after);

    const rows = await allDecided([...before, ...during, ...after]);
    expect(new Set(rows.map(({ decision }) => decision))).toEqual(new Set(['EXECUTE']));
    const wanted = rows.flatMap(({ intentId }) => intentId ?? []).sort();
    await eventually(
      'every intent',
      () => new Set(intents.map(({ intentId }) => intentId)).size === wanted.length,
    );
    expect(intents.map(({ intentId }) => intentId).sort()).toEqual(wanted);
    await eventually('an empty outbox', async () => {
      const [left] = await db.query<{ n: bigint }>('select count(*) as n from decider.outbox');
      return left?.n === 0n;
    });
  }, 90_000);

  test('together never spend more than there is', async () => {
    const cash = usd(400_000_000n);
    await portfolioRows(db).account(cash, 1n);
    const whole = '10000';
    await say.configure({
      aggregationWindowMs: 0,
      sizing: { ...INITIAL_RULES.sizing, maxTradeNotionalMicros: '75000000', maxTradeBankrollBps: whole },
      guardrails: {
        maxTotalExposureBps: whole,
        maxMarketExposureBps: whole,
        maxLeaderExposureBps: whole,
      },
    });
    await twoDeciders();
    const trades = someTrades(96, LARGE);
    await say.publish(...trades);
    const rows = await allDecided(trades);
    expect(sumOf(rows)).toBeLessThanOrEqual(cash);
    // Five times 75 dollars and what their prices may worsen; a sixth would not fit.
    expect(sumOf(rows)).toBe(375_000_000n);
    const refused = rows.filter(({ decision }) => decision === 'SKIP').flatMap(({ reasons }) => reasons);
    expect(new Set(refused)).toEqual(new Set(['NOT_ENOUGH_CASH']));
  }, 60_000);

  test('together keep the cap of a market', async () => {
    await portfolioRows(db).account(10_000_000_000n, 1n);
    await say.configure({ aggregationWindowMs: 0 });
    await twoDeciders();
    const trades = someTrades(96, LARGE);
    await say.publish(...trades);
    const rows = await allDecided(trades);
    // Five in a hundred of ten thousand dollars, in copies of 75.
    expect(sumOf(rows)).toBeLessThanOrEqual(500_000_000n);
    expect(rows.filter(({ decision }) => decision === 'EXECUTE')).toHaveLength(6);
    const refused = rows.filter(({ decision }) => decision === 'SKIP').flatMap(({ reasons }) => reasons);
    expect(new Set(refused)).toEqual(new Set(['RISK_CAP_MARKET']));
  }, 60_000);
});
