import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { isUniqueViolation } from './errors.ts';
import { migrate } from './migrate.ts';
import { TABLES as CONFIG, configModels } from './owners/config.ts';
import { TABLES as DECIDER, deciderModels } from './owners/decider.ts';
import { TABLES as INGEST, ingestModels } from './owners/ingest.ts';
import { OUTBOX as LIVE_OUTBOX } from './owners/live.ts';
import { TABLES as PAPER, paperModels } from './owners/paper.ts';
import { TABLES as PORTFOLIO, portfolioModels } from './owners/portfolio.ts';
import { allReads, portfolioReads } from './owners/read.ts';

const CHECK_VIOLATION = '23514';
let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'schema-test', poolMax: 2 });
});

afterAll(async () => {
  await db?.close();
  await server?.stop();
});

const at = new Date('2026-01-01T00:00:00Z');

type Values = Readonly<Record<string, unknown>>;

const insert = (table: string, values: Values): Promise<unknown[]> => {
  const names = Object.keys(values);
  const places = names.map((_, i) => `$${i + 1}`);
  return db.query(
    `insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`,
    Object.values(values),
  );
};

const anAttempt = (more: Values): Values => ({
  attempt_id: 'a',
  mode: 'PAPER',
  scope: 'EXEC_GLOBAL',
  leader_id: 'l',
  group_key: 'g',
  token_id: '1',
  condition_id: 'c',
  side: 'BUY',
  decision: 'SKIP',
  reasons: ['NO_FRESH_BOOK'],
  details: [],
  source_type: 'IMMEDIATE',
  trade_ids: ['t'],
  leader_size_micros: 1n,
  leader_notional_micros: 1n,
  leader_price_micros: 500_000n,
  config_version: 1,
  occurred_at: at,
  detected_at: at,
  opened_at: at,
  decided_at: at,
  inputs: '{}',
  hops: '{}',
  correlation_id: 'x',
  ...more,
});

const aPosition = (more: Values): Values => ({
  mode: 'PAPER',
  scope: 'EXEC_GLOBAL',
  leader_id: null,
  token_id: '1',
  condition_id: 'c',
  shares_micros: 1n,
  cost_micros: 1n,
  realized_pnl_micros: 0n,
  fees_micros: 0n,
  episode: 1,
  opened_at: at,
  version: 1n,
  updated_at: at,
  ...more,
});

const aSnapshot = (more: Values): Values => ({
  mode: 'PAPER',
  scope: 'EXEC_GLOBAL',
  leader_id: null,
  bucket_time: at,
  cash_micros: 0n,
  exposure_micros: 0n,
  realized_pnl_micros: 0n,
  fees_micros: 0n,
  peak_profit_micros: 1n,
  open_positions: 0,
  unpriced_positions: 0,
  taken_at: at,
  ...more,
});

describe('keys', () => {
  test('count nulls as equal: nobody’s position exists once', async () => {
    await insert(PORTFOLIO.position, aPosition({ token_id: 'once' }));
    const again = insert(PORTFOLIO.position, aPosition({ token_id: 'once' }));
    await expect(again).rejects.toSatisfy((error) => isUniqueViolation(error));
    await insert(PORTFOLIO.position, aPosition({ token_id: 'once', leader_id: 'l' }));
  });

  test('count nulls as equal: a mode has one configuration of its own', async () => {
    const row = { mode: 'PAPER', leader_id: null, version: 1, body: '{}', changed_at: at, changed_by: 'me' };
    await insert(CONFIG.modeConfig, row);
    await expect(insert(CONFIG.modeConfig, row)).rejects.toSatisfy((error) => isUniqueViolation(error));
  });

  test('let any number of attempts go without an intent', async () => {
    await insert(DECIDER.copyAttempt, anAttempt({ attempt_id: 'a1', group_key: 'g1' }));
    await insert(DECIDER.copyAttempt, anAttempt({ attempt_id: 'a2', group_key: 'g2' }));
  });

  test('let one attempt be made of a group in a mode', async () => {
    const again = insert(DECIDER.copyAttempt, anAttempt({ attempt_id: 'a3', group_key: 'g1' }));
    await expect(again).rejects.toSatisfy((error) =>
      isUniqueViolation(error, 'copy_attempt_mode_scope_leader_id_group_key_key'),
    );
  });
});

