import type { FeedSession, MarketBook } from '@slipstream/proto';

/**
 * How long ago a book was last known to be true: its own message or answer, or the last proof of life of the socket
 * session that keeps it. Silence of a quiet market does not age a book; a silent session does.
 *
 * Units: milliseconds, never negative. Source: domain rules §4.
 */
export function bookAgeMs(book: MarketBook, session: FeedSession | undefined, now: Date): number {
  const known = Date.parse(book.knownAt);
  const keeps = session?.open === true && session.sessionId === book.sessionId;
  const alive = keeps ? Date.parse(session.aliveAt) : known;
  return Math.max(0, now.getTime() - Math.max(known, alive));
}
