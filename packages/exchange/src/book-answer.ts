import type { FeedSession, MarketBook } from '@slipstream/proto';
import { isCrossed } from './book.ts';
import { bookAgeMs } from './book-age.ts';

/** Whether an order can be walked over what we know of the book right now. */
export type BookAnswer =
  | { readonly kind: 'usable'; readonly book: MarketBook; readonly ageMs: number }
  /** The exchange was asked a moment ago and has no book: waiting would not bring one. */
  | { readonly kind: 'absent' }
  /** Missing, too old or crossed: another one may come within the wait. */
  | { readonly kind: 'unfit' };

/**
 * Judges the then-current book. An old word that there is no book is as old as an old book: ask again.
 *
 * Units: milliseconds. Errors: none. Source: domain rules §4 ("A book's age") and check 7.
 */
export function judgeBook(
  book: MarketBook | undefined,
  session: FeedSession | undefined,
  now: Date,
  freshnessMs: number,
): BookAnswer {
  if (book === undefined) return { kind: 'unfit' };
  const ageMs = bookAgeMs(book, session, now);
  if (ageMs > freshnessMs) return { kind: 'unfit' };
  if (book.state === 'absent') return { kind: 'absent' };
  return isCrossed(book) ? { kind: 'unfit' } : { kind: 'usable', book, ageMs };
}
