import type { ShareMicros } from '@slipstream/money';
import {
  type Fill,
  type MarketBook,
  type MarketMeta,
  paperFillIdOf,
  type ReasonCode,
} from '@slipstream/proto';
import { type Effect, effectOf, type Funds } from './funds.ts';
import type { OrderTotals, PendingOrder } from './order.ts';
import { type LevelFill, nothingFilled, simulateFill } from './simulate-fill.ts';
import { afterTaking, NOTHING_TAKEN, type OpenLevel, openLevels, type TakenSide } from './taken.ts';

/** An order whose turn has come, with what it meets: a book to walk, or the reason why there is none. */
export type DueOrder =
  | {
      readonly kind: 'walk';
      readonly order: PendingOrder;
      readonly book: MarketBook;
      readonly ageMs: number;
      readonly meta: MarketMeta;
    }
  | { readonly kind: 'refuse'; readonly order: PendingOrder; readonly reason: ReasonCode };

/** The book that an order met, as it is stored beside it: what an audit needs to walk it again. */
export type BookUsed = {
  readonly source: MarketBook['source'];
  readonly sessionId: string | null;
  readonly changedAt: string;
  readonly knownAt: string;
  readonly ageMs: number;
  /** Levels inside the bound: index, price, size shown, size that we had taken before. Micros as decimal digits. */
  readonly levels: readonly (readonly [index: number, price: string, shown: string, taken: string])[];
};

/** The first outcome of an order, which stands for ever. */
export type Outcome = {
  readonly order: PendingOrder;
  readonly totals: OrderTotals;
  readonly fills: readonly Fill[];
  /** Level index of each fill, in the order of `fills`. */
  readonly fillLevels: readonly number[];
  readonly effects: readonly Effect[];
  readonly book: BookUsed | null;
};

/** What we took so far, by `sideKey`. */
export type Taken = ReadonlyMap<string, TakenSide>;

/** Key of the side of a token's book that an order takes from. */
export const sideKey = (order: Pick<PendingOrder, 'tokenId' | 'side'>): string =>
  `${order.side} ${order.tokenId}`;

export const isInside =
  (order: Pick<PendingOrder, 'side' | 'limitPriceMicros'>) =>
  (at: bigint): boolean =>
    order.side === 'BUY' ? at <= order.limitPriceMicros : at >= order.limitPriceMicros;

const bookUsed = (book: MarketBook, ageMs: number, levels: readonly OpenLevel[]): BookUsed => ({
  source: book.source,
  sessionId: book.sessionId,
  changedAt: book.changedAt,
  knownAt: book.knownAt,
  ageMs,
  levels: levels.map((l) => [l.index, `${l.priceMicros}`, `${l.shownMicros}`, `${l.takenMicros}`] as const),
});

const fillOf = (order: PendingOrder, level: LevelFill, now: Date): Fill => ({
  fillId: paperFillIdOf(order.intentId, level.index),
  // Nothing can fail later on paper: a fill is as final as it will ever be.
  status: 'CONFIRMED',
  mode: 'PAPER',
  scope: order.scope,
  orderId: order.orderId,
  intentId: order.intentId,
  attemptId: order.attemptId,
  leaderId: order.leaderId,
  origin: 'APP',
  tokenId: order.tokenId,
  conditionId: order.conditionId,
  side: order.side,
  priceMicros: level.priceMicros,
  sizeMicros: level.sizeMicros,
  notionalMicros: level.notionalMicros,
  feeMicros: level.feeMicros,
  liquidity: 'TAKER',
  executedAt: now.toISOString(),
});

const refused = (order: PendingOrder, reason: ReasonCode): Outcome => ({
  order,
  totals: nothingFilled(order, reason).totals,
  fills: [],
  fillLevels: [],
  effects: [],
  book: null,
});

/**
 * The outcomes of orders that are due together, in their order: each sees the cash, the shares and the levels that
 * those before it consumed.
 *
 * Changes `funds`, which belongs to the caller's transaction; gives the new `taken`. Errors: none.
 */
export function executeBatch(
  due: readonly DueOrder[],
  funds: Funds,
  taken: Taken,
  ignoresVenueRules: boolean,
  now: Date,
): { readonly outcomes: readonly Outcome[]; readonly taken: Taken } {
  const takenNow = new Map(taken);
  const outcomes = due.map((entry): Outcome => {
    const { order } = entry;
    if (entry.kind === 'refuse') return refused(order, entry.reason);
    if (now > order.expiresAt) return refused(order, 'INTENT_EXPIRED');
    const { book, ageMs, meta } = entry;
    const inside = isInside(order);
    const before = takenNow.get(sideKey(order)) ?? NOTHING_TAKEN;
    const side = order.side === 'BUY' ? book.asks : book.bids;
    const levels = openLevels(side, before, inside, now);
    const { totals, fills } = simulateFill({
      order,
      levels,
      meta,
      cashMicros: funds.cashOf(order.scope),
      heldMicros: funds.heldBy(order.scope, order.leaderId, order.tokenId),
      ignoresVenueRules,
    });
    const sizes = new Map<number, ShareMicros>(fills.map((fill) => [fill.index, fill.sizeMicros]));
    takenNow.set(sideKey(order), afterTaking(levels, sizes, before, inside, now));
    const made = fills.map((level) => fillOf(order, level, now));
    const effects = made.map((fill) => effectOf({ ...fill, leaderId: order.leaderId }));
    for (const effect of effects) funds.after(effect);
    return {
      order,
      totals,
      fills: made,
      fillLevels: fills.map((fill) => fill.index),
      effects,
      book: bookUsed(book, ageMs, levels),
    };
  });
  return { outcomes, taken: takenNow };
}
