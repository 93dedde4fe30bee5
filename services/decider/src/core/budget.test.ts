import { bps, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG, groupFacts, withSizing } from '../../test/builders.ts';
import { scaled, sizeBuy } from './size.ts';

const EQUITY = usd(10_000_000_000n);
const dynamic = (over: Partial<typeof CONFIG.sizing> = {}): typeof CONFIG.sizing =>
  withSizing({
    sizingMode: 'budgetedDynamic',
    budgetMicros: usd(1_000_000_000n),
    budgetRMinBps: bps(50n),
    budgetRMaxBps: bps(200n),
    ...over,
  }).sizing;
const N = usd(1_000_000_000n);

describe('budgetedDynamic', () => {
  test('goes where his money goes: N × budget / E', () => {
    // A budget of 1 000 against 100 000 of his: one percent.
    expect(scaled(N, dynamic(), usd(100_000_000_000n))).toBe(10_000_000n);
  });
  test('never under the least rate, nor over the highest', () => {
    expect(scaled(N, dynamic(), usd(10n ** 15n))).toBe(5_000_000n);
    expect(scaled(N, dynamic(), usd(1_000_000n))).toBe(20_000_000n);
  });
  test.each([null, usd(0n), usd(-1n)])('takes the highest rate where his exposure is %s', (worth) => {
    expect(scaled(N, dynamic(), worth)).toBe(20_000_000n);
  });
  test('floors, and lies between the rates, for any figures', () => {
    const amount = fc.bigInt(0n, 10n ** 15n);
    fc.assert(
      fc.property(amount, amount, amount, (n, budget, worth) => {
        const copy = scaled(usd(n), dynamic({ budgetMicros: usd(budget) }), usd(worth));
        expect(copy >= (n * 50n) / 10_000n && copy <= (n * 200n) / 10_000n).toBe(true);
        if (worth > 0n) expect(copy <= (n * budget) / worth || copy === (n * 50n) / 10_000n).toBe(true);
      }),
    );
  });
});

describe('a budget', () => {
  const buy = (sizing: typeof CONFIG.sizing, booked: bigint, reserved = 0n, n = 100_000_000_000n) =>
    sizeBuy(
      {
        group: groupFacts({ notionalMicros: usd(n) }),
        equity: EQUITY,
        leaderWorth: null,
        ours: { bookedMicros: usd(booked), reservedMicros: usd(reserved) },
      },
      sizing,
    );
  const hard = withSizing({ budgetMicros: usd(100_000_000n) }).sizing;

  test('that is hard cuts to what is left of it, what is not booked yet counted', () => {
    // The bankroll would allow 75 dollars.
    expect(buy(hard, 60_000_000n, 10_000_000n)).toMatchObject({ target: { notionalMicros: 30_000_000n } });
  });
  test('that is hard and leaves less than the minimum, or nothing, is a skip', () => {
    for (const booked of [95_000_001n, 100_000_000n, 500_000_000n])
      expect(buy(hard, booked)).toEqual({
        kind: 'refused',
        reasons: [{ code: 'BUDGET_HARD_CAP_EXCEEDED', detail: null }],
      });
    expect(buy(hard, 95_000_000n)).toMatchObject({ target: { notionalMicros: 5_000_000n } });
  });
  test('that is used up says so without a minimum, too', () => {
    const noMinimum = { ...hard, minTradeNotionalMicros: usd(0n) };
    const usedUp = { kind: 'refused', reasons: [{ code: 'BUDGET_HARD_CAP_EXCEEDED', detail: null }] };
    expect(buy(noMinimum, 60_000_000n, 40_000_000n)).toEqual(usedUp);
    expect(buy({ ...noMinimum, budgetMicros: usd(0n) }, 0n)).toEqual(usedUp);
    expect(buy(noMinimum, 99_000_000n)).toMatchObject({ target: { notionalMicros: 1_000_000n } });
  });
  test('that is soft cuts nothing', () => {
    expect(buy({ ...hard, budgetEnforcement: 'soft' }, 500_000_000n)).toMatchObject({
      target: { notionalMicros: 75_000_000n },
    });
  });
  test('that is not there cuts nothing', () => {
    expect(buy(CONFIG.sizing, 500_000_000n)).toMatchObject({ target: { notionalMicros: 75_000_000n } });
  });
});

test('what a buffer scaled is not scaled again, and has the same clamps', () => {
  const flushed = (scaledMicros: bigint) =>
    sizeBuy(
      {
        group: groupFacts({ flush: { scaledMicros: usd(scaledMicros), belowMinExec: false } }),
        equity: EQUITY,
        leaderWorth: null,
        ours: { bookedMicros: usd(0n), reservedMicros: usd(0n) },
      },
      CONFIG.sizing,
    );
  expect(flushed(7_000_000n)).toMatchObject({ target: { notionalMicros: 7_000_000n } });
  expect(flushed(600_000n)).toMatchObject({ target: { notionalMicros: 5_000_000n } });
  expect(flushed(10n ** 12n)).toMatchObject({ target: { notionalMicros: 75_000_000n } });
});
