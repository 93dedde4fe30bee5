import { notional, price, shares, usd, vwap } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Growth,
  grow,
  growthOf,
  NOTHING_PUBLISHED,
  StreamedFigures,
  sumByTrade,
  ToldBefore,
} from './merge.ts';
import type { Figure, TradeRow } from './observation.ts';

const figure = (size: bigint, worth: bigint): Figure => ({
  sizeMicros: shares(size),
  notionalMicros: usd(worth),
});

/** One printed row of a trade; rows of the same number are rows of the same trade. */
const row = (trade: number, at: bigint, size: bigint): TradeRow => ({
  tradeId: `lt_${trade}`,
  identity: { transactionHash: `0x${trade}`, wallet: '0x1', tokenId: '101', side: 'BUY' },
  conditionId: '0xc',
  outcome: 'Yes',
  sizeMicros: shares(size),
  notionalMicros: notional(shares(size), price(at), 'down'),
  priceKey: `${at}:${size}`,
  occurredAtMs: 0,
});

describe('growthOf', () => {
  test('the first figure is the first part', () => {
    expect(growthOf(NOTHING_PUBLISHED, figure(10n, 5n))).toEqual({
      part: 1,
      sizeMicros: 10n,
      notionalMicros: 5n,
    });
  });

  test('a larger figure is a supplement of what is missing', () => {
    const published = grow(NOTHING_PUBLISHED, { part: 1, ...figure(10n, 5n) });
    expect(growthOf(published, figure(25n, 12n))).toEqual({ part: 2, sizeMicros: 15n, notionalMicros: 7n });
  });

  test('an equal or smaller figure confirms', () => {
    const published = grow(NOTHING_PUBLISHED, { part: 1, ...figure(10n, 5n) });
    expect(growthOf(published, figure(10n, 6n))).toBeNull();
    expect(growthOf(published, figure(9n, 9n))).toBeNull();
  });

  test('a supplement never has a price outside nothing to a dollar', () => {
    const size = fc.bigInt(1n, 10n ** 12n);
    fc.assert(
      fc.property(size, size, fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n), (a, b, x, y) => {
        const published = grow(NOTHING_PUBLISHED, { part: 1, ...figure(a, x) });
        const growth = growthOf(published, figure(a + b, y));
        if (growth === null) throw new Error('a larger figure grows');
        const at = vwap(growth.notionalMicros, growth.sizeMicros);
        expect(at >= 0n && at <= 1_000_000n).toBe(true);
      }),
    );
  });
});

describe('StreamedFigures', () => {
  test('adds rows of one trade that differ, and counts a repetition once', () => {
    const figures = new StreamedFigures();
    expect(figures.see(row(1, 500_000n, 10_000_000n)).sizeMicros).toBe(10_000_000n);
    expect(figures.see(row(1, 500_000n, 10_000_000n)).sizeMicros).toBe(10_000_000n);
    expect(figures.see(row(1, 510_000n, 10_000_000n)).sizeMicros).toBe(20_000_000n);
    expect(figures.see(row(2, 510_000n, 1_000_000n)).sizeMicros).toBe(1_000_000n);
  });
});

describe('one trade from several sources', () => {
  const rows = fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.bigInt(1n, 999_999n), fc.bigInt(1n, 50n))
      .map(([t, at, size]) => row(t, at, size * 1_000_000n)),
    { minLength: 1, maxLength: 12 },
  );
  /** What two subscriptions of a lossy, repeating, reordering feed deliver. */
  const feed = (truth: readonly TradeRow[]) =>
    fc.array(fc.tuple(fc.nat(truth.length - 1), fc.boolean(), fc.boolean()), { maxLength: 40 });
  const scenario = rows.chain((truth) =>
    fc.record({
      truth: fc.constant(truth),
      frames: feed(truth),
      readsAfter: fc.array(fc.nat(40), { maxLength: 4 }),
    }),
  );

  test('is published in full, never twice and never shrinking, whatever the feed loses, repeats or mixes up', () => {
    fc.assert(
      fc.property(scenario, ({ truth, frames, readsAfter }) => {
        const published = new Map<string, typeof NOTHING_PUBLISHED>();
        const parts: Growth[] = [];
        const see = (tradeId: string, seen: Figure): void => {
          const before = published.get(tradeId) ?? NOTHING_PUBLISHED;
          const growth = growthOf(before, seen);
          if (growth === null) return;
          expect(growth.sizeMicros > 0n && growth.notionalMicros >= 0n).toBe(true);
          expect(growth.part).toBe(before.parts + 1);
          parts.push(growth);
          published.set(tradeId, grow(before, growth));
        };
        const readWhole = (): void => {
          for (const [tradeId, sum] of sumByTrade(truth)) see(tradeId, sum.figure);
        };
        let figures = [new StreamedFigures(), new StreamedFigures()];
        for (const [i, [index, isSecond, reconnects]] of frames.entries()) {
          if (readsAfter.includes(i)) readWhole();
          if (reconnects) figures = [new StreamedFigures(), new StreamedFigures()];
          const shown = truth[index];
          const streamed = figures[isSecond ? 1 : 0];
          if (shown !== undefined && streamed !== undefined) see(shown.tradeId, streamed.see(shown));
        }
        readWhole();

        for (const [tradeId, sum] of sumByTrade(truth))
          expect(published.get(tradeId)?.sizeMicros).toBe(sum.figure.sizeMicros);
        expect(parts.reduce((sum, part) => sum + part.sizeMicros, 0n)).toBe(
          truth.reduce((sum, one) => sum + one.sizeMicros, 0n),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('ToldBefore', () => {
  test('knows a payload told again under another subscription, once, and never one of the same', () => {
    const before = new ToldBefore();
    expect(before.has('p', 'trades')).toBe(false);
    expect(before.has('p', 'trades')).toBe(false);
    expect(before.has('p', 'orders_matched')).toBe(true);
    expect(before.has('p', 'orders_matched')).toBe(false);
  });

  test('forgets the oldest, so that its memory stays bounded', () => {
    const before = new ToldBefore();
    for (let i = 0; i <= 5_000; i++) before.has(`p${i}`, 'trades');
    expect(before.has('p0', 'orders_matched')).toBe(false);
    expect(before.has('p5000', 'orders_matched')).toBe(true);
  });
});
