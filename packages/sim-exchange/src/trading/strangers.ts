import { floorTo, least, ONE, parseMicrosRounded } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import type { BookView } from '../venue/book.ts';
import type { Market, Side } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { isResting, offersFor, seenFrom } from './book.ts';
import type { Engine } from './engine.ts';
import { strangerFrom } from './ids.ts';
import { byPrice, DUST_MICROS, evenStep, type Fill, match } from './matching.ts';
import { type Orders, remainingMicros } from './orders.ts';
import type { TradingSwitches } from './switches.ts';
import { draftTrades } from './trades.ts';
import type { KeptOrder } from './types.ts';

export type StrangersParts = {
  readonly venue: Venue;
  readonly switches: TradingSwitches;
  readonly orders: Orders;
  readonly engine: Engine;
};

const NO_BOOK: BookView = { bids: new Map(), asks: new Map() };
const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

/** What people without an account here do to resting orders: the anonymous book's and the feeds' own. */
export class Strangers {
  readonly #parts: StrangersParts;

  constructor(parts: StrangersParts) {
    this.#parts = parts;
  }

  /** Lets resting orders be met by anonymous levels that have come over their price, at the resting order's price. */
  meet(market: Market): void {
    const open = this.#resting(market);
    if (open.length === 0) return;
    const seen = open.map((order) => ({ order, ...seenFrom(market.tokenIds[0], order) }));
    for (const side of ['BUY', 'SELL'] as const) {
      // A resting buy is better the higher it is: what is best for a seller.
      const best = seen.filter((one) => one.side === side).sort(byPrice(opposite(side)));
      for (const { order } of best) this.#meetOne(order, market);
    }
  }

  #resting(market: Market): readonly KeptOrder[] {
    return this.#parts.orders.openOf(market.conditionId).filter(isResting);
  }

  #meetOne(order: KeptOrder, market: Market): void {
    const { venue, engine } = this.#parts;
    const { tokenId, priceMicros } = order;
    const crossed = crossing(order, venue.anonymousView(tokenId) ?? NO_BOOK);
    const sizeMicros = crossed.reduce((sum, level) => sum + level.sizeMicros, 0n);
    engine.consume(order, crossed);
    if (sizeMicros === 0n) return;
    const fill = { priceMicros, sizeMicros, notionalMicros: (sizeMicros * priceMicros) / ONE, order };
    this.#take({ tokenId, side: opposite(order.side) }, [fill], market, null);
  }

  /**
   * A trade that the feeds tell of has taken everything better than its price, and at its price what no anonymous level
   * stood before. Such resting orders get their part of it, in the same transaction.
   */
  traded(row: Activity): void {
    const { venue } = this.#parts;
    const market = venue.marketOf(row.tokenId);
    if (!row.isTaker || row.side === '' || market?.state !== 'open') return;
    const open = this.#resting(market);
    if (open.length === 0) return;
    const { tokenId, side, wallet: maker } = row;
    const anonymous = venue.anonymousView(tokenId) ?? NO_BOOK;
    const limit = parseMicrosRounded(row.price);
    const isBefore = (side === 'BUY' ? anonymous.asks : anonymous.bids).has(limit);
    const offers = offersFor({ tokenId, side, maker, owner: '' }, NO_BOOK, open);
    const within = offers.filter(({ priceMicros }) => priceMicros !== limit || !isBefore);
    const limits =
      side === 'BUY' ? { makerMicros: limit, takerMicros: ONE } : { makerMicros: ONE, takerMicros: limit };
    const leftMicros = parseMicrosRounded(row.size);
    const { fills } = match({ side, ...limits, sizedIn: 'shares', leftMicros }, within);
    if (fills.length > 0)
      venue.amend(market, row.atMs, () => this.#take({ tokenId, side }, fills, market, row));
  }

  /** The stranger is made up, unless the feeds have named him and his transaction. */
  #take(
    what: { readonly tokenId: string; readonly side: Side },
    fills: readonly Fill<KeptOrder>[],
    market: Market,
    row: Activity | null,
  ): void {
    const { engine, switches } = this.#parts;
    const number = engine.nextMatch();
    const { orderId, owner, maker } = strangerFrom('taker', market.conditionId, String(number.seq));
    const taker = { ...what, id: orderId, owner, maker: row?.wallet ?? maker };
    const drafts = draftTrades(taker, fills, market, switches, number).map((draft) =>
      row === null ? draft : { ...draft, hash: row.transactionHash, isToldOf: true },
    );
    engine.carryOut({ taker, isStranger: true, version: 2, drafts, market });
  }
}

/**
 * How much of which anonymous levels an order crosses, in sizes that come out even at the order's own price: nothing
 * of a level that is no more than a crumb.
 */
function crossing(order: KeptOrder, anonymous: BookView) {
  const levels = order.side === 'BUY' ? anonymous.asks : anonymous.bids;
  const step = evenStep(order.priceMicros);
  const crossed: { priceMicros: bigint; sizeMicros: bigint; order: null }[] = [];
  let left = remainingMicros(order);
  const best = [...levels]
    .map(([priceMicros, offered]) => ({ priceMicros, offered }))
    .sort(byPrice(order.side));
  for (const { priceMicros, offered } of best) {
    const isOver = order.side === 'BUY' ? priceMicros <= order.priceMicros : priceMicros >= order.priceMicros;
    if (!isOver || left < DUST_MICROS) break;
    const sizeMicros = floorTo(least(left, offered), step);
    crossed.push({ priceMicros, sizeMicros, order: null });
    left -= sizeMicros;
  }
  return crossed;
}
