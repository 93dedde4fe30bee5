import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { type AccountState, type Fill, LIVE_SCOPE, type OrderEvent, type Side } from '@slipstream/proto';
import { fakeClock } from '@slipstream/runtime';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AwaitsBaseline } from './live-books.ts';
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
  'baseline_position',
  'portfolio_snapshot',
  'settlement',
  'resolution',
  'outbox',
];
const ORDER = `0x${'1'.repeat(64)}`;
const WALLET = `0x${'a'.repeat(40)}`;
/** Deliveries after which a fill is taken for nobody's. */
const MANY = 9;

let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  await ensureRoles(server.url, passwords);
  const url = new URL(server.url);
  url.username = 'slip_portfolio';
  url.password = PASSWORD;
  db = await openDatabase({ url: url.href, name: 'portfolio-live-test', poolMax: 4 });
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  for (const table of TABLES) await db.query(`delete from portfolio.${table}`);
});

async function open() {
  const clock = fakeClock(AT);
  const states: unknown[] = [];
  const portfolio = openPortfolio({
    service: aService('portfolio', clock),
    db,
    relay: { push: () => undefined },
    interest: { put: async () => 1, delete: async () => undefined },
    publish: async (_channel, message) => {
      states.push(message);
      return { sequence: 1, duplicate: false };
    },
  });
  await portfolio.recall();
  return { portfolio, states, clock };
}
type Portfolio = Awaited<ReturnType<typeof open>>['portfolio'];

const anAccount = (over: Partial<AccountState> = {}): AccountState => ({
  scope: LIVE_SCOPE,
  wallet: WALLET,
  cashMicros: usd(100_000_000n),
  positions: [],
  asOf: AT.toISOString(),
  ...over,
});
const aLiveFill = (id: string, side: Side, size: bigint, at: bigint, over: Partial<Fill> = {}): Fill =>
  aFill(id, side, size, at, {
    mode: 'LIVE',
    scope: LIVE_SCOPE,
    origin: 'UNATTRIBUTED',
    attemptId: null,
    intentId: null,
    leaderId: null,
    orderId: ORDER,
    status: 'MATCHED',
    ...over,
  });
const anOrder = (fillCount: number, over: Partial<OrderEvent> = {}): OrderEvent =>
  anEnd(fillCount, { mode: 'LIVE', scope: LIVE_SCOPE, orderId: ORDER, ...over });
const announced = (over: Partial<OrderEvent> = {}): OrderEvent =>
  anOrder(0, { version: 1, status: 'SUBMITTING', ...over });

const begin = (portfolio: Portfolio): Promise<void> => portfolio.onLiveAccounts([delivered(anAccount())]);
const fill = (portfolio: Portfolio, said: Fill, deliveries = 1): Promise<void> =>
  portfolio.onLiveFills([{ ...delivered(said), deliveries }]);

const rows = <R = Record<string, unknown>>(table: string, order: string): Promise<R[]> =>
  db.query<R>(`select * from portfolio.${table} order by ${order}`);
const one = async (table: string): Promise<Record<string, unknown> | undefined> =>
  (await rows(table, '1'))[0];

