import { SERVICES } from '@slipstream/proto';
import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptedParts, expectAllCopiedOnce, recordedOf } from './copied.ts';
import { startTradingSystem, type TradingSystem } from './trading.ts';

/** Each test makes its own trades. */
let system: TradingSystem;
beforeAll(async () => {
  system = await startTradingSystem(7);
});
afterAll(() => system?.stop());

describe('leader trades on the simulated exchange', () => {
  test('five fills in one transaction are one canonical trade with the whole size', async () => {
    const { trades } = await system.burst({ wallet: system.walletAt(0), count: 5, perTransaction: 5 });
    expect(new Set(trades.map((t) => t.transactionHash)).size).toBe(1);
    await expectAllCopiedOnce(system, trades);
  });

  test('trades of the same second are all seen', async () => {
    const { trades } = await system.burst({ wallet: system.walletAt(1), count: 12, perTransaction: 1 });
    await expectAllCopiedOnce(system, trades);
  });

  test('a burst of 300 is copied, none twice', async () => {
    const { trades } = await system.burst({ wallet: system.walletAt(2), count: 300, perTransaction: 1 });
    expect(trades).toHaveLength(300);
    await expectAllCopiedOnce(system, trades);
  });

  test('the same trade from three sources is copied once', async () => {
    const { trades } = await system.burst({ wallet: system.walletAt(3), count: 3, perTransaction: 1 });
    await expectAllCopiedOnce(system, trades);
    const sources = await eventually('all sources report', async () => {
      const rows = await system.rows<{ source: string; n: bigint }>(
        `select s.source, count(*) as n from ingest.sighting s join ingest.leader_trade t on t.base_id = s.base_id
          where t.transaction_hash = any($1) and t.part = 1 group by 1`,
        [trades.map((t) => t.transactionHash)],
      );
      return rows.length >= 3 && rows.every((row) => row.n === 3n) ? rows : null;
    });
    expect(sources.map((row) => row.source).sort()).toEqual(['chain', 'data-api', 'rtds']);
  });

  test.each(SERVICES)('a restart of %s in the middle loses and doubles nothing', async (name) => {
    const before = await system.burst({ wallet: system.walletAt(0), count: 20, perTransaction: 2 });
    system.stack.services.get(name)?.signal('SIGTERM');
    const after = await system.burst({ wallet: system.walletAt(1), count: 20, perTransaction: 2 });
    await expectAllCopiedOnce(system, [...before.trades, ...after.trades]);
  });

  test('a missed real-time feed is made good by polling', async () => {
    await system.sim('/faults', { rtdsMissEvery: 1 });
    try {
      const { trades } = await system.burst({ wallet: system.walletAt(2), count: 10, perTransaction: 1 });
      await expectAllCopiedOnce(system, trades);
    } finally {
      await system.sim('/faults', { rtdsMissEvery: 0 });
    }
  });

  test('every part of every trade of this run is in exactly one attempt', async () => {
    const parts = await attemptedParts(system);
    expect(parts.filter((part) => part.attempts !== 1n)).toEqual([]);
    expect((await recordedOf(system)).length).toBeGreaterThan(400);
  });
});
