import { newTrace } from '@slipstream/bus';
import { bps, price, shares, usd } from '@slipstream/money';
import type { CapitalStop } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { CONDITION, NOW, TOKEN } from '../../test/builders.ts';
import { advance, isStopped, type StopLine } from './capital-stop.ts';
import { exitsOf } from './exits.ts';
import { dayStart, weekStart } from './periods.ts';

const MINUTE_MS = 60_000;
/** A line of 1 000 dollars that trips where it falls by more than a tenth. */
const RULES: CapitalStop = {
  enabled: true,
  capitalMicros: usd(1_000_000_000n),
  trailBps: bps(1_000n),
  action: 'pause',
};
const at = (minute: number): Date => new Date(NOW.getTime() + minute * MINUTE_MS);
const profit = (minute: number, dollars: bigint) => ({
  ...{ mode: 'PAPER' as const, scope: 'EXEC_GLOBAL', leaderId: 'L1' },
  profitMicros: usd(dollars * 1_000_000n),
  asOf: at(minute),
});
const run = (
  figures: readonly (readonly [minute: number, dollars: bigint])[],
  rules = RULES,
  clearedAt: Date | null = null,
  from: StopLine | null = null,
): StopLine | null =>
  figures.reduce<StopLine | null>((line, figure) => advance(line, profit(...figure), rules, clearedAt), from);

describe('the trailing line', () => {
  test('follows profit up and stays where it was when profit falls', () => {
    expect(
      run([
        [0, 0n],
        [1, 200n],
        [2, 150n],
      ]),
    ).toMatchObject({
      peakMicros: 200_000_000n,
      profitMicros: 150_000_000n,
      trip: null,
    });
  });
  test('trips under its highest point by more than the part allowed, and not at it', () => {
    // Capital 1 000 + 200 made: a tenth of 1 200 is 120.
    expect(
      run([
        [0, 200n],
        [1, 80n],
      ])?.trip,
    ).toBeNull();
    expect(
      run([
        [0, 200n],
        [1, 79n],
      ])?.trip,
    ).toEqual({ at: at(1), action: 'pause' });
  });
  test('a loss from the beginning counts against the capital alone', () => {
    expect(
      run([
        [0, 0n],
        [1, -100n],
      ])?.trip,
    ).toBeNull();
    expect(
      run([
        [0, 0n],
        [1, -101n],
      ])?.trip,
    ).not.toBeNull();
  });
  test('trips a micro under the boundary, which is floored', () => {
    // A tenth of 1 000.000 009 is 100.000 000.9.
    const from = { ...profit(0, 0n), profitMicros: usd(9n) };
    const to = (n: bigint) => ({ ...profit(1, 0n), profitMicros: usd(9n - n) });
    const line = advance(null, from, RULES, null);
    expect(advance(line, to(100_000_000n), RULES, null).trip).toBeNull();
    expect(advance(line, to(100_000_001n), RULES, null).trip).not.toBeNull();
  });
  test('trips with the first figure, too, where that lies under it', () => {
    expect(run([[0, -100n]])).toMatchObject({ peakMicros: 0n, trip: null });
    expect(run([[0, -101n]])?.trip).toEqual({ at: at(0), action: 'pause' });
    expect(run([[0, -101n]], { ...RULES, enabled: false })?.trip).toBeNull();
  });
  test('keeps the action and the instant that it tripped with', () => {
    const line = run([
      [0, 0n],
      [1, -200n],
    ]);
    const closing: CapitalStop = { ...RULES, action: 'close' };
    expect(run([[2, -900n]], closing, null, line)?.trip).toEqual({ at: at(1), action: 'pause' });
  });
  test('stays tripped however profit recovers', () => {
    const line = run([
      [0, 0n],
      [1, -200n],
      [2, 500n],
    ]);
    expect(line?.trip).toEqual({ at: at(1), action: 'pause' });
    expect(isStopped(line, RULES, null)).toBe(true);
    expect(isStopped(line, { enabled: false }, null)).toBe(false);
    expect(isStopped(null, RULES, null)).toBe(false);
  });
  test('a figure that comes again, or late, changes nothing', () => {
    const line = run([
      [0, 0n],
      [2, 100n],
    ]);
    expect(advance(line, profit(2, -900n), RULES, null)).toBe(line);
    expect(advance(line, profit(1, -900n), RULES, null)).toBe(line);
  });
  test('disabled, it goes on measuring and trips nothing', () => {
    expect(
      run(
        [
          [0, 500n],
          [1, -400n],
        ],
        { ...RULES, enabled: false },
      ),
    ).toMatchObject({
      peakMicros: 500_000_000n,
      trip: null,
    });
  });
  test('cleared, it begins anew with the first figure after that', () => {
    const tripped = run([
      [0, 0n],
      [1, -200n],
    ]);
    const cleared = at(2);
    expect(isStopped(tripped, RULES, cleared)).toBe(false);
    // What was measured before the clearing was cleared.
    expect(advance(tripped, profit(1.5, -300n), RULES, cleared)?.baseMicros).toBe(0n);
    const anew = run([[3, -200n]], RULES, cleared, tripped);
    expect(anew).toMatchObject({ baseMicros: -200_000_000n, peakMicros: -200_000_000n, trip: null });
    expect(run([[4, -300n]], RULES, cleared, anew)?.trip).toBeNull();
    expect(run([[4, -301n]], RULES, cleared, anew)?.trip).not.toBeNull();
  });
  test('cleared again, it begins again; the same clearing clears once', () => {
    const cleared = at(2);
    const again = run(
      [
        [3, 0n],
        [4, -200n],
      ],
      RULES,
      cleared,
      run([[0, 0n]]),
    );
    expect(isStopped(again, RULES, cleared)).toBe(true);
    expect(isStopped(again, RULES, at(5))).toBe(false);
    expect(run([[6, -200n]], RULES, at(5), again)).toMatchObject({
      baseMicros: -200_000_000n,
      clearedAt: at(5),
      trip: null,
    });
  });
  test('a figure from before the clearing is no beginning, even where there was no line', () => {
    const cleared = at(2);
    const late = run([[1, -500n]], RULES, cleared);
    expect(isStopped(late, RULES, cleared)).toBe(false);
    expect(run([[3, -700n]], RULES, cleared, late)).toMatchObject({
      baseMicros: -700_000_000n,
      peakMicros: -700_000_000n,
      trip: null,
    });
  });
  test('a clearing at the very instant of a figure counts that figure', () => {
    expect(run([[2, -500n]], RULES, at(2))).toMatchObject({ baseMicros: -500_000_000n, clearedAt: at(2) });
  });
});

