import { type Delivery, newTrace, type OutboxRow } from '@slipstream/bus';
import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import { type CopyIntent, INITIAL_RULES, ModeConfig, PAPER_SCOPE } from '@slipstream/proto';
import { type FakeClock, fakeClock } from '@slipstream/runtime';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPaperExec } from './paper-exec.ts';
import { AT, aBook, aMeta, anIntent, CONDITION, LEADER, level, TOKEN } from './testing/builders.ts';
import { aService } from './testing/service.ts';

const PASSWORD = 'paper-test';
const passwords = {
  ingest: PASSWORD,
  decider: PASSWORD,
  paper: PASSWORD,
  live: PASSWORD,
  portfolio: PASSWORD,
  config: PASSWORD,
};

let server: TestServer;
let db: Database;
let admin: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  await ensureRoles(server.url, passwords);
  const url = new URL(server.url);
  url.username = 'slip_paper';
  url.password = PASSWORD;
  db = await openDatabase({ url: url.href, name: 'paper-test', poolMax: 4 });
  admin = await openDatabase({ url: server.url, name: 'portfolio-of-the-test', poolMax: 2 });
});
afterAll(async () => {
  await db?.close();
  await admin?.close();
  await server?.stop();
});
beforeEach(async () => {
  for (const table of [
    'paper.paper_order',
    'paper.paper_fill',
    'paper.outbox',
    'portfolio.ledger_entry',
    'portfolio.account',
    'portfolio.position',
  ])
    await admin.query(`delete from ${table}`);
});

/** The ledger as portfolio would have it: cash, and shares held for the leader. */
async function fund(cash: bigint, held = 0n): Promise<void> {
  await admin.query(
    `insert into portfolio.account (mode, scope, cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version, updated_at)
     values ('PAPER', $1, $2, $2, 0, 0, 1, now()) on conflict (mode, scope) do update set cash_micros = excluded.cash_micros`,
    [PAPER_SCOPE, cash],
  );
  await admin.query(
    `insert into portfolio.position (mode, scope, leader_id, token_id, condition_id, shares_micros, cost_micros,
       realized_pnl_micros, fees_micros, episode, opened_at, version, updated_at)
     values ('PAPER', $1, $2, $3, $4, $5, 0, 0, 0, 1, now(), 1, now())`,
    [PAPER_SCOPE, LEADER, TOKEN, CONDITION, held],
  );
}

/** Books one of our fills, as portfolio does: entry and account in one transaction. */
const bookFill = (fillId: string, cash: bigint): Promise<void> =>
  admin.tx(async (sql) => {
    await sql.query(
      `insert into portfolio.ledger_entry (mode, scope, ref_id, entry_type, share_delta_micros, cash_delta_micros, fee_micros,
         occurred_at, booked_at) values ('PAPER', $1, $2, 'TRADE_FILL', 0, $3, 0, now(), now())`,
      [PAPER_SCOPE, `paper:fill:${fillId}`, cash],
    );
    await sql.query('update portfolio.account set cash_micros = cash_micros + $1', [cash]);
  });

const config = ModeConfig.parse({
  rules: { ...INITIAL_RULES, paper: { ...INITIAL_RULES.paper, jitterMs: 0 } },
  mode: 'PAPER',
  leaderId: null,
  version: 1,
  changedAt: AT.toISOString(),
  changedBy: 'test',
});

async function open(clock: FakeClock = fakeClock(AT)) {
  const published: OutboxRow[] = [];
  const asked: string[] = [];
  const paper = openPaperExec({
    service: aService('paper-exec', clock),
    db,
    relay: { push: (rows) => published.push(...rows) },
    interest: { put: async (key) => asked.push(key) },
  });
  paper.settings.onConfig('mode.PAPER', config);
  const begun = Promise.withResolvers<void>();
  paper.begin(async () => {
    begun.resolve();
    return { stop: async () => undefined };
  });
  await begun.promise;
  paper.market.onMeta(aMeta());
  return { paper, clock, published, asked };
}

