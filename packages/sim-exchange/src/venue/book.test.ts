import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BookView,
  bestAskOf,
  bestBidOf,
  type LevelChange,
  MirroredBook,
  mirrorChange,
  mirrorView,
} from './book.ts';

const price = fc.bigInt(1n, 999_999n);
const levels = fc.array(fc.tuple(price, fc.bigInt(1n, 10n ** 12n)), { maxLength: 20 }).map((l) => new Map(l));
const view: fc.Arbitrary<BookView> = fc.record({ bids: levels, asks: levels });
const change: fc.Arbitrary<LevelChange> = fc.record({
  side: fc.constantFrom('BUY', 'SELL'),
  priceMicros: price,
  sizeMicros: fc.bigInt(0n, 10n ** 12n),
});

describe('a mirrored book', () => {
  test('shows the second token the exact mirror of the first', () => {
    fc.assert(
      fc.property(view, fc.array(change), (start, changes) => {
        const book = new MirroredBook();
        book.replace(start, 1);
        for (const one of changes) book.set(one, 2);
        expect(mirrorView(book.view(1))).toEqual(book.view(0));
        const [bid, ask] = [bestBidOf(book.view(0)), bestAskOf(book.view(1))];
        expect(bid === null ? ask === null : ask === 1_000_000n - bid).toBe(true);
      }),
    );
  });

  test('is the same whichever token a change was told of', () => {
    fc.assert(
      fc.property(view, fc.array(change), (start, changes) => {
        const [direct, mirrored] = [new MirroredBook(), new MirroredBook()];
        direct.replace(start, 1);
        mirrored.replace(mirrorView(mirrorView(start)), 1);
        for (const one of changes) {
          direct.set(one, 2);
          mirrored.set(mirrorChange(mirrorChange(one)), 2);
        }
        expect(mirrored.view(0)).toEqual(direct.view(0));
      }),
    );
  });

  test('tells exactly the changes that lead from one book to the next', () => {
    fc.assert(
      fc.property(view, view, (before, after) => {
        const [told, replaced] = [new MirroredBook(), new MirroredBook()];
        told.replace(before, 1);
        replaced.replace(before, 1);
        for (const one of replaced.replace(after, 2)) told.set(one, 2);
        expect(told.view(0)).toEqual(replaced.view(0));
        expect(replaced.replace(after, 3)).toEqual([]);
      }),
    );
  });

  test('keeps resting orders apart from what is recorded, and shows both as one', () => {
    fc.assert(
      fc.property(view, fc.array(change), fc.array(change), view, (start, recorded, resting, next) => {
        const [book, alone] = [new MirroredBook(), new MirroredBook()];
        for (const one of [book, alone]) one.replace(start, 1);
        for (const one of resting) book.rest(one, 2);
        for (const one of recorded) {
          book.set(one, 3);
          alone.set(one, 3);
        }
        expect(book.anonymous(0)).toEqual(alone.view(0));
        expect(book.replace(next, 4)).toEqual(alone.replace(next, 4));
        for (const { side, priceMicros } of resting) {
          const last = resting.findLast((one) => one.side === side && one.priceMicros === priceMicros);
          const key = side === 'BUY' ? 'bids' : 'asks';
          const expected = (next[key].get(priceMicros) ?? 0n) + (last?.sizeMicros ?? 0n);
          expect(book.view(0)[key].get(priceMicros) ?? 0n).toBe(expected);
          expect(book.shown({ side, priceMicros, sizeMicros: 0n }).sizeMicros).toBe(expected);
        }
        expect(mirrorView(book.view(1))).toEqual(book.view(0));
      }),
    );
  });
});
