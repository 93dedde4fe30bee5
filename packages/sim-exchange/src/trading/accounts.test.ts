import { describe, expect, test } from 'vitest';
import { ALICE, BOB } from '../../test/trading.ts';
import { Accounts, type Movement } from './accounts.ts';
import {
  EXCHANGE_V2,
  MAX_ALLOWANCE,
  NEG_RISK_ADAPTER,
  NEG_RISK_EXCHANGE_V2,
  spendersOf,
  spendersOn,
} from './contracts.ts';
import { noTradingSwitches } from './switches.ts';

const ONE = 1_000_000n;
const CASH = { kind: 'collateral' } as const;
const TOKEN = { kind: 'token', tokenId: '7' } as const;

const open = (more: object = {}) => {
  const nothing = { cashMicros: 0n, tokens: new Map<string, bigint>() };
  return new Accounts(137, { ...noTradingSwitches(), ...more }, () => nothing);
};
const buying: Movement = {
  address: ALICE,
  spender: EXCHANGE_V2,
  tokenId: '7',
  cashMicros: -4n * ONE,
  sharesMicros: 10n * ONE,
};

describe('accounts', () => {
  test('bind what is given, move it once, and count what leaves', () => {
    const accounts = open();
    accounts.fund(ALICE, { cashMicros: 5n * ONE });
    accounts.hold(buying);
    expect(accounts.spendable(ALICE, CASH)).toMatchObject({
      balance: 5n * ONE,
      matched: 4n * ONE,
      free: ONE,
    });
    accounts.apply([buying], 100_000n);
    expect(accounts.view(ALICE)).toMatchObject({ cashMicros: ONE, heldCashMicros: 0n });
    expect(accounts.totals()).toEqual({
      fundedMicros: 5n * ONE,
      cashMicros: ONE,
      feesMicros: 100_000n,
      outsideMicros: 3_900_000n,
    });
  });

  test('refuse to go below nothing', () => {
    const accounts = open();
    expect(() => accounts.fund(ALICE, { cashMicros: -1n })).toThrow(RangeError);
    expect(() => accounts.fund(ALICE, { tokens: { '7': -1n } })).toThrow(RangeError);
    accounts.fund(ALICE, { cashMicros: ONE });
    accounts.hold(buying);
    expect(() => accounts.apply([buying], 0n)).toThrow(RangeError);
  });

  test('wear a bounded approval off, and an unlimited one never', () => {
    const accounts = open();
    accounts.fund(ALICE, { cashMicros: 20n * ONE });
    for (const [approved, left] of [
      [6n * ONE, 2n * ONE],
      [MAX_ALLOWANCE, MAX_ALLOWANCE],
    ] as const) {
      accounts.approve(ALICE, { spender: EXCHANGE_V2, collateralMicros: approved, tokens: null });
      accounts.hold(buying);
      accounts.apply([buying], 0n);
      expect(accounts.known(ALICE, CASH).allowances.get(EXCHANGE_V2)).toBe(left);
    }
  });

  test('say of tokens whether a contract may move them all', () => {
    const accounts = open();
    accounts.approve(ALICE, { spender: 'all', collateralMicros: null, tokens: true });
    accounts.approve(ALICE, { spender: NEG_RISK_ADAPTER, collateralMicros: null, tokens: false });
    const { allowances } = accounts.known(ALICE, TOKEN);
    expect(allowances.get(EXCHANGE_V2)).toBe(MAX_ALLOWANCE);
    expect(allowances.get(NEG_RISK_ADAPTER)).toBe(0n);
    expect([...allowances.keys()]).toEqual(spendersOn(137));
  });

  test('are not made by asking after them', () => {
    const accounts = open();
    accounts.view(BOB);
    accounts.known(BOB, CASH);
    accounts.refresh(BOB, CASH);
    expect(accounts.addresses()).toEqual([]);
  });
});

test('neg-risk orders want the old adapter, too, and each version its own exchange', () => {
  expect(spendersOf(2, false, 137)).toEqual([EXCHANGE_V2]);
  expect(spendersOf(2, true, 137)).toEqual([NEG_RISK_EXCHANGE_V2, NEG_RISK_ADAPTER]);
  expect(spendersOf(3, true, 137)).not.toEqual(spendersOf(3, true, 80_002));
});