/** What must hold after anything: the ledger's sums are the account, and the positions are the ledger's. */
async function expectBooksToAgree(): Promise<void> {
  const [sums] = await db.query<{ cash: bigint; fees: bigint; entries: bigint }>(
    `select coalesce(sum(cash_delta_micros), 0)::bigint as cash, coalesce(sum(fee_micros), 0)::bigint as fees,
       count(*) as entries from portfolio.ledger_entry where mode = 'LIVE'`,
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

describe('the baseline', () => {
  test('is the first state of the wallet: its cash is deposited once, its holdings are kept apart', async () => {
    const { portfolio } = await open();
    const held = { tokenId: '9', conditionId: CONDITION, sizeMicros: shares(5_000_000n) };
    await portfolio.onLiveAccounts([
      delivered(anAccount({ positions: [held], asOf: '2026-06-01T12:00:31.000Z', cashMicros: usd(90n) })),
      delivered(anAccount({ positions: [held] })),
    ]);
    const { portfolio: again } = await open();
    await again.onLiveAccounts([delivered(anAccount({ cashMicros: usd(5n) }))]);
    expect(await rows('ledger_entry', 'entry_id')).toMatchObject([
      { mode: 'LIVE', entry_type: 'DEPOSIT', ref_id: 'live:baseline', cash_delta_micros: 100_000_000n },
    ]);
    expect(await rows('baseline_position', 'token_id')).toMatchObject([
      { token_id: '9', shares_micros: 5_000_000n, as_of: AT },
    ]);
    expect(await rows('position', '1')).toEqual([]);
    await expectBooksToAgree();
  });

  test('is waited for by fills, and those of before it are in its cash already', async () => {
    const { portfolio } = await open();
    await portfolio.onLiveOrders([delivered(announced())]);
    const early = aLiveFill('t-0', 'BUY', 1_000_000n, 500_000n, { executedAt: '2026-06-01T12:00:29.000Z' });
    await expect(fill(portfolio, early)).rejects.toThrow(AwaitsBaseline);
    await begin(portfolio);
    await fill(portfolio, early);
    await fill(portfolio, aLiveFill('t-1', 'BUY', 1_000_000n, 500_000n));
    expect(await one('account')).toMatchObject({ cash_micros: 99_500_000n });
    await expectBooksToAgree();
  });
});

describe('a fill', () => {
  test('of an announced order is its attempt’s, and the attempt is final with its order', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    await portfolio.onLiveOrders([delivered(announced())]);
    const said = aLiveFill('t-1', 'BUY', 10_000_000n, 500_000n, { feeMicros: usd(50_000n) });
    await portfolio.onLiveFills([said, { ...said, status: 'MINED' as const }, said].map((f) => delivered(f)));
    expect(await one('attempt_execution')).toMatchObject({ final: false, booked_fills: 1 });
    await portfolio.onLiveOrders([delivered(anOrder(1))]);
    expect(await one('attempt_execution')).toMatchObject({
      final: true,
      status: 'FILLED',
      order_id: ORDER,
      booked_fills: 1,
      filled_size_micros: 10_000_000n,
      filled_notional_micros: 5_000_000n,
      fee_micros: 50_000n,
      hops: { booked: expect.any(Number) },
    });
    expect(await one('position')).toMatchObject({ leader_id: 'leader-1', shares_micros: 10_000_000n });
    expect(await one('account')).toMatchObject({ mode: 'LIVE', cash_micros: 94_950_000n });
    await expectBooksToAgree();
  });

  test('of an order that nobody announces comes again a few times, then is nobody’s', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    const said = aLiveFill('t-1', 'BUY', 10_000_000n, 500_000n);
    await expect(fill(portfolio, said, 3)).rejects.toThrow('announced');
    await fill(portfolio, said, 4);
    // Its next word need not wait: the ledger has it.
    await fill(portfolio, { ...said, status: 'MINED' });
    expect(await one('position')).toMatchObject({ leader_id: null, shares_micros: 10_000_000n });
    expect(await rows('attempt_execution', '1')).toEqual([]);
    await expectBooksToAgree();
  });

  test('that was nobody’s is its attempt’s as soon as its order is announced', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    const said = aLiveFill('t-1', 'BUY', 10_000_000n, 500_000n, { feeMicros: usd(50_000n) });
    await fill(portfolio, said, MANY);
    await portfolio.onLiveOrders([delivered(announced())]);
    await portfolio.onLiveOrders([delivered(announced()), delivered(anOrder(1))]);
    await fill(portfolio, { ...said, status: 'CONFIRMED' });
    expect(await rows('position', 'leader_id nulls first')).toMatchObject([
      { leader_id: null, shares_micros: 0n, cost_micros: 0n, realized_pnl_micros: 0n, fees_micros: 0n },
      { leader_id: 'leader-1', shares_micros: 10_000_000n, cost_micros: 5_000_000n, fees_micros: 50_000n },
    ]);
    expect(await one('attempt_execution')).toMatchObject({
      final: true,
      booked_fills: 1,
      filled_size_micros: 10_000_000n,
    });
    expect(await rows('ledger_entry', 'entry_id')).toHaveLength(4);
    expect(await one('account')).toMatchObject({ cash_micros: 94_950_000n, fees_micros: 50_000n });
    await expectBooksToAgree();
  });

  test('that the chain failed is taken back, whosever it was', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    await portfolio.onLiveOrders([delivered(announced())]);
    const stray = aLiveFill('t-2', 'BUY', 2_000_000n, 500_000n, { orderId: '0xother' });
    await fill(portfolio, aLiveFill('t-1', 'BUY', 10_000_000n, 500_000n));
    await fill(portfolio, stray, MANY);
    await fill(portfolio, aLiveFill('t-1', 'BUY', 10_000_000n, 500_000n, { status: 'FAILED' }));
    await fill(portfolio, { ...stray, status: 'FAILED' });
    expect(await one('account')).toMatchObject({ cash_micros: 100_000_000n, realized_pnl_micros: 0n });
    expect(await one('attempt_execution')).toMatchObject({ filled_size_micros: 0n, booked_fills: 1 });
    await expectBooksToAgree();
  });

  test('as maker is one for each of our orders in the same trade', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    await portfolio.onLiveOrders([
      delivered(announced()),
      delivered(announced({ orderId: '0xb', attemptId: 'ca_2', intentId: 'ci_2', leaderId: 'leader-2' })),
    ]);
    await portfolio.onLiveFills([
      delivered(aLiveFill(`t-1:${ORDER}`, 'BUY', 1_000_000n, 500_000n, { liquidity: 'MAKER' })),
      delivered(aLiveFill('t-1:0xb', 'BUY', 2_000_000n, 500_000n, { liquidity: 'MAKER', orderId: '0xb' })),
    ]);
    expect(await rows('position', 'leader_id')).toMatchObject([
      { leader_id: 'leader-1', shares_micros: 1_000_000n },
      { leader_id: 'leader-2', shares_micros: 2_000_000n },
    ]);
    const refs = (await rows<{ ref_id: string }>('ledger_entry', 'entry_id')).map((row) => row.ref_id);
    expect(refs).toEqual(['live:baseline', `live:trade:t-1:${ORDER}`, 'live:trade:t-1:0xb']);
    await expectBooksToAgree();
  });
});

