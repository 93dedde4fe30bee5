import { price, shares } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { type Book, bestAsk, bestBid, isCrossed, type Level, mid, spread } from './book.ts';

const level = (at: bigint): Level => [price(at), shares(1_000_000n)];
const bookOf = (bids: bigint[], asks: bigint[]): Book => ({ bids: bids.map(level), asks: asks.map(level) });

describe('a book', () => {
  test('has its best levels first', () => {
    const book = bookOf([480_000n, 470_000n], [500_000n, 510_000n]);
    expect([bestBid(book), bestAsk(book), mid(book), spread(book)]).toEqual([
      480_000n,
      500_000n,
      490_000n,
      20_000n,
    ]);
  });

  test('has a floored middle', () => {
    expect(mid(bookOf([480_000n], [480_001n]))).toBe(480_000n);
  });

  test.each([
    ['bids', bookOf([], [500_000n])],
    ['asks', bookOf([480_000n], [])],
  ])('without %s has neither middle nor spread, and is not crossed', (_side, book) => {
    expect([mid(book), spread(book), isCrossed(book)]).toEqual([null, null, false]);
  });

  test('is crossed when a bid meets an ask', () => {
    expect(isCrossed(bookOf([500_000n], [500_000n]))).toBe(true);
    expect(isCrossed(bookOf([510_000n], [500_000n]))).toBe(true);
    expect(isCrossed(bookOf([499_999n], [500_000n]))).toBe(false);
  });
});
