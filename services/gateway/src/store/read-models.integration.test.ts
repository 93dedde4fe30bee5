import { type Database, migrate, openDatabase } from '@slipstream/db';
import { intentIdOf, paperFillIdOf, paperOrderIdOf } from '@slipstream/proto';
import {
  CopyAttemptDetail,
  type CopyAttemptItem,
  CopyAttemptsPage,
  CopyAttemptsQuery,
  FillsPage,
  FillsQuery,
  LedgerPage,
  LedgerQuery,
  PortfolioReply,
  SnapshotsPage,
  SnapshotsQuery,
  TradesPage,
  TradesQuery,
} from '@slipstream/proto/http';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readAttempt, readAttempts } from './attempts.ts';
import { readFills } from './fills.ts';
import { readLedger } from './ledger.ts';
import { readPortfolio, readSnapshots } from './portfolio.ts';
import { readTrades } from './trades.ts';

const ATTEMPTS = 1_000;
const PAGES_MAX = 200;
const NOW = new Date('2026-11-22T12:00:00.000Z');
const WALLET = `0x${'a'.repeat(40)}`;
const CONDITION = `0x${'c'.repeat(64)}`;
const FIRST = 'ca_0001';
const ORDER = paperOrderIdOf(intentIdOf(FIRST));

let postgres: TestServer;
let db: Database;

