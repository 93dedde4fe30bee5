import type { OutboxRow } from '@slipstream/bus';
import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import { INITIAL_RULES, type MarketBook, ModeConfig } from '@slipstream/proto';
import { createTrackedActivity, type FakeClock, fakeClock } from '@slipstream/runtime';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPortfolio } from './portfolio.ts';
import { AT, aFill, anEnd, aResolution, CONDITION, delivered, TOKEN } from './testing/builders.ts';
import { aService } from './testing/service.ts';

const PASSWORD = 'portfolio-test';
const passwords = {
  ingest: PASSWORD,
  decider: PASSWORD,
  paper: PASSWORD,
  live: PASSWORD,
  portfolio: PASSWORD,
  config: PASSWORD,
};
const TABLES = [
  'ledger_entry',
  'account',
  'position',
  'attempt_execution',
  'portfolio_snapshot',
  'settlement',
  'resolution',
  'outbox',
];

let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  await ensureRoles(server.url, passwords);
  const url = new URL(server.url);
  url.username = 'slip_portfolio';
  url.password = PASSWORD;
  db = await openDatabase({ url: url.href, name: 'portfolio-test', poolMax: 4 });
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  for (const table of TABLES) await db.query(`delete from portfolio.${table}`);
});

const config = ModeConfig.parse({
  rules: { ...INITIAL_RULES, paper: { ...INITIAL_RULES.paper, initialCashMicros: '100000000' } },
  mode: 'PAPER',
  leaderId: null,
  version: 1,
  changedAt: AT.toISOString(),
  changedBy: 'test',
});

/** A portfolio over the real tables, with a clock that we move and a bus that only remembers. */
async function open(clock: FakeClock = fakeClock(AT)) {
  const published: OutboxRow[] = [];
  const states: unknown[] = [];
  const interest = new Set<string>();
  const activity = createTrackedActivity();
  /** What runs beside the handlers (the deposit, the interest) has come to rest. */
  const settled = () => activity.whenAtRest();
  const portfolio = openPortfolio({
    service: { ...aService('portfolio', clock), activity },
    db,
    relay: { push: (rows) => published.push(...rows) },
    interest: {
      put: async (key) => {
        interest.add(key);
        return 1;
      },
      delete: async (key) => {
        interest.delete(key);
      },
    },
    publish: async (_channel, message) => {
      states.push(message);
      return { sequence: 1, duplicate: false };
    },
  });
  await portfolio.recall();
  portfolio.begin();
  portfolio.settings.onConfig('mode.PAPER', config);
  await settled();
  return { portfolio, published, states, interest, clock, settled };
}

const one = async <R>(table: string): Promise<R | undefined> =>
  (await db.query<R>(`select * from portfolio.${table}`))[0];
const count = async (table: string): Promise<bigint> =>
  (await db.query<{ n: bigint }>(`select count(*) as n from portfolio.${table}`))[0]?.n ?? -1n;

const aBook = (bid: bigint, ask: bigint): MarketBook => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  state: 'live',
  bids: [[price(bid), shares(1_000_000n)]],
  asks: [[price(ask), shares(1_000_000n)]],
  source: 'socket',
  sessionId: 's1',
  changedAt: AT.toISOString(),
  knownAt: AT.toISOString(),
});

/** What must hold after anything: the ledger's sums are the account and the positions. */
async function expectBooksToAgree(): Promise<void> {
  const [sums] = await db.query<{ cash: bigint; fees: bigint; entries: bigint }>(
    `select coalesce(sum(cash_delta_micros), 0)::bigint as cash, coalesce(sum(fee_micros), 0)::bigint as fees,
       count(*) as entries from portfolio.ledger_entry`,
  );
  expect(await one('account')).toMatchObject({
    cash_micros: sums?.cash,
    fees_micros: sums?.fees,
    version: sums?.entries,
  });
  const off = await db.query(
    `select p.token_id from portfolio.position p where p.shares_micros <> (select sum(l.share_delta_micros)
       from portfolio.ledger_entry l where l.token_id = p.token_id and l.leader_id is not distinct from p.leader_id)`,
  );
  expect(off).toEqual([]);
}

describe('the account', () => {
  test('begins with the initial cash, once, whatever is restarted or configured later', async () => {
    await open();
    const { portfolio } = await open();
    portfolio.settings.onConfig('mode.PAPER', {
      ...config,
      rules: { ...config.rules, paper: { ...config.rules.paper, initialCashMicros: usd(5n) } },
    });
    expect(await one('account')).toMatchObject({
      cash_micros: 100_000_000n,
      deposited_micros: 100_000_000n,
      version: 1n,
    });
    expect(await count('ledger_entry')).toBe(1n);
  });
});

