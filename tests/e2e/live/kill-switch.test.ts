import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

/** From the request to the last order. Source: design §9. */
const STOPPED_WITHIN_MS = 100;
const WATCHED_MS = 3_000;
const LOAD_PER_SECOND = 40;

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(44, {
    serviceEnv: {
      'live-exec': { LIMIT_ORDER_USD: '1000', LIMIT_DAY_USD: '100000', LIMIT_OPEN_ORDERS: '500' },
    },
  });
  await system.liveRules({ ...EAGER_RULES, live: { concurrency: 4 } });
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('OFF under load: no order leaves after a tenth of a second, and what rests is cancelled', async () => {
  await system.sim('/load', { tradesPerSecond: LOAD_PER_SECOND, total: LOAD_PER_SECOND * 8, wallets: 1 });
  await wait(3_000);
  const before = (await system.requests()).filter(({ path }) => path === '/order').length;
  expect(before).toBeGreaterThan(5);
  const asked = Date.now();
  await system.switchLive('OFF');
  const answered = Date.now();
  await wait(WATCHED_MS);
  const late = (await system.requests(asked)).filter(
    ({ path, method, atMs }) => method === 'POST' && path === '/order' && atMs > asked + STOPPED_WITHIN_MS,
  );
  expect({ late, tookMs: answered - asked }).toMatchObject({ late: [] });
  const canceled = (await system.requests(asked)).filter(({ path }) => path === '/cancel-all');
  expect(canceled.length).toBeGreaterThan(0);
  await system.untilSettled();
  await system.expectAccounted();
  const explained = (await system.liveRows()).filter(({ reason }) => reason === 'LIVE_MODE_OFF');
  for (const row of explained) expect(['SKIPPED', 'CANCELED']).toContain(row.status);
});