/** Attempts of four leaders, three a millisecond, every fifth copied; the first one with all that follows it. */
const SEED = [
  `insert into config.leader (leader_id, label, enabled, live_override, followed_at, version, changed_at, changed_by) values ('ld_0', 'Zero', true, 'INHERIT', '2026-11-01', 1, '2026-11-01', 'test')`,
  `insert into config.leader_wallet (wallet, leader_id) values ('${WALLET}', 'ld_0')`,
  `insert into ingest.market (token_id, condition_id, body, version, fetched_at) values ('100', '${CONDITION}', '{"question": "Will it rain?", "outcome": "Yes"}', 1, now())`,
  `insert into decider.copy_attempt (attempt_id, mode, scope, leader_id, group_key, token_id, condition_id, side, decision, reasons,
      details, source_type, trade_ids, leader_size_micros, leader_notional_micros, leader_price_micros, target_notional_micros,
      target_size_micros, limit_price_micros, intent_id, config_version, occurred_at, detected_at, opened_at, decided_at,
      inputs, hops, correlation_id)
    select 'ca_' || lpad(i::text, 4, '0'), case when i % 50 = 0 then 'LIVE' else 'PAPER' end, 'EXEC_GLOBAL', 'ld_' || i % 4,
      'g:' || i, (100 + i % 7)::text, case when i % 7 < 2 then '${CONDITION}' else '0x' || repeat('d', 64) end,
      'BUY', case when i % 5 = 1 then 'EXECUTE' else 'SKIP' end,
      case when i % 5 = 1 then '{}'::text[] when i % 10 = 2 then '{SPREAD_TOO_WIDE,INSUFFICIENT_DEPTH}'
        when i = 999 then '{RISK_CAP_USER}' else '{NO_FRESH_BOOK}' end, '{}',
      'AGGREGATOR', array['lt_' || i], 2000000, 1060000, 530000, 5000000, 9000000, 540000,
      case when i % 5 = 1 then case when i = 1 then '${intentIdOf(FIRST)}' else 'ci_' || i end end, 1,
      t, t, t, t, '{"bookAgeMs": 12}', '{"seen": 1}', 'lt_' || i
    from (select i, '2026-11-22T10:00:00Z'::timestamptz + (i / 3) * interval '1 millisecond' as t
      from generate_series(1, ${ATTEMPTS}) i) rows`,
  `insert into ingest.leader_trade (trade_id, base_id, part, leader_id, wallet, token_id, condition_id, outcome, side, size_micros,
      notional_micros, price_micros, transaction_hash, occurred_at, detected_at, source, baseline, hops)
    select 'lt_' || i, 'lt_' || i, 1, 'ld_' || i % 4, '${WALLET}', '100', '${CONDITION}', 'Yes', 'BUY', 2000000, 1060000, 530000,
      '0x' || lpad(to_hex(i), 64, '0'), '2026-11-22T09:59:59Z', '2026-11-22T10:00:00Z', 'rtds', i % 9 = 0, '{"seen": 1}'
    from generate_series(1, 300) i`,
  `insert into paper.paper_order (order_id, intent_id, attempt_id, scope, leader_id, token_id, condition_id, side, status, reason,
    limit_price_micros, leader_price_micros, target_size_micros, target_notional_micros, size_micros, filled_size_micros,
    filled_notional_micros, fee_micros, fill_count, received_at, due_at, expires_at, executed_at, book, trace) values ('${ORDER}', '${intentIdOf(FIRST)}', '${FIRST}', 'EXEC_GLOBAL', 'ld_1', '101',
    '${CONDITION}', 'BUY', 'PARTIAL', 'INSUFFICIENT_DEPTH', 540000, 530000, 9000000, 5000000, 9000000, 6000000, 3210000, 1200, 2,
    '2026-11-22T10:00:00.700Z', '2026-11-22T10:00:01Z', '2026-11-22T10:00:11Z', '2026-11-22T10:00:01Z', null, '{}')`,
  `insert into paper.paper_fill (fill_id, order_id, level, token_id, side, price_micros, size_micros, notional_micros, fee_micros,
      executed_at)
    select case l when 0 then '${paperFillIdOf(intentIdOf(FIRST), 0)}' else '${paperFillIdOf(intentIdOf(FIRST), 1)}' end, '${ORDER}', l,
      '101', 'BUY', 535000, 3000000, 1605000, 600, '2026-11-22T10:00:01Z' from generate_series(0, 1) l`,
  `insert into portfolio.attempt_execution (attempt_id, mode, scope, intent_id, order_id, leader_id, token_id, status, reason,
    filled_size_micros, filled_notional_micros, fee_micros, fill_count, booked_fills, final, order_at, executed_at, booked_at,
    hops) values ('${FIRST}', 'PAPER', 'EXEC_GLOBAL', '${intentIdOf(FIRST)}', '${ORDER}', 'ld_1',
    '101', 'PARTIAL', 'INSUFFICIENT_DEPTH', 6000000, 3210000, 1200, 2, 2, true, '2026-11-22T10:00:00.700Z',
    '2026-11-22T10:00:01Z', '2026-11-22T10:00:01.020Z', '{"seen": 1, "booked": 9}')`,
  `insert into portfolio.account (mode, scope, cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version,
    updated_at) values ('PAPER', 'EXEC_GLOBAL', 9996788800, 10000000000, 0, 1200, 3, '2026-11-22T10:00:01Z')`,
  `insert into portfolio.position (mode, scope, leader_id, token_id, condition_id, shares_micros, cost_micros, realized_pnl_micros,
    fees_micros, episode, opened_at, mark_micros, mark_at, mark_source, version, updated_at) values
    ('PAPER', 'EXEC_GLOBAL', 'ld_1', '100', '${CONDITION}', 6000000, 3210000, 0, 1200, 1, '2026-11-22T10:00:01Z', 545001,
      '2026-11-22T11:59:59Z', 'mid', 1, '2026-11-22T10:00:01Z'),
    ('PAPER', 'EXEC_GLOBAL', 'ld_2', '100', '${CONDITION}', 0, 0, 100, 0, 1, now(), null, null, null, 1, now())`,
  `insert into portfolio.ledger_entry (mode, scope, ref_id, entry_type, leader_id, token_id, condition_id, side, share_delta_micros,
    cash_delta_micros, fee_micros, price_micros, occurred_at, booked_at)
    select 'PAPER', 'EXEC_GLOBAL', 'r' || i, case when i = 1 then 'DEPOSIT' else 'TRADE_FILL' end, 'ld_' || i % 2, '100',
      '${CONDITION}', 'BUY', 1, -1, 0, 500000, now(), now() from generate_series(1, 120) i`,
  `insert into portfolio.portfolio_snapshot (mode, scope, leader_id, bucket_time, cash_micros, exposure_micros, equity_micros,
    realized_pnl_micros, unrealized_pnl_micros, fees_micros, peak_profit_micros, open_positions, unpriced_positions, taken_at)
    select 'PAPER', 'EXEC_GLOBAL', l, '2026-11-22T10:00:00Z'::timestamptz + i * interval '1 minute', i, 0, null, 0, null, 0,
      i * 1000, 1, 1, now()
    from generate_series(1, 60) i, unnest(array[null, 'ld_0']) l`,
];

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.url);
  db = await openDatabase({ url: postgres.url, name: 'read-models', poolMax: 3 });
  for (const statement of SEED) await db.query(statement);
});

afterAll(async () => {
  await db?.close();
  await postgres?.stop();
});

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/** Every item of a list, page by page, as it would travel. */
async function all<Q, T>(
  read: (asked: Q) => Promise<Page<T>>,
  query: z.ZodType<Q>,
  reply: z.ZodType,
  asked: Readonly<Record<string, string>>,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const got: Page<T> = await read(query.parse({ ...asked, ...(after === null ? {} : { after }) }));
    expect(() => z.encode(reply, got)).not.toThrow();
    items.push(...got.items);
    if (got.next === null) return items;
    after = got.next;
  }
  throw new Error(`more than ${PAGES_MAX} pages`);
}

