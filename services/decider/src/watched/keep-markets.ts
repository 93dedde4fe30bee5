import type { Bus, Reader } from '@slipstream/bus';
import { bookAgeMs, isCrossed, mid } from '@slipstream/exchange';
import type { PriceMicros } from '@slipstream/money';
import {
  copyMarketBook,
  copyMarketMeta,
  type FeedSession,
  feedsBucket,
  type MarketBook,
  type MarketMeta,
} from '@slipstream/proto';
import type { BookFacts, MarketFacts } from '../core/inputs.ts';

/** Books kept in memory. The one heard of longest ago goes first; it is asked for again when it is needed. */
const BOOKS_MAX = 10_000;
/** Metadata is small and changes rarely. */
const METAS_MAX = 100_000;

/** What the market feeds said last. */
export type Markets = {
  /** Null: never heard of. */
  book(tokenId: string, now: Date): BookFacts | null;
  market(tokenId: string): MarketFacts | null;
  /** The middle of a book that is there and believed; null says that the portfolio's own mark must do. */
  mark(tokenId: string): PriceMicros | null;
  /** Begins to listen; resolves once everything that is stored was heard. */
  follow(bus: Pick<Bus, 'bucket' | 'tail'>): Promise<Reader>;
  figures(): { readonly books: number; readonly markets: number; readonly sessions: number };
};

/** Keeps the newest entries, at most so many. */
function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/**
 * Keeps books, metadata and the life of the sessions that keep books true. `onNews` names the token that something
 * new is known of; null means that a session spoke, which concerns all of its tokens.
 */
export function createMarkets(onNews: (tokenId: string | null) => void): Markets {
  const books = new Map<string, MarketBook>();
  const metas = new Map<string, MarketMeta>();
  const sessions = new Map<string, FeedSession>();
  const onBook = (book: MarketBook): void => {
    put(books, book.tokenId, book, BOOKS_MAX);
    onNews(book.tokenId);
  };
  const onMeta = (meta: MarketMeta): void => {
    put(metas, meta.tokenId, meta, METAS_MAX);
    onNews(meta.tokenId);
  };
  const onSession = (sessionId: string, session: FeedSession | null): void => {
    if (session === null) sessions.delete(sessionId);
    else sessions.set(sessionId, session);
    onNews(null);
  };
  return {
    book: (tokenId, now) => {
      const book = books.get(tokenId);
      if (book === undefined) return null;
      const session = book.sessionId === null ? undefined : sessions.get(book.sessionId);
      const { state, bids, asks } = book;
      return { state, bids, asks, ageMs: bookAgeMs(book, session, now) };
    },
    market: (tokenId) => {
      const meta = metas.get(tokenId);
      if (meta === undefined) return null;
      const { version, endsAt, closed, feeRateMicros, feeExponent } = meta;
      return { version, endsAt, closed, feeRateMicros, feeExponent };
    },
    mark: (tokenId) => {
      const book = books.get(tokenId);
      return book === undefined || book.state === 'absent' || isCrossed(book) ? null : mid(book);
    },
    follow: async (bus) => {
      const readers: readonly Reader[] = await Promise.all([
        bus.bucket(feedsBucket).then((bucket) => bucket.watch(onSession)),
        bus.tail(copyMarketMeta, onMeta),
        bus.tail(copyMarketBook, onBook),
      ]);
      return {
        stop: async () => {
          await Promise.all(readers.map((reader) => reader.stop()));
        },
      };
    },
    figures: () => ({ books: books.size, markets: metas.size, sessions: sessions.size }),
  };
}
