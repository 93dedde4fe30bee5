import { isCrossed, mid } from '@slipstream/exchange';
import { mulDiv, ONE, price } from '@slipstream/money';
import type { MarketBook } from '@slipstream/proto';
import type { Payout } from './core/settle.ts';
import type { Mark } from './core/value.ts';

/** The middle of every book that we hear of: what a share is worth right now. */
export type Marks = {
  readonly onBook: (book: MarketBook) => void;
  /** From its resolution on, a share is worth its payout; there is no book any more. */
  readonly onPayout: (tokenId: string, payout: Payout, at: Date) => void;
  readonly of: (tokenId: string) => Mark | null;
};

/**
 * `onMoved` hears of every token whose mark has changed. A book with an empty side, a crossed one and one that is gone
 * say nothing about the price: the last mark stays, with the age it has.
 */
export function createMarks(onMoved: (tokenId: string) => void): Marks {
  const marks = new Map<string, Mark>();
  const set = (tokenId: string, mark: Mark): void => {
    const moved = marks.get(tokenId)?.priceMicros !== mark.priceMicros;
    marks.set(tokenId, mark);
    if (moved) onMoved(tokenId);
  };
  return {
    onBook: (book) => {
      const priceMicros = book.state === 'absent' || isCrossed(book) ? null : mid(book);
      if (priceMicros === null) return;
      set(book.tokenId, { priceMicros, at: new Date(book.knownAt), source: `book:${book.source}` });
    },
    onPayout: (tokenId, { numerator, denominator }, at) => {
      const priceMicros = price(mulDiv(ONE, numerator, denominator, 'down'));
      set(tokenId, { priceMicros, at, source: 'payout' });
    },
    of: (tokenId) => marks.get(tokenId) ?? null,
  };
}
