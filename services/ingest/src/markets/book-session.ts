import { randomUUID } from 'node:crypto';
import {
  BookRow,
  PriceChangeRow,
  parseJsonText,
  ResolvedRow,
  TickChangeRow,
} from '@slipstream/exchange/public-client';
import type { FeedSession } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { z } from 'zod';
import { LocalBook } from '../core/local-book.ts';
import type { FeedProblems } from '../feed-problems.ts';
import { keepSocket } from '../sources/socket.ts';

/** Tokens of one connection; more tokens take more connections. */
export const TOKENS_PER_SESSION_MAX = 200;
const ALIVE_AGAIN_MS = 500;

export type SessionOptions = {
  readonly url: string;
  readonly name: string;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
  readonly problems: FeedProblems;
  /** The book of a token changed, or came whole. */
  readonly onBook: (tokenId: string) => void;
  /** A token's book is out of step with the exchange: it has to be asked for. */
  readonly onDoubt: (tokenId: string) => void;
  readonly onTick: (tokenId: string) => void;
  readonly onResolved: (conditionId: string) => void;
  /** The session lives as of now, or has ended. */
  readonly onAlive: (session: FeedSession) => void;
};

export type BookSession = {
  readonly tokens: ReadonlySet<string>;
  readonly add: (tokenId: string) => void;
  /** Null: no snapshot came on this connection yet. */
  readonly book: (tokenId: string) => LocalBook | null;
  readonly sessionId: () => string;
  readonly isOpen: () => boolean;
  /** Asks for a sign of life, and says so when it came. Errors: none; a dead session is not alive. */
  readonly prove: () => Promise<void>;
  readonly stop: () => void;
};

const Frame = z.looseObject({ event_type: z.string().optional() });

/** Where the exchange and the rebuilt book disagree about the best prices; an empty text says nothing. */
function contradicts(
  book: LocalBook,
  stated: { bid?: string | undefined; ask?: string | undefined },
  micros: (text: string) => bigint | null,
): boolean {
  const { bid, ask } = book.best();
  const [statedBid, statedAsk] = [micros(stated.bid ?? ''), micros(stated.ask ?? '')];
  const differs = (own: bigint | null, other: bigint | null, empty: bigint): boolean =>
    other !== null && other !== empty && (own ?? empty) !== other;
  return differs(bid, statedBid, 0n) || differs(ask, statedAsk, 1_000_000n);
}

/** One connection to the market channel and the books that it keeps true. */
export function openBookSession(
  options: SessionOptions,
  micros: (text: string) => bigint | null,
): BookSession {
  const { clock, activity, log } = options;
  const tokens = new Set<string>();
  let books = new Map<string, LocalBook>();
  let sessionId = '';
  let provenAtMs = Number.NEGATIVE_INFINITY;

  const alive = (): void => {
    const nowMs = clock.now().getTime();
    if (sessionId === '' || nowMs - provenAtMs < ALIVE_AGAIN_MS) return;
    provenAtMs = nowMs;
    options.onAlive({ sessionId, aliveAt: new Date(nowMs).toISOString(), open: true });
  };

  const onBook = (row: BookRow): void => {
    const book = books.get(row.asset_id) ?? new LocalBook();
    books.set(row.asset_id, book);
    book.replace(row.bids, row.asks, Number(row.timestamp ?? clock.now().getTime()));
    if (book.isCrossed()) options.onDoubt(row.asset_id);
    options.onBook(row.asset_id);
  };

  const onChange = ({ price_changes, timestamp }: z.infer<typeof PriceChangeRow>): void => {
    const atMs = Number(timestamp ?? clock.now().getTime());
    const touched = new Map<string, { bid?: string | undefined; ask?: string | undefined }>();
    for (const change of price_changes) {
      const book = books.get(change.asset_id);
      if (!tokens.has(change.asset_id)) continue;
      if (!book?.whole) {
        options.onDoubt(change.asset_id);
        continue;
      }
      book.set(change, atMs);
      touched.set(change.asset_id, { bid: change.best_bid, ask: change.best_ask });
    }
    for (const [tokenId, stated] of touched) {
      const book = books.get(tokenId);
      if (book === undefined) continue;
      if (book.isCrossed() || contradicts(book, stated, micros)) {
        book.whole = false;
        options.onDoubt(tokenId);
      } else options.onBook(tokenId);
    }
  };

  const handlers: Readonly<Record<string, (value: unknown) => void>> = {
    book: (value) => onBook(BookRow.parse(value)),
    price_change: (value) => onChange(PriceChangeRow.parse(value)),
    tick_size_change: (value) => options.onTick(TickChangeRow.parse(value).asset_id),
    market_resolved: (value) => options.onResolved(ResolvedRow.parse(value).market),
  };

  const onOne = (value: unknown, text: string): void => {
    const frame = Frame.safeParse(value);
    const type = frame.data?.event_type;
    if (type === undefined) {
      options.problems('market', text, 'no event_type');
      return;
    }
    try {
      handlers[type]?.(value);
    } catch (error) {
      options.problems('market', text, error instanceof Error ? error.message.slice(0, 500) : 'unreadable');
    }
  };

  const onText = (text: string): void => {
    alive();
    if (/^"?pong"?$/i.test(text)) return;
    let value: unknown;
    try {
      value = parseJsonText(text);
    } catch {
      options.problems('market', text, 'not JSON');
      return;
    }
    if (Array.isArray(value)) for (const one of value) onOne(one, text);
    else onOne(value, text);
  };

  const subscribe = (ids: readonly string[]): string =>
    JSON.stringify({ operation: 'subscribe', assets_ids: ids, custom_feature_enabled: true });
  const socket = keepSocket(options.url, {
    onOpen: (send) => {
      // A new connection knows nothing of the old one's books: all begin anew with their snapshots.
      sessionId = `ms-${randomUUID()}`;
      books = new Map();
      provenAtMs = Number.NEGATIVE_INFINITY;
      send(
        JSON.stringify({
          type: 'market',
          assets_ids: [...tokens],
          initial_dump: true,
          custom_feature_enabled: true,
        }),
      );
      log.info({ session: sessionId, tokens: tokens.size }, 'market.open');
      alive();
    },
    onText,
    onClose: () => {
      if (sessionId !== '') options.onAlive({ sessionId, aliveAt: clock.now().toISOString(), open: false });
      log.warn({ session: sessionId }, 'market.closed');
      sessionId = '';
    },
  });
  activity.barrier(options.name, socket.flushed);

  return {
    tokens,
    add: (tokenId) => {
      if (tokens.has(tokenId)) return;
      tokens.add(tokenId);
      socket.send(subscribe([tokenId]));
    },
    book: (tokenId) => {
      const book = books.get(tokenId);
      return book?.whole === true ? book : null;
    },
    sessionId: () => sessionId,
    isOpen: socket.isOpen,
    prove: async () => {
      socket.send('PING');
      await socket.flushed().then(alive, () => undefined);
    },
    stop: socket.stop,
  };
}