const delivery = (intentId: string, over: Partial<CopyIntent> = {}): Delivery<CopyIntent> => ({
  message: anIntent({ intentId, attemptId: `ca_of_${intentId}`, ...over }),
  trace: newTrace('lt_1', { seen: 1, intended: 2 }),
  subject: 'copy.intent.paper',
  sequence: 1,
  deliveries: 1,
  receivedAt: 0,
});

/** A book that stays true for the whole test. */
const live = (over: Parameters<typeof aBook>[0] = {}) =>
  aBook({ knownAt: new Date(AT.getTime() + 3_600_000).toISOString(), ...over });

type OrderRow = {
  readonly status: string;
  readonly reason: string | null;
  readonly filled_size_micros: bigint;
  readonly fill_count: number;
  readonly book: unknown;
};
const orders = (): Promise<OrderRow[]> =>
  db.query<OrderRow>('select * from paper.paper_order order by intent_id');
const fills = () =>
  db.query<{ fill_id: string; size_micros: bigint; level: number }>(
    'select * from paper.paper_fill order by order_id, level',
  );

describe('an intent', () => {
  test('is PENDING until its latency is over, then has its fills and its book', async () => {
    await fund(100_000_000n);
    const { paper, clock, published } = await open();
    paper.market.onBook(live());
    await paper.onIntents([delivery('ci_1')]);
    await clock.advance(749);
    expect(await orders()).toMatchObject([{ status: 'PENDING', executed_at: null }]);
    await clock.advance(1);
    expect(await orders()).toMatchObject([
      {
        status: 'FILLED',
        filled_size_micros: 15_000_000n,
        fill_count: 2,
        executed_at: clock.now(),
        book: {
          source: 'socket',
          levels: [
            [0, '500000', '10000000', '0'],
            [1, '510000', '10000000', '0'],
          ],
        },
      },
    ]);
    expect(published.map((row) => row.channel)).toEqual([
      'copyOrderPaper',
      'copyFillPaper',
      'copyFillPaper',
      'copyOrderPaper',
    ]);
    expect(JSON.parse(published.at(-1)?.payload ?? '')).toMatchObject({
      version: 2,
      status: 'FILLED',
      fillCount: 2,
    });
  });

  test('keeps its first outcome though it is delivered again and the book has moved', async () => {
    await fund(100_000_000n);
    const { paper, clock } = await open();
    paper.market.onBook(live());
    await paper.onIntents([delivery('ci_1'), delivery('ci_1')]);
    await clock.advance(750);
    const before = [await orders(), await fills()];
    paper.market.onBook(live({ asks: [[...level(40, 100)]] }));
    await paper.onIntents([delivery('ci_1')]);
    await clock.advance(5_000);
    expect([await orders(), await fills()]).toEqual(before);
    expect(await db.query('select seq from paper.outbox')).toHaveLength(4);
  });

  test('that waited when the process ended is executed after a restart, once', async () => {
    await fund(100_000_000n);
    const first = await open();
    await first.paper.onIntents([delivery('ci_1')]);
    const second = await open(fakeClock(new Date(AT.getTime() + 5_000)));
    second.paper.market.onBook(live());
    await second.clock.advance(0);
    first.paper.market.onBook(live({ asks: [[...level(40, 100)]] }));
    await first.clock.advance(750);
    expect(await orders()).toMatchObject([{ status: 'FILLED', filled_size_micros: 15_000_000n }]);
    expect(await fills()).toHaveLength(2);
  });

  test('that expired while nobody was there ends without a fill', async () => {
    await fund(100_000_000n);
    const first = await open();
    await first.paper.onIntents([delivery('ci_1')]);
    const late = await open(fakeClock(new Date(AT.getTime() + 60_000)));
    late.paper.market.onBook(live());
    await late.clock.advance(0);
    expect(await orders()).toMatchObject([{ status: 'CANCELED', reason: 'INTENT_EXPIRED', fill_count: 0 }]);
  });

  test('without a book asks for one and ends with NO_FRESH_BOOK after the wait', async () => {
    await fund(100_000_000n);
    const { paper, clock, asked } = await open();
    await paper.onIntents([delivery('ci_1')]);
    await clock.advance(1_249);
    expect(await orders()).toMatchObject([{ status: 'PENDING' }]);
    await clock.advance(1);
    expect(asked).toEqual([TOKEN]);
    expect(await orders()).toMatchObject([{ status: 'CANCELED', reason: 'NO_FRESH_BOOK', book: null }]);
  });
});

