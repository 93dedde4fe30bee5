import { randomUUID } from 'node:crypto';
import {
  BookRow,
  PriceChangeRow,
  parseJsonText,
  ResolvedRow,
  TickChangeRow,
} from '@slipstream/exchange/public-client';
import { ONE, parseMicrosRounded } from '@slipstream/money';
import type { FeedSession } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { z } from 'zod';
import { LocalBook } from '../core/local-book.ts';
import type { FeedProblems } from '../feed-problems.ts';
import { type Connection, KeptSocket } from '../sources/socket.ts';

/** Tokens of one connection; more tokens take more connections. */
export const TOKENS_PER_SESSION_MAX = 200;
const ALIVE_AGAIN_MS = 500;
const DOUBT_AGAIN_MS = 1_000;
const ERROR_CHARACTERS_MAX = 500;

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

const Frame = z.looseObject({ event_type: z.string().optional() });

type Stated = { readonly bid?: string | undefined; readonly ask?: string | undefined };

/** Text to micros; null for an empty or strange one, which says nothing. */
function microsOf(text: string | undefined): bigint | null {
  try {
    return text === undefined || text === '' ? null : parseMicrosRounded(text);
  } catch {
    return null;
  }
}

/** Whether the exchange and the rebuilt book disagree about the best prices. */
function contradicts(book: LocalBook, stated: Stated): boolean {
  const { bid, ask } = book.best();
  const differs = (own: bigint | null, told: string | undefined, empty: bigint): boolean => {
    const other = microsOf(told);
    return other !== null && other !== empty && (own ?? empty) !== other;
  };
  return differs(bid, stated.bid, 0n) || differs(ask, stated.ask, ONE);
}

/** One connection to the market channel and the books that it keeps true. */
export class BookSession {
  readonly tokens = new Set<string>();
  readonly #options: SessionOptions;
  readonly #socket: KeptSocket;
  readonly #doubtedAtMs = new Map<string, number>();
  #books = new Map<string, LocalBook>();
  #sessionId = '';
  #provenAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = new KeptSocket(options.url, (send) => this.#onOpen(send));
    options.activity.barrier(options.name, () => this.#socket.flushed());
  }

  /** Empty while there is no connection. */
  get sessionId(): string {
    return this.#sessionId;
  }

  isOpen(): boolean {
    return this.#socket.isOpen();
  }

  add(tokenId: string): void {
    if (this.tokens.has(tokenId)) return;
    this.tokens.add(tokenId);
    this.#tell('subscribe', tokenId);
  }

  remove(tokenId: string): void {
    if (!this.tokens.delete(tokenId)) return;
    this.#books.delete(tokenId);
    this.#doubtedAtMs.delete(tokenId);
    this.#tell('unsubscribe', tokenId);
  }

  /** Null: no snapshot came on this connection yet, or the book is out of step. */
  book(tokenId: string): LocalBook | null {
    const book = this.#books.get(tokenId);
    return book?.whole === true ? book : null;
  }

  /** Asks for a sign of life, and says so when it came. Errors: none; a session that does not answer is opened anew. */
  async prove(): Promise<void> {
    if (!this.isOpen()) return;
    this.#socket.send('PING');
    try {
      await this.#socket.flushed();
      this.#alive();
    } catch {
      // On a tape a busy machine is no dead feed: the barrier asks again.
      if (this.#options.clock.kind === 'wall') this.#socket.renew();
    }
  }

  stop(): void {
    this.#socket.stop();
  }

  #onOpen(send: (text: string) => void): Connection {
    const { clock, log, onAlive } = this.#options;
    // A new connection knows nothing of the old one's books: all begin anew with their snapshots.
    const sessionId = `ms-${randomUUID()}`;
    this.#sessionId = sessionId;
    this.#books = new Map();
    this.#provenAtMs = Number.NEGATIVE_INFINITY;
    const assets_ids = [...this.tokens];
    send(JSON.stringify({ type: 'market', assets_ids, initial_dump: true, custom_feature_enabled: true }));
    log.info({ session: sessionId, tokens: this.tokens.size }, 'market.open');
    this.#alive();
    return {
      onText: (text) => this.#onText(text),
      onClose: () => {
        onAlive({ sessionId, aliveAt: clock.now().toISOString(), open: false });
        log.warn({ session: sessionId }, 'market.closed');
        this.#sessionId = '';
        this.#books = new Map();
      },
    };
  }

