import { isCrossed, mid } from '@slipstream/exchange';
import type { MarketBook } from '@slipstream/proto';
import type { Mark } from './core/value.ts';

/** The middle of every book that we hear of: what a share is worth right now. */
export type Marks = {
  readonly onBook: (book: MarketBook) => void;
  readonly of: (tokenId: string) => Mark | null;
};

/**
 * `onMoved` hears of every token whose mark has changed. A book with an empty side, a crossed one and one that is gone
 * say nothing about the price: the last mark stays, with the age it has.
 */
export function createMarks(onMoved: (tokenId: string) => void): Marks {
  const marks = new Map<string, Mark>();
  return {
    onBook: (book) => {
      const priceMicros = book.state === 'absent' || isCrossed(book) ? null : mid(book);
      if (priceMicros === null) return;
      const moved = marks.get(book.tokenId)?.priceMicros !== priceMicros;
      marks.set(book.tokenId, { priceMicros, at: new Date(book.knownAt), source: `book:${book.source}` });
      if (moved) onMoved(book.tokenId);
    },
    of: (tokenId) => marks.get(tokenId) ?? null,
  };
}
