import { type Bucket, type Bus, newTrace } from '@slipstream/bus';
import type { PublicClient } from '@slipstream/exchange/public-client';
import { copyMarketBook, type FeedSession, type MarketBook } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { LocalBook, type Pair } from '../core/local-book.ts';
import type { FeedProblems } from '../feed-problems.ts';
import { BookSession, TOKENS_PER_SESSION_MAX } from './book-session.ts';

/** A silent market's session is proven alive well inside any book freshness that makes sense. */
const PROVE_EVERY_MS = 1_000;

export type BooksOptions = {
  readonly url: string;
  readonly bus: Pick<Bus, 'publish'>;
  readonly feeds: Bucket<FeedSession>;
  readonly client: Pick<PublicClient, 'book'>;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
  readonly problems: FeedProblems;
  readonly onTick: (tokenId: string) => void;
  readonly onResolved: (conditionId: string) => void;
};

type Source = Pick<MarketBook, 'source' | 'sessionId' | 'state'>;
type Levels = { readonly bids: Pair[]; readonly asks: Pair[]; readonly changedAtMs: number };

const levelsOf = (book: LocalBook): Levels => ({
  bids: book.bids(),
  asks: book.asks(),
  changedAtMs: book.changedAtMs,
});

/** Keeps the books of every token of interest true, and publishes each whole whenever it changed. */
export class Books {
  readonly #options: BooksOptions;
  readonly #sessions: BookSession[] = [];
  readonly #sessionOf = new Map<string, BookSession>();
  /** The newest message per token that is not published yet: a slow bus gets the latest state, not every one. */
  readonly #outgoing = new Map<string, () => MarketBook | null>();
  readonly #publishing = new Set<string>();
  readonly #refreshing = new Set<string>();

  constructor(options: BooksOptions) {
    this.#options = options;
    options.clock.every('market-alive', PROVE_EVERY_MS, async () => {
      await Promise.all(this.#sessions.map((session) => session.prove()));
    });
  }

  /** Keeps a token's book from now on. */
  want(tokenId: string): void {
    if (this.#sessionOf.has(tokenId)) return;
    const roomy = this.#sessions.find((session) => session.tokens.size < TOKENS_PER_SESSION_MAX);
    const session = roomy ?? this.#openSession();
    this.#sessionOf.set(tokenId, session);
    session.add(tokenId);
  }

  drop(tokenId: string): void {
    this.#sessionOf.get(tokenId)?.remove(tokenId);
    this.#sessionOf.delete(tokenId);
    this.#outgoing.delete(tokenId);
  }

  /** Makes sure that the token's book is known to be true now, and publishes it, or that there is none. */
  refresh(tokenId: string): void {
    if (this.#refreshing.has(tokenId)) return;
    this.#refreshing.add(tokenId);
    const { activity, log } = this.#options;
    activity
      .run(() => this.#refresh(tokenId), 'refresh')
      .catch((error: unknown) => log.warn({ tokenId, error: String(error) }, 'book.unrefreshed'))
      .finally(() => this.#refreshing.delete(tokenId));
  }

  health(): { readonly ok: boolean; readonly detail: string } {
    const all = this.#sessions.length;
    const open = this.#sessions.filter((session) => session.isOpen()).length;
    return { ok: open === all, detail: `${open} of ${all} sessions open, ${this.#sessionOf.size} tokens` };
  }

  stop(): void {
    for (const session of this.#sessions) session.stop();
  }

  #openSession(): BookSession {
    const { activity, feeds, log } = this.#options;
    const session = new BookSession({
      ...this.#options,
      name: `market-${this.#sessions.length + 1}`,
      onBook: (tokenId) => this.#publishOwn(tokenId),
      onDoubt: (tokenId) => this.refresh(tokenId),
      onAlive: (proof) => {
        activity
          .run(() => feeds.put(proof.sessionId, proof), 'feed')
          .catch((error: unknown) => log.warn({ error: String(error) }, 'feed.unproven'));
      },
    });
    this.#sessions.push(session);
    return session;
  }

  async #refresh(tokenId: string): Promise<void> {
    const session = this.#sessionOf.get(tokenId);
    const isKept = (): boolean => session?.isOpen() === true && session.book(tokenId)?.isCrossed() === false;
    if (session !== undefined && isKept()) {
      await session.prove();
      if (isKept()) return this.#publishOwn(tokenId);
    }
    await this.#askRest(tokenId);
  }

  async #askRest(tokenId: string): Promise<void> {
    const { client, clock, log } = this.#options;
    const answer = await client.book(tokenId);
    if (answer.kind === 'failed') return log.warn({ tokenId, why: answer.why }, 'book.unanswered');
    const nowMs = clock.now().getTime();
    if (answer.kind === 'absent') {
      const none = { bids: [], asks: [], changedAtMs: nowMs };
      return this.#publish(tokenId, () =>
        this.#message(tokenId, none, { source: 'rest', sessionId: null, state: 'absent' }),
      );
    }
    const book = new LocalBook();
    book.replace(answer.value.bids, answer.value.asks, Number(answer.value.timestamp ?? nowMs));
    this.#publish(tokenId, () =>
      this.#message(tokenId, levelsOf(book), { source: 'rest', sessionId: null, state: 'live' }),
    );
  }

  #publishOwn(tokenId: string): void {
    this.#publish(tokenId, () => {
      const session = this.#sessionOf.get(tokenId);
      const book = session?.book(tokenId) ?? null;
      if (session === undefined || book === null) return null;
      const { sessionId } = session;
      return this.#message(tokenId, levelsOf(book), { source: 'socket', sessionId, state: 'live' });
    });
  }

  #publish(tokenId: string, make: () => MarketBook | null): void {
    this.#outgoing.set(tokenId, make);
    if (this.#publishing.has(tokenId)) return;
    this.#publishing.add(tokenId);
    const { activity, log } = this.#options;
    activity
      .run(() => this.#publishAll(tokenId), 'book')
      .catch((error: unknown) => log.warn({ tokenId, error: String(error) }, 'book.unpublished'))
      .finally(() => this.#publishing.delete(tokenId));
  }

  async #publishAll(tokenId: string): Promise<void> {
    const { bus } = this.#options;
    for (let make = this.#outgoing.get(tokenId); make !== undefined; make = this.#outgoing.get(tokenId)) {
      this.#outgoing.delete(tokenId);
      const book = make();
      if (book !== null) await bus.publish(copyMarketBook, book, newTrace(`book:${tokenId}`));
    }
  }

  #message(tokenId: string, { bids, asks, changedAtMs }: Levels, source: Source): MarketBook {
    return {
      tokenId,
      conditionId: null,
      bids,
      asks,
      ...source,
      changedAt: new Date(changedAtMs).toISOString(),
      knownAt: this.#options.clock.now().toISOString(),
    };
  }
}
