import { price, shares } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LocalBook } from './local-book.ts';

const row = (at: bigint, size: bigint) => ({ price: price(at), size: shares(size) });

describe('a local book', () => {
  test('is sorted best first, whatever the order of its snapshot', () => {
    const book = new LocalBook();
    book.replace([row(470_000n, 1n), row(480_000n, 2n)], [row(510_000n, 3n), row(500_000n, 4n)], 7);
    expect(book.bids()).toEqual([
      [480_000n, 2n],
      [470_000n, 1n],
    ]);
    expect(book.asks()[0]).toEqual([500_000n, 4n]);
    expect([book.whole, book.changedAtMs, book.isCrossed()]).toEqual([true, 7, false]);
  });

  test('a level is set, not added to, and goes with size zero', () => {
    const book = new LocalBook();
    book.replace([row(480_000n, 2n)], [], 0);
    book.set({ side: 'BUY', ...row(480_000n, 5n) }, 1);
    expect(book.bids()).toEqual([[480_000n, 5n]]);
    book.set({ side: 'BUY', ...row(480_000n, 0n) }, 2);
    expect(book.bids()).toEqual([]);
  });

  test('a snapshot replaces everything, and rows of size zero are no levels', () => {
    const book = new LocalBook();
    book.replace([row(480_000n, 2n)], [row(500_000n, 2n)], 0);
    book.replace([row(300_000n, 1n), row(310_000n, 0n)], [], 1);
    expect([book.bids(), book.asks()]).toEqual([[[300_000n, 1n]], []]);
  });

  test('is crossed when a bid meets an ask', () => {
    const book = new LocalBook();
    book.replace([row(500_000n, 1n)], [row(500_000n, 1n)], 0);
    expect(book.isCrossed()).toBe(true);
  });

  test('built change by change is the same as one snapshot of the end', () => {
    const change = fc.record({
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      price: fc.bigInt(1n, 20n).map((n) => price(n * 10_000n)),
      size: fc.bigInt(0n, 5n).map(shares),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const built = new LocalBook();
        built.replace([], [], 0);
        for (const one of changes) built.set(one, 1);
        const last = new Map(changes.map((one) => [`${one.side} ${one.price}`, one]));
        const snapshot = new LocalBook();
        const side = (name: string) => [...last.values()].filter((one) => one.side === name);
        snapshot.replace(side('BUY'), side('SELL'), 1);
        expect([built.bids(), built.asks()]).toEqual([snapshot.bids(), snapshot.asks()]);
        expect(built.best()).toEqual({
          bid: built.bids()[0]?.[0] ?? null,
          ask: built.asks()[0]?.[0] ?? null,
        });
      }),
    );
  });
});
