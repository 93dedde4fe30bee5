import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

let system: LiveSystem;

beforeAll(async () => {
  system = await startLiveSystem(41);
  await system.liveRules(EAGER_RULES);
});
afterAll(() => system?.stop());

test('off, live trading leaves no trace; in shadow it plans and sends nothing; on, it trades once for each decision', async () => {
  const began = Date.now();
  await system.trade(2);
  expect(await system.liveRows()).toEqual([]);
  expect(await system.rows(`select 1 from decider.copy_attempt where mode = 'LIVE'`)).toEqual([]);

  await system.switchLive('SHADOW');
  await system.trade(3);
  const shadows = await system.untilSettled();
  expect(shadows.length).toBeGreaterThan(0);
  for (const row of shadows) expect(row).toMatchObject({ status: 'SHADOW_ONLY', state: 'SHADOW', sends: 0 });
  await eventually('every shadow is held against the book', async () =>
    (await system.liveRows()).every(({ shadow }) => shadow !== null),
  );
  const { items } = await system.stack.gateway.get<{
    items: readonly { readonly status: string; readonly shadow: object }[];
  }>('/api/live-orders?status=SHADOW_ONLY');
  expect(items.length).toBe(shadows.length);
  for (const item of items)
    expect(item).toMatchObject({ reason: 'LIVE_SHADOW_ONLY', shadow: { kind: 'seen' } });
  const posted = (await system.requests(began)).filter(
    ({ method, path }) => method !== 'GET' && /order|cancel|heartbeat/.test(path),
  );
  expect(posted).toEqual([]);

  await system.switchLive('ON');
  await system.trade(5);
  const rows = (await system.untilSettled()).filter(({ state }) => state === 'ON');
  expect(rows.filter(({ status }) => status === 'FILLED').length).toBeGreaterThan(0);
  await system.expectAccounted();
  await eventually(
    'every fill is booked',
    async () => {
      const booked = await system.rows<{ shares: bigint }>(
        `select coalesce(sum(abs(share_delta_micros)), 0)::bigint as shares from portfolio.ledger_entry
       where mode = 'LIVE' and entry_type = 'TRADE_FILL'`,
      );
      const filled = (await system.liveRows()).reduce((sum, row) => sum + row.filled_size_micros, 0n);
      return booked[0]?.shares === filled;
    },
    { withinMs: 30_000 },
  );
  await system.switchLive('OFF');
});
