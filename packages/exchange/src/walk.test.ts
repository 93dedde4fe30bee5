import { price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Book, Level } from './book.ts';
import { SIZE_STEP_MICROS } from './grid.ts';
import { depthWithin, levelNotional, walk } from './walk.ts';

const level = (at: bigint, size: bigint): Level => [price(at), shares(size)];
const book: Book = {
  bids: [level(480_000n, 10_000_000n), level(470_000n, 20_000_000n)],
  asks: [level(500_000n, 10_000_000n), level(510_000n, 20_000_000n), level(900_000n, 50_000_000n)],
};

describe('walk', () => {
  test('a BUY takes asks up to its limit, best first', () => {
    const { fills, sizeMicros, notionalMicros } = walk(book, 'BUY', price(510_000n), {}, SIZE_STEP_MICROS);
    expect(fills.map((f) => [f.level, f.priceMicros])).toEqual([
      [0, 500_000n],
      [1, 510_000n],
    ]);
    expect(sizeMicros).toBe(30_000_000n);
    expect(notionalMicros).toBe(15_200_000n);
  });

  test('a SELL takes bids down to its limit', () => {
    const cap = { sizeMicros: shares(15_000_000n) };
    const walked = walk(book, 'SELL', price(470_000n), cap, SIZE_STEP_MICROS);
    expect(walked.fills.map((f) => f.sizeMicros)).toEqual([10_000_000n, 5_000_000n]);
    expect(walked.notionalMicros).toBe(7_150_000n);
  });

  test('stops when the dollars are used up', () => {
    const walked = walk(book, 'BUY', price(999_999n), { notionalMicros: usd(5_001_000n) }, SIZE_STEP_MICROS);
    expect(walked.sizeMicros).toBe(10_000_000n);
    expect(walked.notionalMicros).toBe(5_000_000n);
  });

  test('a limit better than the book takes nothing', () => {
    expect(walk(book, 'BUY', price(499_999n), {}, SIZE_STEP_MICROS).fills).toEqual([]);
    expect(walk(book, 'SELL', price(480_001n), {}, SIZE_STEP_MICROS).fills).toEqual([]);
  });

  test('passes a level that is smaller than a step', () => {
    const dusty: Book = { bids: [], asks: [level(500_000n, 9_999n), level(510_000n, 20_000n)] };
    const walked = walk(dusty, 'BUY', price(600_000n), {}, SIZE_STEP_MICROS);
    expect(walked.fills.map((f) => f.level)).toEqual([1]);
  });

  const levels = fc.array(fc.tuple(fc.bigInt(1n, 999_999n), fc.bigInt(1n, 10n ** 10n)), { maxLength: 12 });
  const side = fc.constantFrom('BUY' as const, 'SELL' as const);

  test('never breaks its limit, its caps, the step or what a level offers', () => {
    fc.assert(
      fc.property(
        side,
        levels,
        fc.bigInt(1n, 999_999n),
        fc.bigInt(0n, 10n ** 10n),
        fc.bigInt(0n, 10n ** 10n),
        (direction, raw, limit, sizeCap, dollarCap) => {
          const sorted = raw
            .toSorted(([a], [b]) => (direction === 'BUY' ? Number(a - b) : Number(b - a)))
            .map(([at, size]) => level(at, size));
          const generated: Book =
            direction === 'BUY' ? { bids: [], asks: sorted } : { bids: sorted, asks: [] };
          const caps = { sizeMicros: shares(sizeCap), notionalMicros: usd(dollarCap) };
          const walked = walk(generated, direction, price(limit), caps, SIZE_STEP_MICROS);
          let size = 0n;
          let paid = 0n;
          for (const fill of walked.fills) {
            const [at, offered] = sorted[fill.level] ?? level(0n, 0n);
            expect(fill.priceMicros).toBe(at);
            expect(direction === 'BUY' ? at <= limit : at >= limit).toBe(true);
            expect(fill.sizeMicros > 0n && fill.sizeMicros <= offered).toBe(true);
            expect(fill.sizeMicros % SIZE_STEP_MICROS).toBe(0n);
            size += fill.sizeMicros;
            paid += levelNotional(direction, fill.sizeMicros, at);
          }
          expect([walked.sizeMicros, walked.notionalMicros]).toEqual([size, paid]);
          expect(size <= sizeCap).toBe(true);
          expect(paid <= dollarCap).toBe(true);
        },
      ),
    );
  });
});

describe('depthWithin', () => {
  test('counts the dollars inside the limit', () => {
    expect(depthWithin(book, 'BUY', price(510_000n))).toBe(15_200_000n);
    expect(depthWithin(book, 'SELL', price(475_000n))).toBe(4_800_000n);
    expect(depthWithin({ bids: [], asks: [] }, 'BUY', price(510_000n))).toBe(0n);
  });
});
