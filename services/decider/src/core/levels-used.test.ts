import type { Book, Level } from '@slipstream/exchange';
import { price } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BOOK, CONFIG, groupFacts, level, someInputs, someSale } from '../../test/builders.ts';
import { levelsUsed, pricesOf } from './bounds.ts';
import { decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';

/** The inputs as they are recorded: the book cut to what is kept of it. */
function recorded(inputs: DecisionInputs): DecisionInputs {
  const { book, group, config } = inputs;
  if (book === null || config === null) return inputs;
  const prices = pricesOf(book, group.side, group.priceMicros, config);
  return { ...inputs, book: { ...book, ...levelsUsed(book, group.side, prices) } };
}

const steps = (first: bigint, step: bigint, count: number): Level[] =>
  Array.from({ length: count }, (_, i) => level(first + step * BigInt(i), 1_000_000n));

describe('the levels that are recorded', () => {
  const limit = 510_000n;
  const kept = (asks: readonly Level[]): readonly Level[] => {
    const book: Book = { bids: [level(490_000n, 1n)], asks };
    return levelsUsed(book, 'BUY', pricesOf(book, 'BUY', price(500_000n), CONFIG)).asks;
  };
  test('reach five cents beyond the bound', () => {
    const asks = [level(500_000n, 1n), level(limit + 50_000n, 1n), level(limit + 50_001n, 1n)];
    expect(kept(asks)).toEqual(asks.slice(0, 2));
  });
  test('are at most ten beyond the bound, and all within it', () => {
    const asks = steps(500_000n, 1_000n, 40);
    expect(kept(asks).map(([at]) => at)).toEqual(asks.slice(0, 11 + 10).map(([at]) => at));
  });
  test('hold the best one even where it lies far beyond', () => {
    const asks = steps(700_000n, 1_000n, 3);
    expect(kept(asks)).toEqual(asks.slice(0, 1));
  });
  test('of a sale are bids', () => {
    const book: Book = { bids: steps(490_000n, -10_000n, 12), asks: [level(500_000n, 1n)] };
    const used = levelsUsed(book, 'SELL', pricesOf(book, 'SELL', price(490_000n), CONFIG));
    expect(used.bids.map(([at]) => at)).toEqual([
      490_000n,
      480_000n,
      470_000n,
      460_000n,
      450_000n,
      440_000n,
      430_000n,
    ]);
    expect(used.asks).toEqual(book.asks);
  });
});

describe('a decision', () => {
  const side = (from: bigint, to: bigint) =>
    fc.uniqueArray(fc.tuple(fc.bigInt(from, to), fc.bigInt(1n, 50_000_000n)), {
      maxLength: 25,
      selector: ([at]) => at,
    });
  const sorted = (raw: readonly (readonly [bigint, bigint])[], sign: bigint): Level[] =>
    raw.toSorted(([a], [b]) => ((a - b) * sign < 0n ? -1 : 1)).map(([at, size]) => level(at, size));

  test('is the same on the recorded levels as on the whole book', () => {
    fc.assert(
      fc.property(
        side(440_000n, 500_000n),
        side(490_000n, 600_000n),
        fc.bigInt(470_000n, 530_000n),
        fc.boolean(),
        (bids, asks, leaderPrice, buying) => {
          const book = { ...BOOK, bids: sorted(bids, -1n), asks: sorted(asks, 1n) };
          const base = buying ? someInputs({ book }) : someSale({ book });
          const group = groupFacts({ ...base.group, priceMicros: price(leaderPrice) });
          const inputs = { ...base, group, waited: true };
          expect(decide(recorded(inputs))).toEqual(decide(inputs));
        },
      ),
      { numRuns: 500 },
    );
  });
});