describe('checks', () => {
  test.each<[string, string, Values]>([
    ['a skip without a reason', DECIDER.copyAttempt, anAttempt({ reasons: [] })],
    ['a skip with an intent', DECIDER.copyAttempt, anAttempt({ intent_id: 'i' })],
    [
      'an executed attempt without an intent',
      DECIDER.copyAttempt,
      anAttempt({ decision: 'EXECUTE', reasons: [] }),
    ],
    [
      'an executed attempt with a reason',
      DECIDER.copyAttempt,
      anAttempt({ decision: 'EXECUTE', intent_id: 'i' }),
    ],
    ['a third decision', DECIDER.copyAttempt, anAttempt({ decision: 'MAYBE' })],
    ['a third mode', DECIDER.copyAttempt, anAttempt({ mode: 'DREAM' })],
    ['a third side', DECIDER.copyAttempt, anAttempt({ side: 'HOLD' })],
    ['a price over a dollar', DECIDER.copyAttempt, anAttempt({ leader_price_micros: 1_000_001n })],
    ['a negative size', DECIDER.copyAttempt, anAttempt({ leader_size_micros: -1n })],
    ['an attempt at no trade', DECIDER.copyAttempt, anAttempt({ trade_ids: [] })],
    ['a paper position below nothing', PORTFOLIO.position, aPosition({ shares_micros: -1n })],
    ['a mark without its time', PORTFOLIO.position, aPosition({ mark_micros: 1n })],
    ['a profit above its peak', PORTFOLIO.portfolioSnapshot, aSnapshot({ unrealized_pnl_micros: 2n })],
    ['a peak below nothing', PORTFOLIO.portfolioSnapshot, aSnapshot({ peak_profit_micros: -1n })],
    [
      'a second row of switches',
      CONFIG.systemSwitches,
      {
        id: 2,
        copy_engine_enabled: false,
        live_trading_state: 'OFF',
        version: 1,
        changed_at: at,
        changed_by: 'me',
      },
    ],
  ])('keep out %s', async (_, table, values) => {
    await expect(insert(table, values)).rejects.toMatchObject({ code: CHECK_VIOLATION });
  });

  test('let in an executed attempt with its intent, and a live position that is short for a moment', async () => {
    await insert(
      DECIDER.copyAttempt,
      anAttempt({ attempt_id: 'ok', group_key: 'ok', decision: 'EXECUTE', reasons: [], intent_id: 'ok' }),
    );
    await insert(PORTFOLIO.position, aPosition({ mode: 'LIVE', shares_micros: -1n }));
  });
});

describe('doors', () => {
  test.each([...[INGEST, DECIDER, PAPER, PORTFOLIO, CONFIG].flatMap((tables) => Object.values(tables))])(
    'name %s as it is',
    async (table) => {
      expect(await db.query('select to_regclass($1)::oid is not null as found', [table])).toEqual([
        { found: true },
      ]);
    },
  );

  test('give each owner its tables, typed', async () => {
    expect(await (await ingestModels(db)).leaderTrade.count()).toBe(0);
    expect(await (await deciderModels(db)).leaderGroup.count()).toBe(0);
    expect(await (await paperModels(db)).paperOrder.count()).toBe(0);
    expect(await (await configModels(db)).leader.count()).toBe(0);
    expect(await LIVE_OUTBOX.store(db).pending(1)).toEqual([]);
    const portfolio = await portfolioModels(db);
    await portfolio.seenResolution.create({
      data: { conditionId: 'c', body: { payouts: ['1'] }, seenAt: at },
    });
    const [seen] = await (await portfolioReads(db)).seenResolution.findMany();
    expect(seen).toEqual({ conditionId: 'c', body: { payouts: ['1'] }, seenAt: at });
    const [attempt] = await (await allReads(db)).copyAttempt.findMany({ where: { attemptId: 'ok' } });
    expect(attempt).toMatchObject({ decision: 'EXECUTE', leaderPriceMicros: 500_000n, tradeIds: ['t'] });
  });
});