describe('an attempt whose order', () => {
  test.each([
    ['was not sent', { status: 'SKIPPED', reason: 'LIVE_HARD_LIMIT' }],
    ['was refused', { status: 'REJECTED', reason: 'LIVE_ORDER_REJECTED' }],
    ['was only planned', { status: 'SHADOW_ONLY', reason: 'LIVE_SHADOW_ONLY' }],
  ] as const)('%s is final', async (_, over) => {
    const { portfolio } = await open();
    await portfolio.onLiveOrders([delivered(anOrder(0, over))]);
    expect(await one('attempt_execution')).toMatchObject({ mode: 'LIVE', final: true, ...over });
  });

  test('is unknown is not final', async () => {
    const { portfolio } = await open();
    await portfolio.onLiveOrders([delivered(anOrder(0, { status: 'SUBMISSION_UNKNOWN' }))]);
    expect(await one('attempt_execution')).toMatchObject({ final: false });
  });
});

describe('a resolution', () => {
  const held = { tokenId: TOKEN, conditionId: CONDITION, sizeMicros: shares(10_000_000n) };
  const later = (seconds: number, over: Partial<AccountState> = {}): AccountState =>
    anAccount({ asOf: new Date(AT.getTime() + seconds * 1_000).toISOString(), ...over });

  test('ends a holding when the exchange does not show it any more, not before, and once', async () => {
    const { portfolio } = await open();
    await begin(portfolio);
    await portfolio.onLiveOrders([delivered(announced())]);
    await fill(portfolio, aLiveFill('t-1', 'BUY', 10_000_000n, 400_000n));
    await portfolio.onLiveAccounts([delivered(later(500))]);
    await portfolio.onResolutions([delivered(aResolution('1', '1'))]);
    // Until then its shares are worth what they will be paid.
    expect(portfolio.marks.of(TOKEN)).toMatchObject({ priceMicros: 1_000_000n, source: 'payout' });
    await portfolio.onLiveAccounts([delivered(later(600, { positions: [held] }))]);
    await portfolio.onLiveAccounts([delivered(later(30))]);
    expect(await rows('settlement', '1')).toEqual([]);
    await portfolio.onLiveAccounts([delivered(later(700))]);
    await portfolio.onLiveAccounts([delivered(later(800))]);
    expect(await rows('settlement', '1')).toMatchObject([{ mode: 'LIVE', cash_delta_micros: 10_000_000n }]);
    expect(await one('account')).toMatchObject({
      cash_micros: 106_000_000n,
      realized_pnl_micros: 6_000_000n,
    });
    await expectBooksToAgree();
  });
});

test('where the exchange and the ledger part is shown, and nothing is corrected', async () => {
  const { portfolio } = await open();
  await begin(portfolio);
  await portfolio.onLiveAccounts([delivered(anAccount())]);
  expect(portfolio.figures()).toMatchObject({ liveCashDifferenceMicros: '0', liveTokensDiffering: 0 });
  const stray = { tokenId: '9', conditionId: CONDITION, sizeMicros: shares(5_000_000n) };
  const parted = anAccount({
    asOf: '2026-06-01T12:01:00.000Z',
    cashMicros: usd(90_000_000n),
    positions: [stray],
  });
  await portfolio.onLiveAccounts([delivered(parted)]);
  expect(portfolio.figures()).toMatchObject({
    liveWallets: 1,
    liveCashDifferenceMicros: '-10000000',
    liveTokensDiffering: 1,
  });
  expect(await one('account')).toMatchObject({ cash_micros: 100_000_000n });
});

test('the state of LIVE is told beside that of PAPER', async () => {
  const { portfolio, states, clock } = await open();
  await begin(portfolio);
  await clock.advance(1_000);
  expect(states).toMatchObject([{ mode: 'LIVE', cashMicros: 100_000_000n, equityMicros: 100_000_000n }]);
});
