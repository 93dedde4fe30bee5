import { eventually } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

/** An order whose fate is not known is held for as long as a send may take, and asked about until then. */
const RESOLVED_WITHIN_MS = 60_000;

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(42, {
    serviceEnv: {
      'live-exec': { LIMIT_ORDER_USD: '100', LIMIT_DAY_USD: '5000', LIMIT_OPEN_ORDERS: '100' },
    },
    steady: true,
  });
  await system.liveRules(EAGER_RULES);
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());
afterEach(() => system.sim('/faults', { orders: null, paths: [] }));

const posts = async (since: number) =>
  (await system.requests(since)).filter(({ method, path }) => method === 'POST' && path === '/order');

/** Orders of now, all ended and agreeing with the exchange's own books. */
async function expectWhole(): Promise<void> {
  await system.untilSettled(RESOLVED_WITHIN_MS);
  await eventually('our figures are the exchange’s', () => system.expectAccounted().then(() => true), {
    withinMs: 20_000,
    everyMs: 500,
  });
  for (const row of await system.liveRows())
    expect([row.reserved_cash_micros, row.reserved_shares_micros]).toEqual([0n, 0n]);
}

test.each([
  ['accepted, then the connection is cut', { orders: { fault: 'acceptThenDrop' } }, 1],
  ['500 after it was executed', { orders: { fault: 'errorAfter' } }, 1],
  ['500 before it was executed', { orders: { fault: 'errorBefore' } }, 2],
  ['half a body', { orders: { fault: 'malformedJson' } }, 1],
  ['a page of the edge, 403', { orders: { fault: 'htmlForbidden' } }, 2],
  ['429 with Retry-After', { orders: { fault: 'rateLimited' }, retryAfterS: 1 }, 2],
  ['two answers, the second that it is a duplicate', { orders: { fault: 'duplicateReply' } }, 1],
  [
    'words that nobody knows, after it was executed',
    { orders: { fault: 'refuse', status: 400, error: 'the moon is full', after: true } },
    1,
  ],
  [
    'a refusal that is not true: it was executed',
    {
      orders: {
        fault: 'refuse',
        status: 400,
        error: 'not enough balance / allowance: the balance is not enough -> balance: 0',
        after: true,
      },
    },
    1,
  ],
  [
    'the connection is cut, and questions meet errors, rubbish and a limit for a while',
    {
      orders: { fault: 'acceptThenDrop' },
      paths: [
        { path: '/data/order/*', fault: '500', times: 2 },
        { path: '/data/order/*', fault: 'garbage', times: 2 },
        { path: '/data/trades', fault: '429', times: 2 },
        { path: '/data/order/*', fault: 'html403', times: 1 },
      ],
      retryAfterS: 1,
    },
    1,
  ],
  ['425 for a while', { restart: { downMs: 2_000, postOnlyMs: 1_000 } }, 2],
] as const)('one decision is one order: %s', async (_, fault, leastSends) => {
  const began = Date.now();
  const before = (await system.liveRows()).length;
  await system.sim('/faults', fault);
  await system.trade(1);
  await expectWhole();
  const rows = (await system.liveRows()).slice(before);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.status).toBe('FILLED');
  const sent = await posts(began);
  expect(sent.length).toBeGreaterThanOrEqual(leastSends);
  expect(new Set(sent.flatMap(({ orderIds }) => orderIds)).size).toBeLessThanOrEqual(1);
});

test('one decision is one order: the answer comes after a minute', async () => {
  const before = (await system.liveRows()).length;
  await system.sim('/faults', { orders: { fault: 'slowReply' }, replyDelayMs: 60_000 });
  await system.trade(1);
  await expectWhole();
  expect((await system.liveRows()).slice(before)).toMatchObject([{ status: 'FILLED', sends: 1 }]);
});

test('what cannot be sent before it is too old is not sent: post-only for two minutes', async () => {
  const before = (await system.liveRows()).length;
  await system.sim('/faults', { restart: { downMs: 500, postOnlyMs: 25_000 } });
  await system.trade(1);
  await expectWhole();
  expect((await system.liveRows()).slice(before)).toMatchObject([
    { status: 'CANCELED', reason: 'INTENT_EXPIRED', filled_size_micros: 0n },
  ]);
  await system.sim('/faults', { restart: { downMs: 0, postOnlyMs: 0 } });
  expect(await system.rows('select * from live.pause')).toEqual([]);
});

test('one decision is one order when it is delivered ten times', async () => {
  await system.trade(1);
  const [last] = (await system.liveRows()).slice(-1);
  const before = await posts(0);
  for (let i = 0; i < 10; i++) await system.republishIntent(last?.intent_id ?? '');
  await eventually('all ten are handled', async () => (await system.pendingIntents()) === 0);
  await expectWhole();
  expect((await posts(0)).length).toBe(before.length);
});

test('a settlement that fails on chain is taken back in the books', async () => {
  await system.sim('/faults', { settlement: 'failed' });
  await system.trade(1);
  await system.untilSettled();
  await eventually(
    'the fill is reversed',
    async () =>
      (
        await system.rows(
          `select 1 from portfolio.ledger_entry where mode = 'LIVE' and entry_type = 'TRADE_FILL_REVERSAL'`,
        )
      ).length > 0,
    { withinMs: 30_000 },
  );
  await system.sim('/faults', { settlement: 'normal' });
});
