import type { BookAnswer } from '@slipstream/exchange';
import type { MarketBook, MarketMeta } from '@slipstream/proto';
import type { Clock, Logger, Timer } from '@slipstream/runtime';
import type { DueOrder } from './core/execute-batch.ts';
import type { PendingOrder } from './core/order.ts';

/** How old a book may be, and how long an order waits for a better one. */
type BookRules = { readonly bookFreshnessMs: number; readonly bookWaitMs: number };

export type DuePorts = {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly log: Logger;
  readonly rules: () => BookRules;
  /** What is known of the token's book at this instant. */
  readonly judge: (tokenId: string, now: Date, freshnessMs: number) => BookAnswer;
  readonly meta: (tokenId: string) => MarketMeta | undefined;
  /** Asks for the book by REST at once. */
  readonly refresh: (tokenId: string, now: Date) => Promise<void>;
  readonly execute: (due: readonly DueOrder[]) => Promise<void>;
};

export type DueOrders = {
  /** The turn of these orders has come. */
  readonly onDue: (orders: readonly PendingOrder[]) => Promise<void>;
  /** Something about this token's book, its session or its market has changed; null for any token. */
  readonly onNews: (tokenId: string | null) => Promise<void>;
  /** Orders that wait for a book. */
  readonly waiting: () => number;
};

type Waiting = { readonly order: PendingOrder; readonly timer: Timer };

type Met =
  | { readonly kind: 'ready'; readonly due: DueOrder }
  | { readonly kind: 'wait'; readonly order: PendingOrder };

const walkOf = (order: PendingOrder, book: MarketBook, ageMs: number, meta: MarketMeta): Met => ({
  kind: 'ready',
  due: { kind: 'walk', order, book, ageMs, meta },
});

/** What an order meets at this instant. */
function meet(io: DuePorts, order: PendingOrder, now: Date): Met {
  if (now > order.expiresAt)
    return { kind: 'ready', due: { kind: 'refuse', order, reason: 'INTENT_EXPIRED' } };
  const answer = io.judge(order.tokenId, now, io.rules().bookFreshnessMs);
  if (answer.kind === 'absent')
    return { kind: 'ready', due: { kind: 'refuse', order, reason: 'NO_FRESH_BOOK' } };
  const meta = io.meta(order.tokenId);
  if (answer.kind === 'unfit' || meta === undefined) return { kind: 'wait', order };
  return walkOf(order, answer.book, answer.ageMs, meta);
}

/** The last word on an order that has waited long enough. */
function conclude(io: DuePorts, order: PendingOrder, now: Date): DueOrder {
  const met = meet(io, order, now);
  if (met.kind === 'ready') return met.due;
  const { kind } = io.judge(order.tokenId, now, io.rules().bookFreshnessMs);
  return { kind: 'refuse', order, reason: kind === 'usable' ? 'MISSING_MARKET_DATA' : 'NO_FRESH_BOOK' };
}

/**
 * What happens to an order when its latency is over.
 *
 * 1. Expired: it ends at once. A fresh, uncrossed book: it is executed against it. The exchange has no book: it ends.
 * 2. Otherwise the book is asked for by REST, and the order waits for news at most `bookWaitMs`. It waits as a stored
 *    PENDING order with a deadline, holding up nobody; a restart asks again.
 * 3. At the deadline an order without a book ends with NO_FRESH_BOOK, one without metadata with MISSING_MARKET_DATA.
 *
 * Source: domain rules §4 ("A book's age"), §5.
 */
export function createDueOrders(io: DuePorts): DueOrders {
  const waits = new Map<string, Map<string, Waiting>>();

  const leave = (order: PendingOrder): boolean => {
    const ofToken = waits.get(order.tokenId);
    const waiting = ofToken?.get(order.orderId);
    if (ofToken === undefined || waiting === undefined) return false;
    waiting.timer.cancel();
    ofToken.delete(order.orderId);
    if (ofToken.size === 0) waits.delete(order.tokenId);
    return true;
  };

  const wait = async (orders: readonly PendingOrder[], now: Date): Promise<void> => {
    const asked = new Set<string>();
    for (const order of orders) {
      const ofToken = waits.get(order.tokenId) ?? new Map<string, Waiting>();
      const deadline = new Date(now.getTime() + io.rules().bookWaitMs);
      const timer = io.clock.at(deadline, `wait:${order.orderId}`, async () => {
        if (leave(order)) await io.execute([conclude(io, order, io.clock.now())]);
      });
      waits.set(order.tokenId, ofToken.set(order.orderId, { order, timer }));
      asked.add(order.tokenId);
    }
    // A failed question only means that the deadline decides.
    const ask = (tokenId: string): Promise<void> =>
      io
        .refresh(tokenId, now)
        .catch((error: unknown) => io.log.warn({ tokenId, error }, 'book.refresh-failed'));
    await Promise.all([...asked].map(ask));
  };

  return {
    onDue: async (orders) => {
      const now = io.clock.now();
      const met = orders.map((order) => meet(io, order, now));
      const ready = met.flatMap((m) => (m.kind === 'ready' ? [m.due] : []));
      const unfit = met.flatMap((m) => (m.kind === 'wait' ? [m.order] : []));
      await Promise.all([io.execute(ready), wait(unfit, now)]);
    },
    onNews: async (tokenId) => {
      const tokens = tokenId === null ? [...waits.keys()] : [tokenId];
      const orders = tokens.flatMap((token) => [...(waits.get(token)?.values() ?? [])].map((w) => w.order));
      if (orders.length === 0) return;
      const now = io.clock.now();
      const ready = orders.flatMap((order) => {
        const met = meet(io, order, now);
        return met.kind === 'ready' && leave(order) ? [met.due] : [];
      });
      await io.execute(ready);
    },
    waiting: () => [...waits.values()].reduce((sum, ofToken) => sum + ofToken.size, 0),
  };
}