describe('fills', () => {
  test('are booked once, however often and in whatever batches they are delivered', async () => {
    const { portfolio } = await open();
    const fills = [
      aFill('f1', 'BUY', 10_000_000n, 500_000n, { feeMicros: usd(100_000n) }),
      aFill('f2', 'BUY', 5_000_000n, 510_000n),
      aFill('f3', 'SELL', 4_000_000n, 600_000n, { attemptId: 'ca_2', orderId: 'po_2' }),
    ].map(delivered);
    await portfolio.onFills(fills);
    await portfolio.onFills(fills.slice(1));
    await portfolio.onFills([...fills, ...fills]);
    expect(await count('ledger_entry')).toBe(4n);
    expect(await one('position')).toMatchObject({
      shares_micros: 11_000_000n,
      episode: 1,
      version: 4n,
      mark_source: 'fill',
      mark_micros: 600_000n,
    });
    await expectBooksToAgree();
  });

  test('of two replicas at once are booked once and in full', async () => {
    const [a, b] = [await open(), await open()];
    const made = Array.from({ length: 60 }, (_, i) => delivered(aFill(`f${i}`, 'BUY', 1_000_000n, 100_000n)));
    const batches = [made.slice(0, 30), made.slice(20, 50), made.slice(40)];
    await Promise.all(batches.flatMap((batch) => [a.portfolio.onFills(batch), b.portfolio.onFills(batch)]));
    expect(await count('ledger_entry')).toBe(61n);
    expect(await one('attempt_execution')).toMatchObject({
      booked_fills: 60,
      filled_size_micros: 60_000_000n,
    });
    await expectBooksToAgree();
    await b.portfolio.onFills([delivered(aFill('last', 'BUY', 1_000_000n, 100_000n))]);
    expect(b.portfolio.account()?.holdings.account.cashMicros).toBe(100_000_000n - 6_100_000n);
  });

  test('that sell what is not held yet are refused as a whole and succeed after the purchase', async () => {
    const { portfolio } = await open();
    const sale = delivered(aFill('f2', 'SELL', 10_000_000n, 600_000n));
    await expect(portfolio.onFills([sale])).rejects.toThrow('would hold');
    await portfolio.onFills([delivered(aFill('f1', 'BUY', 10_000_000n, 500_000n))]);
    await portfolio.onFills([sale]);
    expect(await one('position')).toMatchObject({
      shares_micros: 0n,
      cost_micros: 0n,
      realized_pnl_micros: 1_000_000n,
    });
    await expectBooksToAgree();
  });

  test('that the chain failed are reversed, and a late word on them books nothing', async () => {
    const { portfolio } = await open();
    const fill = aFill('f1', 'BUY', 10_000_000n, 500_000n, { status: 'MATCHED', feeMicros: usd(50n) });
    await portfolio.onFills([delivered(fill)]);
    await portfolio.onFills([delivered({ ...fill, status: 'FAILED' })]);
    await portfolio.onFills([delivered({ ...fill, status: 'MINED' })]);
    const types = await db.query<{ entry_type: string }>(
      'select entry_type from portfolio.ledger_entry order by entry_id',
    );
    expect(types.map((row) => row.entry_type)).toEqual(['DEPOSIT', 'TRADE_FILL', 'TRADE_FILL_REVERSAL']);
    expect(await one('account')).toMatchObject({
      cash_micros: 100_000_000n,
      fees_micros: 0n,
      realized_pnl_micros: 0n,
    });
    expect(await one('attempt_execution')).toMatchObject({ filled_size_micros: 0n, fee_micros: 0n });
    await expectBooksToAgree();
  });
});

describe('an attempt', () => {
  const fills = ['f1', 'f2'].map((id) => delivered(aFill(id, 'BUY', 5_000_000n, 500_000n)));
  const pending = delivered(anEnd(0, { version: 1, status: 'PENDING' }));
  const end = delivered(anEnd(2));

  test.each([
    ['the order first', ['pending', 'end', 'fills']],
    ['the fills first', ['fills', 'pending', 'end']],
    ['the end before the beginning', ['end', 'fills', 'pending']],
  ])('is final when its order has ended and its fills are booked: %s', async (_, steps) => {
    const { portfolio } = await open();
    for (const [i, step] of steps.entries()) {
      if (step === 'fills') {
        await portfolio.onFills(fills.slice(0, 1));
        expect(await one('attempt_execution')).toMatchObject({ final: false });
        await portfolio.onFills(fills.slice(1));
      } else await portfolio.onOrders([step === 'end' ? end : pending]);
      if (i < 1) expect(await one('attempt_execution')).toMatchObject({ final: false });
    }
    expect(await one('attempt_execution')).toMatchObject({
      final: true,
      status: 'FILLED',
      fill_count: 2,
      booked_fills: 2,
      filled_size_micros: 10_000_000n,
      hops: { seen: 1, executed: 2, booked: expect.any(Number) },
    });
  });

  test('without fills is final when its order has ended', async () => {
    const { portfolio } = await open();
    await portfolio.onOrders([delivered(anEnd(0, { status: 'CANCELED', reason: 'NO_FRESH_BOOK' }))]);
    expect(await one('attempt_execution')).toMatchObject({
      final: true,
      status: 'CANCELED',
      reason: 'NO_FRESH_BOOK',
    });
  });
});

