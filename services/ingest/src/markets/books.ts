import { type Bucket, type Bus, newTrace } from '@slipstream/bus';
import type { PublicClient } from '@slipstream/exchange/public-client';
import { parseMicrosRounded } from '@slipstream/money';
import { copyMarketBook, type FeedSession, type MarketBook } from '@slipstream/proto';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { LocalBook, type Pair } from '../core/local-book.ts';
import type { FeedProblems } from '../feed-problems.ts';
import { type BookSession, openBookSession, TOKENS_PER_SESSION_MAX } from './book-session.ts';

/** A silent market's session is proven alive well inside any book freshness that makes sense. */
const PROVE_EVERY_MS = 1_000;
const TOKENS_MAX = 5_000;

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

export type Books = {
  /** Keeps a token's book from now on. */
  readonly want: (tokenId: string) => void;
  /** Makes sure that the token's book is known to be true now, and publishes it, or that there is none. */
  readonly refresh: (tokenId: string) => void;
  readonly health: () => { readonly ok: boolean; readonly detail: string };
  readonly stop: () => void;
};

type Source = Pick<MarketBook, 'source' | 'sessionId'>;

/** Text to micros; null for an empty or strange one, which says nothing. */
function microsOf(text: string): bigint | null {
  if (text === '') return null;
  try {
    return parseMicrosRounded(text);
  } catch {
    return null;
  }
}

/** Keeps the books of every token of interest true, and publishes each whole whenever it changed. */
export function openBooks(options: BooksOptions): Books {
  const { bus, clock, activity, log } = options;
  const sessions: BookSession[] = [];
  const sessionOf = new Map<string, BookSession>();
  /** The newest message per token that is not published yet: a slow bus gets the latest state, not every one. */
  const outgoing = new Map<string, () => MarketBook | null>();
  const publishing = new Set<string>();
  const refreshing = new Set<string>();

  const message = (
    tokenId: string,
    bids: Pair[],
    asks: Pair[],
    changedAtMs: number,
    source: Source,
    state: MarketBook['state'] = 'live',
  ): MarketBook => ({
    tokenId,
    conditionId: null,
    state,
    bids,
    asks,
    ...source,
    changedAt: new Date(changedAtMs).toISOString(),
    knownAt: clock.now().toISOString(),
  });

  const publishAll = async (tokenId: string): Promise<void> => {
    for (let make = outgoing.get(tokenId); make !== undefined; make = outgoing.get(tokenId)) {
      outgoing.delete(tokenId);
      const book = make();
      if (book !== null) await bus.publish(copyMarketBook, book, newTrace(`book:${tokenId}`));
    }
  };

  const publish = (tokenId: string, make: () => MarketBook | null): void => {
    outgoing.set(tokenId, make);
    if (publishing.has(tokenId)) return;
    publishing.add(tokenId);
    activity
      .run(() => publishAll(tokenId), 'book')
      .catch((error: unknown) => log.warn({ tokenId, error: String(error) }, 'book.unpublished'))
      .finally(() => publishing.delete(tokenId));
  };

  const publishOwn = (tokenId: string): void =>
    publish(tokenId, () => {
      const session = sessionOf.get(tokenId);
      const book = session?.book(tokenId) ?? null;
      if (session === undefined || book === null) return null;
      return message(tokenId, book.bids(), book.asks(), book.changedAtMs, {
        source: 'socket',
        sessionId: session.sessionId(),
      });
    });

  const askRest = async (tokenId: string): Promise<void> => {
    const answer = await options.client.book(tokenId);
    const rest = { source: 'rest', sessionId: null } as const;
    if (answer.kind === 'failed') return log.warn({ tokenId, why: answer.why }, 'book.unanswered');
    if (answer.kind === 'absent')
      return publish(tokenId, () => message(tokenId, [], [], clock.now().getTime(), rest, 'absent'));
    const book = new LocalBook();
    book.replace(
      answer.value.bids,
      answer.value.asks,
      Number(answer.value.timestamp ?? clock.now().getTime()),
    );
    publish(tokenId, () => message(tokenId, book.bids(), book.asks(), book.changedAtMs, rest));
  };

  const refreshOnce = async (tokenId: string): Promise<void> => {
    const session = sessionOf.get(tokenId);
    const book = session?.book(tokenId) ?? null;
    if (session !== undefined && book !== null && !book.isCrossed() && session.isOpen()) {
      await session.prove();
      if (session.isOpen() && session.book(tokenId) !== null) return publishOwn(tokenId);
    }
    await askRest(tokenId);
  };

  const refresh = (tokenId: string): void => {
    if (refreshing.has(tokenId)) return;
    refreshing.add(tokenId);
    activity
      .run(() => refreshOnce(tokenId), 'refresh')
      .catch((error: unknown) => log.warn({ tokenId, error: String(error) }, 'book.unrefreshed'))
      .finally(() => refreshing.delete(tokenId));
  };

  const openSession = (): BookSession => {
    const session = openBookSession(
      {
        ...options,
        name: `market-${sessions.length + 1}`,
        onBook: publishOwn,
        onDoubt: refresh,
        onAlive: (proof) => {
          activity
            .run(() => options.feeds.put(proof.sessionId, proof), 'feed')
            .catch((error: unknown) => log.warn({ error: String(error) }, 'feed.unproven'));
        },
      },
      microsOf,
    );
    sessions.push(session);
    return session;
  };

  clock.every('market-alive', PROVE_EVERY_MS, async () => {
    await Promise.all(sessions.map((session) => session.prove()));
  });

  return {
    want: (tokenId) => {
      if (sessionOf.has(tokenId) || sessionOf.size >= TOKENS_MAX) return;
      const session = sessions.find((open) => open.tokens.size < TOKENS_PER_SESSION_MAX) ?? openSession();
      sessionOf.set(tokenId, session);
      session.add(tokenId);
    },
    refresh,
    health: () => {
      const open = sessions.filter((session) => session.isOpen()).length;
      return {
        ok: open === sessions.length,
        detail: `${open} of ${sessions.length} sessions open, ${sessionOf.size} tokens`,
      };
    },
    stop: () => {
      for (const session of sessions) session.stop();
    },
  };
}
