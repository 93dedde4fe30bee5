import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';
import { startTradingSystem, type TradingSystem } from './trading.ts';

/** Figures are taken at the end of a minute; an exit then passes its paper latency. */
const TRIPPED_WITHIN_MS = 150_000;

let system: TradingSystem;
let leader = '';

beforeAll(async () => {
  system = await startTradingSystem(31, { leaders: 1, steady: true });
  const { items } = await system.stack.gateway.get<{ items: readonly { readonly id: string }[] }>(
    '/api/leaders?limit=500',
  );
  leader = items[0]?.id ?? '';
});
afterAll(() => system?.stop());

const own = (version: number, rules: object): Promise<unknown> =>
  system.stack.gateway.send('PUT', `/api/leaders/${leader}/config`, {
    tradingMode: 'PAPER',
    version,
    rules,
  });
const buys = async (count: number): Promise<readonly SimTrade[]> =>
  (await system.burst({ wallet: system.walletAt(0), count })).trades;

test('a capital stop that trips sells what we hold from the leader, takes nothing more, and begins anew when it is cleared', async () => {
  await own(0, { aggregationWindowMs: 0 });
  await expectAllCopiedOnce(system, await buys(6));
  const held = (): Promise<{ token_id: string }[]> =>
    system.rows(
      `select token_id from portfolio.position where mode = 'PAPER' and leader_id = $1 and shares_micros > 0`,
      [leader],
    );
  expect((await held()).length).toBeGreaterThan(0);

  // Bought at the ask and valued at the middle: a stop of a millionth of a dollar trips at once.
  await own(1, {
    aggregationWindowMs: 0,
    capitalStop: { enabled: true, capitalMicros: '1', trailBps: '1', action: 'close' },
  });
  await expectAllCopiedOnce(system, await buys(1));
  await eventually('nothing is held any more', async () => (await held()).length === 0, {
    withinMs: TRIPPED_WITHIN_MS,
    everyMs: 500,
  });
  const exits = await system.rows<{ side: string; trade_ids: string[] }>(
    `select side, trade_ids from decider.copy_attempt where source_type = 'CAPITAL_STOP' and decision = 'EXECUTE'`,
  );
  expect(exits.length).toBeGreaterThan(0);
  for (const exit of exits) expect(exit).toEqual({ side: 'SELL', trade_ids: [] });

  const skipped = await buys(1);
  await expectAllCopiedOnce(system, skipped);
  const decided = async (trades: readonly SimTrade[]): Promise<{ reasons: string[]; details: string[] }[]> =>
    system.rows(
      `select a.reasons, a.details from ingest.leader_trade t join decider.copy_attempt a on t.trade_id = any(a.trade_ids)
        where t.transaction_hash = any($1)`,
      [trades.map(({ transactionHash }) => transactionHash)],
    );
  expect(await decided(skipped)).toEqual([
    { reasons: ['CIRCUIT_BREAKER_TRIPPED'], details: ['CAPITAL_STOP'] },
  ]);

  await system.stack.gateway.send('POST', `/api/leaders/${leader}/capital-stop/clear`, {
    tradingMode: 'PAPER',
  });
  const again = await buys(1);
  await expectAllCopiedOnce(system, again);
  expect((await decided(again))[0]?.details).toEqual([]);
});
