import type { FeedSession, MarketBook, MarketMeta } from '@slipstream/proto';
import { type BookAnswer, judgeBook } from './book-answer.ts';

/** The last word on every token that somebody is interested in, and on the sessions that keep the books true. */
export type MarketView = {
  readonly onBook: (book: MarketBook) => void;
  readonly onMeta: (meta: MarketMeta) => void;
  readonly onSession: (sessionId: string, session: FeedSession | null) => void;
  readonly judge: (tokenId: string, now: Date, freshnessMs: number) => BookAnswer;
  readonly meta: (tokenId: string) => MarketMeta | undefined;
};

/** `onNews` hears of every change: the token it is about, or null when a session has moved. */
export function createMarketView(onNews: (tokenId: string | null) => void): MarketView {
  const books = new Map<string, MarketBook>();
  const metas = new Map<string, MarketMeta>();
  const sessions = new Map<string, FeedSession>();
  return {
    onBook: (book) => {
      books.set(book.tokenId, book);
      onNews(book.tokenId);
    },
    onMeta: (meta) => {
      metas.set(meta.tokenId, meta);
      onNews(meta.tokenId);
    },
    onSession: (sessionId, session) => {
      if (session === null) sessions.delete(sessionId);
      else sessions.set(sessionId, session);
      onNews(null);
    },
    judge: (tokenId, now, freshnessMs) => {
      const book = books.get(tokenId);
      const session = book?.sessionId == null ? undefined : sessions.get(book.sessionId);
      return judgeBook(book, session, now, freshnessMs);
    },
    meta: (tokenId) => metas.get(tokenId),
  };
}
