import { ALL_BPS, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buckets, costPerShare, shareOf } from './quality.ts';
import { windowOf } from './quality-window.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');

describe('the share of a whole', () => {
  test.each([
    [0n, 3n, 0n],
    [1n, 3n, 3_333n],
    [2n, 3n, 6_666n],
    [3n, 3n, 10_000n],
    [7n, 2n, 35_000n],
  ])('%d of %d is %d bps, floored', (part, whole, share) => {
    expect(shareOf(part, whole)).toBe(share);
  });

  test('of nothing is not known, which is not zero', () => {
    expect(shareOf(0n, 0n)).toBeNull();
  });

  test('of almost nothing is bounded', () => {
    expect(shareOf(10n ** 18n, 1n)).toBe(100n * ALL_BPS);
  });
});

describe('the cost per share', () => {
  test.each([
    [30n, 10_000_000n, 3n],
    [1n, 3_000_000n, 1n],
    [-1n, 3_000_000n, 0n],
    [-10n, 3_000_000n, -3n],
  ])('of %d micros over %d micros of shares is %d, rounded against us', (cost, size, mean) => {
    expect(costPerShare(usd(cost), shares(size))).toBe(mean);
  });

  test('of no shares is not known', () => {
    expect(costPerShare(usd(0n), shares(0n))).toBeNull();
  });

  test('is never better than the cost was, and worse by less than a micro a share', () => {
    const cost = fc.bigInt(-(10n ** 12n), 10n ** 12n);
    fc.assert(
      fc.property(cost, fc.bigInt(1n, 10n ** 12n), (dollars, size) => {
        const off = (costPerShare(usd(dollars), shares(size)) ?? 0n) * size - dollars * 1_000_000n;
        expect(off >= 0n && off < size).toBe(true);
      }),
    );
  });
});

test('a histogram has a bucket below, between and above its edges', () => {
  expect(buckets([0n, 10n], [1, 2, 3])).toEqual([
    { from: null, below: 0n, count: 1 },
    { from: 0n, below: 10n, count: 2 },
    { from: 10n, below: null, count: 3 },
  ]);
  expect(buckets([5], []).map(({ count }) => count)).toEqual([0, 0]);
});

describe('the window of quality', () => {
  test('is the last seven days when nothing is said', () => {
    expect(windowOf({}, NOW)).toEqual({
      kind: 'window',
      window: { since: new Date('2026-11-15T12:00:00.000Z'), until: NOW },
    });
  });

  test('ends where it is told to, seven days after its start when that is left out', () => {
    expect(windowOf({ until: '2026-11-08T00:00:00Z' }, NOW)).toMatchObject({
      window: { since: new Date('2026-11-01T00:00:00.000Z') },
    });
  });

  test.each([
    [{ since: '2026-11-22T12:00:00Z' }, 'wants an instant before until, which is now when left out'],
    [{ since: '2026-08-24T11:59:59Z' }, 'wants at most 90 days before until'],
    [
      { since: '2026-11-02T00:00:00Z', until: '2026-11-01T00:00:00Z' },
      'wants an instant before until, which is now when left out',
    ],
  ])('is refused with %j', (asked, detail) => {
    expect(windowOf(asked, NOW)).toEqual({ kind: 'refused', field: 'since', detail });
  });

  test('may be ninety days long', () => {
    expect(windowOf({ since: '2026-08-24T12:00:00Z' }, NOW).kind).toBe('window');
  });
});
