import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

/** The same faults in every run; another seed is another story. */
const SEED = 20_261_130;
const TRADES = 80;
const PER_SECOND = 5;
const NEXT_FAULT_MS = 400;
const SETTLED_WITHIN_MS = 120_000;

/** What happens to requests that place orders: before the exchange has acted, or after. */
const FAULTS = [
  { fault: 'acceptThenDrop' },
  { fault: 'dropBefore' },
  { fault: 'errorAfter' },
  { fault: 'errorBefore' },
  { fault: 'malformedJson' },
  { fault: 'htmlForbidden' },
  { fault: 'rateLimited' },
  { fault: 'duplicateReply' },
  ...[
    'the moon is full',
    'order match delayed due to market conditions',
    'not enough balance / allowance: the balance is not enough -> balance: 0',
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
  ].flatMap((error) => [true, false].map((after) => ({ fault: 'refuse', status: 400, error, after }))),
];
/** What questions meet all the while. */
const PATHS = [
  { path: '/data/order/*', fault: '500', probability: 0.1, seed: 1 },
  { path: '/data/order/*', fault: 'garbage', probability: 0.05, seed: 2 },
  { path: '/data/trades', fault: '500', probability: 0.1, seed: 3 },
  { path: '/data/trades', fault: '429', probability: 0.03, seed: 4 },
  { path: '/data/orders', fault: 'drop', probability: 0.1, seed: 5 },
  { path: '/balance-allowance', fault: '500', probability: 0.1, seed: 6 },
];

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(48, {
    serviceEnv: {
      'live-exec': { LIMIT_ORDER_USD: '1000', LIMIT_DAY_USD: '100000', LIMIT_OPEN_ORDERS: '500' },
    },
  });
  const sizing = { minTradeNotionalMicros: '6000000', maxTradeNotionalMicros: '20000000' };
  await system.liveRules({ ...EAGER_RULES, sizing, live: { concurrency: 4 } });
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());

/** Numbers from 0 up to a bound, the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 9) % bound;
  };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test(`whatever the exchange answers, each decision is one order at most and every one is accounted for (seed ${SEED})`, async () => {
  const roll = dice(SEED);
  await system.sim('/faults', { retryAfterS: 1, paths: PATHS });
  await system.sim('/load', { tradesPerSecond: PER_SECOND, total: TRADES, wallets: 1 });
  const rounds = Math.ceil((TRADES / PER_SECOND) * (1_000 / NEXT_FAULT_MS));
  for (let round = 0; round < rounds; round++) {
    await system.sim('/faults', { orders: { ...FAULTS[roll(FAULTS.length)], times: 1 + roll(2) } });
    await wait(NEXT_FAULT_MS);
  }
  await system.sim('/faults', { orders: null });
  await eventually(
    'every trade is decided',
    async () =>
      (await system.rows(`select 1 from decider.copy_attempt where mode = 'LIVE'`)).length >= TRADES,
  );
  const rows = await system.untilSettled(SETTLED_WITHIN_MS);
  await system.sim('/faults', { paths: [] });
  await eventually('our figures are the exchange’s', () => system.expectAccounted().then(() => true), {
    withinMs: 30_000,
    everyMs: 500,
  });
  const sent = rows.filter(({ sends }) => sends > 0);
  expect(sent.length).toBeGreaterThan(TRADES / 2);
  expect(sent.filter(({ sends }) => sends > 1).length).toBeGreaterThan(0);
  for (const row of rows) expect([row.reserved_cash_micros, row.reserved_shares_micros]).toEqual([0n, 0n]);
  expect(await system.rows('select reason from live.pause')).toEqual([]);
});
