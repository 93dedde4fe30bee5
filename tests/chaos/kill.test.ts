import { setTimeout as wait } from 'node:timers/promises';
import type { ServiceName } from '@slipstream/proto';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from '../e2e/copied.ts';
import { startTradingSystem, type TradingSystem } from '../e2e/trading.ts';

const KILLS = 3;
const BETWEEN_KILLS_MS = 700;

let system: TradingSystem;
beforeAll(async () => {
  system = await startTradingSystem(11);
});
afterAll(() => system?.stop());

/** Trades go on all the while: a burst before, between and after the kills. */
async function underLoad(kill: () => void): Promise<void> {
  const trades: SimTrade[] = [];
  const trade = async (): Promise<void> => {
    for (const wallet of system.wallets)
      trades.push(...(await system.burst({ wallet, count: 15, perTransaction: 1 })).trades);
  };
  for (let i = 0; i < KILLS; i++) {
    await trade();
    kill();
    await trade();
    await wait(BETWEEN_KILLS_MS);
  }
  await trade();
  await expectAllCopiedOnce(system, trades);
}

describe('kill -9 under load', () => {
  test.each<ServiceName>(['ingest', 'decider', 'paper-exec', 'portfolio'])(
    'of %s loses and doubles nothing',
    async (name) => {
      await underLoad(() => system.stack.services.get(name)?.signal('SIGKILL'));
    },
  );

  test('of NATS loses and doubles nothing', async () => {
    await underLoad(() => system.stack.nats.signal('SIGKILL'));
  });

  test('of PostgreSQL loses and doubles nothing', async () => {
    await underLoad(() => system.stack.postgres.signal('SIGKILL'));
  });
});