describe('cash at the time of the fill', () => {
  const deep = live({ asks: [[...level(50, 1_000)]] });
  const buys = (n: number) =>
    Array.from({ length: n }, (_, i) =>
      delivery(`ci_${i}`, { targetSizeMicros: shares(10_000_000n), targetNotionalMicros: usd(5_000_000n) }),
    );

  test('is never spent twice by a burst', async () => {
    await fund(22_000_000n);
    const { paper, clock } = await open();
    paper.market.onBook(deep);
    await paper.onIntents(buys(50));
    await clock.advance(750);
    const spent = (
      await db.query<{ n: bigint }>(
        'select sum(notional_micros + fee_micros)::bigint as n from paper.paper_fill',
      )
    )[0]?.n;
    expect(spent).toBe(20_000_000n);
    expect((await orders()).filter((order) => order.reason === 'NOT_ENOUGH_CASH')).toHaveLength(46);
  });

  test('counts each fill once, whether it is booked already or not, and after a restart', async () => {
    await fund(22_000_000n);
    const first = await open();
    first.paper.market.onBook(deep);
    await first.paper.onIntents(buys(2));
    await first.clock.advance(750);
    await bookFill((await fills())[0]?.fill_id ?? '', -5_000_000n);
    await first.paper.onIntents([
      delivery('ci_x', { targetSizeMicros: shares(10_000_000n), targetNotionalMicros: usd(5_000_000n) }),
    ]);
    await first.clock.advance(750);
    for (const fill of (await fills()).slice(1, 2)) await bookFill(fill.fill_id, -5_000_000n);
    const second = await open(fakeClock(new Date(AT.getTime() + 2_000)));
    second.paper.market.onBook(deep);
    await second.paper.onIntents(buys(9).slice(2));
    await second.clock.advance(750);
    const spent = (
      await db.query<{ n: bigint }>(
        'select sum(notional_micros + fee_micros)::bigint as n from paper.paper_fill',
      )
    )[0]?.n;
    expect(spent).toBe(20_000_000n);
  });

  test('an unknown account is not an empty one', async () => {
    const { paper, clock } = await open();
    paper.market.onBook(deep);
    await paper.onIntents(buys(1));
    await clock.advance(750);
    expect(await orders()).toMatchObject([{ status: 'CANCELED', reason: 'MISSING_EQUITY' }]);
  });
});

test('a sale takes no more than the position of its leader', async () => {
  await fund(0n, 12_000_000n);
  const { paper, clock } = await open();
  paper.market.onBook(live());
  const sale = {
    side: 'SELL',
    limitPriceMicros: price(480_000n),
    targetSizeMicros: shares(8_000_000n),
  } as const;
  await paper.onIntents([
    delivery('ci_1', sale),
    delivery('ci_2', sale),
    delivery('ci_3', { ...sale, leaderId: 'another' }),
  ]);
  await clock.advance(750);
  const byReason = new Map((await orders()).map((order) => [order.reason, order.filled_size_micros]));
  expect(byReason.get(null)).toBe(8_000_000n);
  const sold = (await fills()).reduce((sum, fill) => sum + fill.size_micros, 0n);
  // Four are left for the second sale, which is under the market's minimum of five.
  expect(sold).toBe(8_000_000n);
});

test('what was taken of a book that has not changed is remembered across a restart', async () => {
  await fund(1_000_000_000n);
  const first = await open();
  first.paper.market.onBook(live());
  await first.paper.onIntents([delivery('ci_1')]);
  await first.clock.advance(750);
  const second = await open(fakeClock(new Date(AT.getTime() + 1_000)));
  second.paper.market.onBook(live());
  await second.paper.onIntents([delivery('ci_2')]);
  await second.clock.advance(750);
  expect((await orders()).map((order) => order.filled_size_micros)).toEqual([15_000_000n, 5_000_000n]);
});
