import { type PriceMicros, price, type ShareMicros } from '@slipstream/money';

/** Price and resting size at it. */
export type Level = readonly [PriceMicros, ShareMicros];

/** Both sides of one token's book, best level first: bids from the highest price, asks from the lowest. */
export type Book = { readonly bids: readonly Level[]; readonly asks: readonly Level[] };

export const bestBid = (book: Book): PriceMicros | null => book.bids[0]?.[0] ?? null;
export const bestAsk = (book: Book): PriceMicros | null => book.asks[0]?.[0] ?? null;

/** The middle of the best bid and ask, floored; null while a side is empty. Units: micros. */
export function mid(book: Book): PriceMicros | null {
  const [bid, ask] = [bestBid(book), bestAsk(book)];
  return bid === null || ask === null ? null : price((bid + ask) / 2n);
}

/** Best ask less best bid; negative for a book that lies; null while a side is empty. Units: micros. */
export function spread(book: Book): bigint | null {
  const [bid, ask] = [bestBid(book), bestAsk(book)];
  return bid === null || ask === null ? null : ask - bid;
}

/** A bid at or above an ask would have traded: such a book is out of step and is not believed. */
export function isCrossed(book: Book): boolean {
  const gap = spread(book);
  return gap !== null && gap <= 0n;
}