const attempts = (asked: Readonly<Record<string, string>>): Promise<CopyAttemptItem[]> =>
  all((query) => readAttempts(db, query), CopyAttemptsQuery, CopyAttemptsPage, { limit: '37', ...asked });

const idsOf = async (where: string): Promise<string[]> =>
  (
    await db.query<{ attempt_id: string }>(
      `select attempt_id from decider.copy_attempt where ${where} order by decided_at desc, attempt_id desc`,
    )
  ).map((row) => row.attempt_id);

describe('the list of attempts', () => {
  test.each([
    [{}, 'true'],
    [{ tradingMode: 'PAPER' }, `mode = 'PAPER'`],
    [{ tradingMode: 'LIVE' }, `mode = 'LIVE'`],
    [{ decision: 'EXECUTE' }, `decision = 'EXECUTE'`],
    [{ leader: 'ld_3' }, `leader_id = 'ld_3'`],
    [{ leader: 'ld_none' }, 'false'],
    [{ leader: WALLET }, `leader_id = 'ld_0'`],
    [{ leader: `0x${'A'.repeat(40)}` }, `leader_id = 'ld_0'`],
    [{ leader: `0x${'b'.repeat(40)}` }, 'false'],
    [{ market: '103' }, `token_id = '103'`],
    [{ market: CONDITION }, `condition_id = '${CONDITION}'`],
    [{ reason: 'NO_FRESH_BOOK' }, `'NO_FRESH_BOOK' = any(reasons)`],
    [{ reason: 'INSUFFICIENT_DEPTH' }, `'INSUFFICIENT_DEPTH' = any(reasons)`],
    [{ reason: 'RISK_CAP_USER' }, `'RISK_CAP_USER' = any(reasons)`],
    [{ reason: 'GEOBLOCKED' }, 'false'],
    [{ reason: 'NO_FRESH_BOOK', decision: 'EXECUTE' }, 'false'],
    [
      { reason: 'SPREAD_TOO_WIDE', leader: 'ld_2', tradingMode: 'PAPER', market: '104' },
      `'SPREAD_TOO_WIDE' = any(reasons) and leader_id = 'ld_2' and mode = 'PAPER' and token_id = '104'`,
    ],
    [
      { since: '2026-11-22T10:00:00.100Z', until: '2026-11-22T11:00:00.200+01:00' },
      `decided_at >= '2026-11-22T10:00:00.100Z' and decided_at < '2026-11-22T10:00:00.200Z'`,
    ],
  ])('with %j is what the filter says, whole and in order', async (asked, where) => {
    expect((await attempts(asked)).map(({ id }) => id)).toEqual(await idsOf(where));
  });

  test('loses nothing and repeats nothing, however small the pages', async () => {
    const ids = (await attempts({ limit: '7' })).map(({ id }) => id);
    expect(ids).toHaveLength(ATTEMPTS);
    expect(new Set(ids).size).toBe(ATTEMPTS);
  });

  test('shows a skip with its reasons and nothing filled', async () => {
    const [skip] = await attempts({ decision: 'SKIP', limit: '1', reason: 'RISK_CAP_USER' });
    expect(skip).toMatchObject({
      reasons: ['RISK_CAP_USER'],
      filledNotionalMicros: 0n,
      copyLagMs: null,
      intentId: null,
    });
    expect(skip?.times.executedAt).toBeNull();
  });

  test('shows a copy with its fills, its slippage and its delay', async () => {
    const first = (await attempts({ decision: 'EXECUTE' })).at(-1);
    expect(first).toMatchObject({
      id: FIRST,
      leader: 'ld_1',
      filledNotionalMicros: 3_210_000n,
      averagePriceMicros: 535_000n,
      slippageMicros: 5_000n,
      copyLagMs: 1_000,
      orderStatus: 'PARTIAL',
      orderReason: 'INSUFFICIENT_DEPTH',
      hops: { seen: 1, booked: 9 },
    });
  });
});

describe('one attempt', () => {
  test('has the inputs of its decision, its leader trades and its fills', async () => {
    const attempt = await readAttempt(db, FIRST);
    expect(attempt).toMatchObject({ inputs: { bookAgeMs: 12 }, groupKey: 'g:1' });
    expect(attempt?.trades.map(({ id }) => id)).toEqual(['lt_1']);
    expect(attempt?.fills.map(({ notionalMicros }) => notionalMicros)).toEqual([1_605_000n, 1_605_000n]);
    expect(() => z.encode(CopyAttemptDetail, z.parse(z.any(), attempt))).not.toThrow();
  });

  test('that is not there is null', async () => {
    expect(await readAttempt(db, 'ca_none')).toBeNull();
  });
});

