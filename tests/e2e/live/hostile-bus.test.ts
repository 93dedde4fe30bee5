import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(43, {
    serviceEnv: {
      'live-exec': {
        LIMIT_ORDER_USD: '8',
        LIMIT_DAY_USD: '20',
        LIMIT_PRICE_MIN: '0.02',
        LIMIT_PRICE_MAX: '0.98',
      },
    },
  });
  await system.liveRules({
    ...EAGER_RULES,
    sizing: { ...EAGER_RULES.sizing, minTradeNotionalMicros: '6000000' },
  });
  await system.switchLive('SHADOW', 'ON');
});
afterAll(() => system?.stop());

const posts = async () =>
  (await system.requests()).filter(({ method, path }) => method === 'POST' && path === '/order').length;

test('the key holder’s own limits hold whatever is decided: an order’s, a day’s', async () => {
  await system.trade(6);
  const rows = await system.untilSettled();
  const spent = rows.reduce((sum, row) => sum + row.filled_notional_micros, 0n);
  expect(spent).toBeLessThanOrEqual(20_000_000n);
  for (const row of rows) expect(row.filled_notional_micros).toBeLessThanOrEqual(8_000_000n);
  expect(rows.filter(({ reason }) => reason === 'LIVE_HARD_LIMIT').length).toBeGreaterThan(0);
});

test('a forged intent, or one that is absurd, is refused and never reaches the exchange', async () => {
  const [row] = await system.liveRows();
  const known = row?.intent_id ?? '';
  const before = await posts();
  const orders = (await system.liveRows()).length;
  const decidedAt = new Date().toISOString();
  const fresh = { decidedAt, expiresAt: new Date(Date.now() + 10_000).toISOString() };
  const forgeries = [
    // Nothing stands behind it.
    { intentId: 'ci_forged', attemptId: 'ca_forged', groupKey: 'g:forged', ...fresh },
    // A true one with other figures.
    { targetSizeMicros: '900000000000', ...fresh },
    { limitPriceMicros: '990000', ...fresh },
    { side: 'SELL', limitPriceMicros: '1', ...fresh },
    { groupKey: 'g:again', ...fresh },
    { expiresAt: '2036-01-01T00:00:00.000Z' },
    { mode: 'PAPER' },
    { scope: 'SOMEBODY' },
    { tokenId: 'not a token' },
    { targetSizeMicros: '-5' },
  ];
  for (const forged of forgeries) await system.republishIntent(known, forged);
  await eventually('all are handled', async () => (await system.pendingIntents()) === 0, {
    withinMs: 60_000,
  });
  expect(await posts()).toBe(before);
  expect((await system.liveRows()).length).toBe(orders);
  const { items } = await system.stack.gateway.get<{
    items: readonly { readonly service: string; readonly reason: string }[];
  }>('/api/dead-letters');
  expect(items.filter(({ service }) => service === 'live-exec').length).toBe(forgeries.length);
});
