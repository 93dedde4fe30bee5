import type { AccountPort, Asset } from '@slipstream/exchange';
import type { HeldToken } from '@slipstream/exchange/public-client';
import { shares } from '@slipstream/money';
import { fakeClock, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { Account } from './account.ts';
import { AT, aMarket, aVenueFill, CONDITION, OURS, TOKEN } from './testing/builders.ts';
import { fakeBus } from './testing/fake-bus.ts';

const nameOf = (asset: Asset): string => (asset.kind === 'collateral' ? 'cash' : asset.tokenId);

function anAccount() {
  const clock = fakeClock(AT);
  const bus = fakeBus();
  const asked: string[] = [];
  const venue = {
    balances: new Map<string, bigint>([['cash', 100_000_000n]]),
    listed: [] as HeldToken[],
    down: false,
  };
  const port: Pick<AccountPort, 'balance' | 'refreshBalance'> = {
    balance: async (asset) => {
      asked.push(`balance ${nameOf(asset)}`);
      return { balanceMicros: venue.balances.get(nameOf(asset)) ?? 0n, allowances: new Map() };
    },
    refreshBalance: async (asset) => {
      asked.push(`refresh ${nameOf(asset)}`);
    },
  };
  const account = new Account({
    account: port,
    positions: {
      of: async () => {
        if (venue.down) throw new Error('positions: status 503');
        return venue.listed;
      },
    },
    publish: bus.publish,
    marketOf: () => aMarket(),
    scope: 'EXEC_GLOBAL',
    funder: OURS.wallet,
    clock,
    log: silentLogger(),
  });
  return { account, venue, bus, clock, asked };
}

describe('the account', () => {
  test('is told every few seconds, as of when the first question was asked', async () => {
    const { bus, clock } = anAccount();
    await clock.advance(30_000);
    expect(bus.accounts).toMatchObject([
      { wallet: OURS.wallet, cashMicros: 100_000_000n, asOf: '2026-11-23T10:00:15.000Z' },
      { asOf: '2026-11-23T10:00:30.000Z' },
    ]);
  });

  test('is told soon after a fill, with the order book’s word on what was traded', async () => {
    const { account, venue, bus, clock, asked } = anAccount();
    const old = { tokenId: '9', conditionId: CONDITION, sizeMicros: shares(1n) };
    venue.listed = [old];
    venue.balances.set(TOKEN, 10_000_000n);
    account.onFill(aVenueFill());
    account.onFill(aVenueFill({ status: 'MINED' }));
    await clock.advance(1_000);
    expect(bus.accounts).toHaveLength(1);
    expect(bus.accounts[0]?.positions).toEqual([
      { tokenId: TOKEN, conditionId: CONDITION, sizeMicros: 10_000_000n },
      old,
    ]);
    expect(asked).toEqual(['refresh cash', 'balance cash', `refresh ${TOKEN}`, `balance ${TOKEN}`]);
  });

  test('is not told in part: where one question goes without an answer there is no new state', async () => {
    const { account, venue, bus, clock } = anAccount();
    venue.down = true;
    await clock.advance(15_000);
    expect(bus.accounts).toEqual([]);
    expect(account.trouble()).toContain('503');
    venue.down = false;
    await clock.advance(15_000);
    expect(bus.accounts).toHaveLength(1);
    expect(account.trouble()).toBeNull();
  });

  test('makes the exchange read the chain again now and then, not every time', async () => {
    const { clock, asked } = anAccount();
    await clock.advance(75_000);
    expect(asked.filter((question) => question === 'refresh cash')).toHaveLength(2);
  });
});