describe('a resolution', () => {
  test('pays out what is held, once, and gives up the interest', async () => {
    const { portfolio, interest, settled } = await open();
    await portfolio.onFills([delivered(aFill('f1', 'BUY', 10_000_000n, 400_000n))]);
    await settled();
    expect([...interest]).toEqual([TOKEN]);
    await portfolio.onResolutions([delivered(aResolution('1', '3'))]);
    await portfolio.onResolutions([delivered(aResolution('1', '3'))]);
    await settled();
    expect(await count('settlement')).toBe(1n);
    expect(await one('settlement')).toMatchObject({
      shares_micros: 10_000_000n,
      cash_delta_micros: 3_333_333n,
      episode: 1,
    });
    expect(await one('position')).toMatchObject({ shares_micros: 0n, realized_pnl_micros: -666_667n });
    expect([...interest]).toEqual([]);
    await expectBooksToAgree();
  });

  test('also pays out fills that arrive after it, and stands though another contradicts it', async () => {
    const { portfolio } = await open();
    await portfolio.onResolutions([
      delivered(aResolution('1', '1')),
      delivered(aResolution('0', '1', { version: 'v2' })),
    ]);
    await portfolio.onFills([delivered(aFill('f1', 'BUY', 10_000_000n, 400_000n))]);
    await portfolio.onFills([delivered(aFill('f2', 'BUY', 10_000_000n, 400_000n))]);
    expect(await count('settlement')).toBe(2n);
    expect(await one('account')).toMatchObject({
      cash_micros: 112_000_000n,
      realized_pnl_micros: 12_000_000n,
    });
    await expectBooksToAgree();
  });
});

describe('snapshots', () => {
  const snapshots = () =>
    db.query<Record<string, unknown>>(
      'select * from portfolio.portfolio_snapshot order by bucket_time, leader_id nulls first',
    );

  test('are taken at the end of each minute in which something changed, with the marks of that moment', async () => {
    const { portfolio, clock, published } = await open();
    await portfolio.onFills([delivered(aFill('f1', 'BUY', 10_000_000n, 500_000n))]);
    portfolio.marks.onBook(aBook(540_000n, 560_000n));
    await clock.advance(29_999);
    expect(await snapshots()).toEqual([]);
    await clock.advance(1);
    const rows = await snapshots();
    expect(rows).toMatchObject([
      {
        leader_id: null,
        equity_micros: 100_500_000n,
        exposure_micros: 5_500_000n,
        unrealized_pnl_micros: 500_000n,
        peak_profit_micros: 500_000n,
      },
      { leader_id: 'leader-1', cash_micros: -5_000_000n, equity_micros: 500_000n },
    ]);
    expect(rows[0]?.['bucket_time']).toEqual(new Date('2026-06-01T12:00:00.000Z'));
    expect(published.map((row) => row.channel)).toEqual(['copyPortfolioSnapshot', 'copyPortfolioSnapshot']);
    expect(await one('position')).toMatchObject({ mark_micros: 550_000n, mark_source: 'book:socket' });
    await clock.advance(600_000);
    expect(await snapshots()).toHaveLength(2);
    portfolio.marks.onBook(aBook(560_000n, 580_000n));
    await clock.advance(60_000);
    expect(await snapshots()).toHaveLength(4);
  });

  test('make up for the one bucket that ended while nobody was there', async () => {
    const { portfolio } = await open();
    await portfolio.onFills([delivered(aFill('f1', 'BUY', 10_000_000n, 500_000n))]);
    await open(fakeClock(new Date(AT.getTime() + 7 * 86_400_000)));
    expect(await snapshots()).toMatchObject([
      { leader_id: null, equity_micros: 100_000_000n, bucket_time: new Date('2026-06-01T12:00:00.000Z') },
      { leader_id: 'leader-1' },
    ]);
  });
});

test('the state is told at once, then at most every 250 ms, and after the last booking', async () => {
  const { portfolio, clock, states } = await open();
  await clock.advance(0);
  for (const id of ['f1', 'f2', 'f3']) {
    await clock.advance(50);
    await portfolio.onFills([delivered(aFill(id, 'BUY', 1_000_000n, 500_000n))]);
  }
  await clock.advance(1_000);
  expect(states).toMatchObject([
    { version: 1 },
    { version: 4, cashMicros: 98_500_000n, equityMicros: 100_000_000n, openPositions: 1 },
  ]);
});