  #alive(): void {
    const nowMs = this.#options.clock.now().getTime();
    if (this.#sessionId === '' || nowMs - this.#provenAtMs < ALIVE_AGAIN_MS) return;
    this.#provenAtMs = nowMs;
    const aliveAt = new Date(nowMs).toISOString();
    this.#options.onAlive({ sessionId: this.#sessionId, aliveAt, open: true });
  }

  #tell(operation: 'subscribe' | 'unsubscribe', tokenId: string): void {
    this.#socket.send(JSON.stringify({ operation, assets_ids: [tokenId], custom_feature_enabled: true }));
  }

  #onText(text: string): void {
    this.#alive();
    if (/^"?pong"?$/i.test(text)) return;
    let value: unknown;
    try {
      value = parseJsonText(text);
    } catch {
      this.#options.problems('market', text, 'not JSON');
      return;
    }
    for (const event of Array.isArray(value) ? value : [value]) this.#onEvent(event, text);
  }

  #onEvent(event: unknown, text: string): void {
    const { problems } = this.#options;
    const type = Frame.safeParse(event).data?.event_type;
    if (type === undefined) {
      problems('market', text, 'no event_type');
      return;
    }
    try {
      this.#take(type, event);
    } catch (error) {
      problems('market', text, error instanceof Error ? error.message.slice(0, ERROR_CHARACTERS_MAX) : type);
    }
  }

  /** Errors: ZodError for an event that is not what its type says. */
  #take(type: string, event: unknown): void {
    // Trades, best prices and new markets say nothing that we keep.
    if (type === 'book') this.#onBook(BookRow.parse(event));
    else if (type === 'price_change') this.#onChange(PriceChangeRow.parse(event));
    else if (type === 'tick_size_change') this.#options.onTick(TickChangeRow.parse(event).asset_id);
    else if (type === 'market_resolved') this.#options.onResolved(ResolvedRow.parse(event).market);
  }

  #atMs(timestamp: string | undefined): number {
    return /^\d{1,15}$/.test(timestamp ?? '') ? Number(timestamp) : this.#options.clock.now().getTime();
  }

  #onBook(row: BookRow): void {
    const tokenId = row.asset_id;
    if (!this.tokens.has(tokenId)) return;
    const book = this.#books.get(tokenId) ?? new LocalBook();
    this.#books.set(tokenId, book);
    book.replace(row.bids, row.asks, this.#atMs(row.timestamp));
    this.#options.onBook(tokenId);
    // Shown as it is, since nobody trades on a crossed book; REST may know better.
    if (book.isCrossed()) this.#options.onDoubt(tokenId);
  }

  #onChange({ price_changes, timestamp }: z.infer<typeof PriceChangeRow>): void {
    const atMs = this.#atMs(timestamp);
    const touched = new Map<string, Stated>();
    for (const change of price_changes) {
      const tokenId = change.asset_id;
      if (!this.tokens.has(tokenId)) continue;
      const book = this.book(tokenId);
      if (book === null) this.#doubt(tokenId);
      else {
        book.set(change, atMs);
        touched.set(tokenId, { bid: change.best_bid, ask: change.best_ask });
      }
    }
    for (const [tokenId, stated] of touched) {
      const book = this.book(tokenId);
      if (book === null) continue;
      if (book.isCrossed() || contradicts(book, stated)) this.#doubt(tokenId);
      else this.#options.onBook(tokenId);
    }
  }

  /**
   * A book that is out of step is asked for anew, by REST and as a snapshot: subscribing again gives none,
   * unsubscribing first does. A market that always contradicts itself must not make that a storm.
   */
  #doubt(tokenId: string): void {
    const book = this.#books.get(tokenId);
    if (book !== undefined) book.whole = false;
    const nowMs = this.#options.clock.now().getTime();
    if (nowMs - (this.#doubtedAtMs.get(tokenId) ?? Number.NEGATIVE_INFINITY) < DOUBT_AGAIN_MS) return;
    this.#doubtedAtMs.set(tokenId, nowMs);
    if (book !== undefined) {
      this.#tell('unsubscribe', tokenId);
      this.#tell('subscribe', tokenId);
    }
    this.#options.onDoubt(tokenId);
  }
}