describe('the other lists', () => {
  test('trades, over many pages of the same instant', async () => {
    const trades = await all((q) => readTrades(db, q), TradesQuery, TradesPage, {
      limit: '11',
      leader: WALLET,
    });
    expect(trades).toHaveLength(75);
    expect(new Set(trades.map(({ id }) => id)).size).toBe(75);
    expect(trades[0]).toMatchObject({ market: 'Will it rain?', outcome: 'Yes', wallet: WALLET });
  });

  test.each([
    [{}, 2],
    [{ attempt: FIRST }, 2],
    [{ attempt: 'ca_0002' }, 0],
    [{ leader: 'ld_1', market: CONDITION }, 2],
    [{ leader: 'ld_2' }, 0],
    [{ tradingMode: 'LIVE' }, 0],
  ])('fills with %j are %d', async (asked, count) => {
    const fills = await all((q) => readFills(db, q), FillsQuery, FillsPage, { limit: '1', ...asked });
    expect(fills).toHaveLength(count);
  });

  test.each([
    [{}, 120],
    [{ leader: 'ld_1' }, 60],
    [{ entryType: 'DEPOSIT' }, 1],
    [{ market: '100', leader: 'ld_0' }, 60],
    [{ tradingMode: 'LIVE' }, 0],
  ])('bookings with %j are %d', async (asked, count) => {
    const entries = await all((q) => readLedger(db, q), LedgerQuery, LedgerPage, { limit: '23', ...asked });
    expect(entries).toHaveLength(count);
    const ids = entries.map(({ entryId }) => BigInt(entryId));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? 1 : -1)));
  });

  test('snapshots of the account and of a leader’s slice are two series', async () => {
    const read = (asked: Readonly<Record<string, string>>) =>
      all((q) => readSnapshots(db, q), SnapshotsQuery, SnapshotsPage, { limit: '13', ...asked });
    const account = await read({});
    expect([account.length, account[0]?.leader, account[0]?.bucketTime]).toEqual([
      60,
      null,
      '2026-11-22T11:00:00.000Z',
    ]);
    expect((await read({ leader: 'ld_0' })).every(({ leader }) => leader === 'ld_0')).toBe(true);
    expect(await read({ since: '2026-11-22T10:59:00Z' })).toHaveLength(2);
  });
});

describe('the portfolio', () => {
  test('is the account and what is held, valued at its marks', async () => {
    const portfolio = await readPortfolio(db, 'PAPER', NOW);
    expect(portfolio).toMatchObject({
      cashMicros: 9_996_788_800n,
      exposureMicros: 3_270_006n,
      equityMicros: 10_000_058_806n,
      peakEquityMicros: 10_000_060_000n,
      drawdownMicros: 1_194n,
      unrealizedPnlMicros: 60_006n,
      totalPnlMicros: 60_006n,
      openPositions: 1,
      unpricedPositions: 0,
      version: '3',
    });
    expect(portfolio.positions).toHaveLength(1);
    expect(portfolio.positions[0]).toMatchObject({
      market: 'Will it rain?',
      averageCostMicros: 535_000n,
      valueMicros: 3_270_006n,
      markAgeMs: 1_000,
    });
    expect(() => z.encode(PortfolioReply, portfolio)).not.toThrow();
  });

  test('has no equity while a position has no mark, and says which', async () => {
    const mark = (value: string) =>
      db.query(`update portfolio.position set ${value} where leader_id = 'ld_1' and token_id = '100'`);
    await mark('mark_micros = null, mark_at = null, mark_source = null');
    const portfolio = await readPortfolio(db, 'PAPER', NOW);
    expect(portfolio).toMatchObject({
      equityMicros: null,
      peakEquityMicros: 10_000_060_000n,
      drawdownMicros: null,
      unrealizedPnlMicros: null,
      exposureMicros: 0n,
      unpricedPositions: 1,
    });
    expect(portfolio.positions[0]).toMatchObject({ markMicros: null, valueMicros: null });
    await mark(`mark_micros = 545001, mark_at = '2026-11-22T11:59:59Z', mark_source = 'mid'`);
  });

  test('of a mode without an account is unknown, not zero', async () => {
    expect(await readPortfolio(db, 'LIVE', NOW)).toMatchObject({
      cashMicros: null,
      equityMicros: null,
      peakEquityMicros: null,
      positions: [],
    });
  });
});