describe('exits', () => {
  const held = {
    tokenId: TOKEN,
    conditionId: CONDITION,
    freeMicros: shares(40n),
    markMicros: price(500_000n),
  };
  const line = (action: 'pause' | 'close'): StopLine => ({
    ...profit(1, -200n),
    baseMicros: usd(0n),
    peakMicros: usd(0n),
    clearedAt: null,
    trip: { at: at(1), action },
  });
  const keys = (minute: number): string[] =>
    exitsOf(line('close'), [held], at(minute), 0, newTrace).map(({ groupKey }) => groupKey);

  test('sell everything that is free and has a price', () => {
    const exits = exitsOf(line('close'), [held], at(1), 3, newTrace);
    expect(exits).toMatchObject([
      {
        source: 'CAPITAL_STOP',
        side: 'SELL',
        sizeMicros: 40n,
        notionalMicros: 20n,
        partition: 3,
        tradeIds: [],
      },
    ]);
    const nothing = [
      { ...held, freeMicros: shares(0n) },
      { ...held, markMicros: null },
    ];
    expect(exitsOf(line('close'), nothing, at(1), 0, newTrace)).toEqual([]);
  });
  test('are named for the trip and its round, which comes after 1, 2, 4 … 64 minutes and then every 64', () => {
    const rounds = (minutes: readonly number[]): number =>
      new Set(minutes.flatMap((minute) => keys(1 + minute))).size;
    expect(rounds([0, 0.5, 0.99])).toBe(1);
    expect(rounds([0.99, 1, 2, 4, 8, 16, 32, 64, 128])).toBe(9);
    for (const same of [
      [1, 1.9],
      [2, 3.9],
      [32, 63.9],
      [64, 127.9],
      [128, 191.9],
    ])
      expect(rounds(same)).toBe(1);
  });
  test('are one for each token, and another for another trip', () => {
    const other = { ...held, tokenId: '222' };
    const groups = exitsOf(line('close'), [held, other], at(1), 0, newTrace);
    expect(groups.map(({ tokenId }) => tokenId)).toEqual([TOKEN, '222']);
    expect(new Set(groups.map(({ groupKey }) => groupKey)).size).toBe(2);
    const later = { ...line('close'), trip: { at: at(2), action: 'close' as const } };
    expect(exitsOf(later, [held], at(2), 0, newTrace)[0]?.groupKey).not.toBe(keys(1)[0]);
  });
  test('are due at once and value what they sell down', () => {
    const odd = { ...held, freeMicros: shares(3n) };
    expect(exitsOf(line('close'), [odd], at(7), 0, newTrace)).toMatchObject([
      { openedAt: at(7), dueAt: at(7), wakeAt: at(7), occurredAt: at(7), notionalMicros: 1n, status: 'OPEN' },
    ]);
  });
  test('are not made by a stop that only pauses, or that has not tripped', () => {
    expect(exitsOf(line('pause'), [held], at(1), 0, newTrace)).toEqual([]);
    expect(exitsOf({ ...line('close'), trip: null }, [held], at(1), 0, newTrace)).toEqual([]);
  });
});

describe('periods', () => {
  test.each([
    ['2026-11-23T00:00:00.000Z', '2026-11-23', '2026-11-23'],
    ['2026-11-23T23:59:59.999Z', '2026-11-23', '2026-11-23'],
    ['2026-11-29T12:00:00.000Z', '2026-11-29', '2026-11-23'],
    ['2026-11-29T23:59:59.999Z', '2026-11-29', '2026-11-23'],
    ['2026-11-30T00:00:00.000Z', '2026-11-30', '2026-11-30'],
    ['1970-01-01T00:00:00.000Z', '1970-01-01', '1969-12-29'],
  ])('%s is in the day of %s and the week of %s', (instant, day, week) => {
    expect(dayStart(new Date(instant)).toISOString()).toBe(`${day}T00:00:00.000Z`);
    expect(weekStart(new Date(instant)).toISOString()).toBe(`${week}T00:00:00.000Z`);
  });
});
