import type { BookView } from '../venue/book.ts';
import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { isMarketable } from './amounts.ts';
import { isResting, levelOf, offersFor } from './book.ts';
import { spendersOf } from './contracts.ts';
import { DUST_MICROS, type Fill, type Matched, match } from './matching.ts';
import { type Orders, remainingMicros } from './orders.ts';
import { printAlone, publish } from './publish.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSwitches } from './switches.ts';
import { type Draft, draftTrades, movementsOf, type TakerSide } from './trades.ts';
import type { KeptOrder, RestingStatus, TradingEvents, VerifiedOrder } from './types.ts';

export type OrderStep = TradingEvents['order'][0]['kind'];

export type EngineParts = {
  readonly venue: Venue;
  readonly nowMs: () => number;
  readonly chainId: number;
  readonly switches: TradingSwitches;
  readonly orders: Orders;
  readonly settlement: Settlement;
  readonly tell: (order: KeptOrder, kind: OrderStep, killedWith?: string) => void;
};

/** What an order would meet now, and the trades that would come of it. */
export type Plan = Matched<KeptOrder> & { readonly drafts: readonly Draft[] };

const NO_BOOK: BookView = { bids: new Map(), asks: new Map() };

/** Changes orders and books: lets takers meet what is offered, and takes from the book what is met or over. */
export class Engine {
  readonly #parts: EngineParts;
  #matches = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Changes nothing. */
  plan(order: KeptOrder, market: Market): Plan {
    const { venue, orders, switches, nowMs } = this.#parts;
    const anonymous = venue.anonymousView(order.tokenId) ?? NO_BOOK;
    const inDollars = isMarketable(order) && order.side === 'BUY' && switches.marketBuysIn === 'dollars';
    const matched = match(
      {
        ...order,
        sizedIn: inDollars ? 'dollars' : 'shares',
        leftMicros: inDollars ? order.makerMicros : remainingMicros(order),
      },
      offersFor(order, anonymous, orders.openOf(market.conditionId)),
    );
    const instant = { seq: this.#matches + 1, atMs: nowMs() };
    return { ...matched, drafts: draftTrades(order, matched.fills, market, switches, instant) };
  }

  /**
   * Does what was planned for an order in the same instant: the order ends up live, filled, or, where the rest of it
   * is killed, canceled.
   */
  execute(order: KeptOrder, market: Market, plan: Plan, step: OrderStep): KeptOrder {
    const { venue, orders, nowMs, tell } = this.#parts;
    const filled: KeptOrder = {
      ...order,
      status: this.#statusAfter(order, plan),
      matchedMicros: order.matchedMicros + plan.sizeMicros,
      tradeIds: [...order.tradeIds, ...plan.drafts.map(({ trade }) => trade.id)],
    };
    venue.amend(market, nowMs(), () => {
      orders.put(filled);
      this.consume(order, plan.fills);
      // Whoever hears of it first hears that it came, not how it ends.
      tell(filled.status === 'CANCELED' ? { ...filled, status: 'LIVE' } : filled, step);
      this.#matches += 1;
      const { version } = order;
      this.carryOut({ taker: order, isStranger: false, version, drafts: plan.drafts, market });
      if (isResting(filled)) this.#show(filled, market);
      if (filled.status === 'CANCELED') tell(filled, 'CANCELLATION');
    });
    return filled;
  }

  #statusAfter(order: KeptOrder, plan: Plan): RestingStatus {
    if (plan.isFull) return 'MATCHED';
    return isMarketable(order) ? 'CANCELED' : 'LIVE';
  }

  /** Takes an open order out of the book. */
  close(order: KeptOrder, status: RestingStatus): void {
    const { venue, orders, tell } = this.#parts;
    const market = venue.marketOf(order.tokenId);
    const closed = { ...order, status };
    orders.put(closed);
    if (market && isResting(order)) this.#show(closed, market);
    tell(closed, 'CANCELLATION');
  }

  /** Takes from anonymous levels what was met of them; crumbs, which no order could take, go with it. */
  consume(
    taker: Pick<TakerSide, 'tokenId' | 'side'>,
    fills: readonly Pick<Fill<KeptOrder>, 'priceMicros' | 'sizeMicros' | 'order'>[],
  ): void {
    const { venue, nowMs } = this.#parts;
    const side = taker.side === 'BUY' ? 'SELL' : 'BUY';
    const view = venue.anonymousView(taker.tokenId) ?? NO_BOOK;
    const levels = side === 'SELL' ? view.asks : view.bids;
    const changes = fills
      .filter(({ order }) => order === null)
      .map(({ priceMicros, sizeMicros }) => ({
        side: side as typeof side,
        priceMicros,
        sizeMicros: withoutDust((levels.get(priceMicros) ?? 0n) - sizeMicros),
      }));
    if (changes.length > 0) venue.changeLevels(taker.tokenId, changes, nowMs());
  }

  /** Another match begins; its number makes its trades' ids and hashes unlike all others. */
  nextMatch(): { readonly seq: number; readonly atMs: number } {
    this.#matches += 1;
    return { seq: this.#matches, atMs: this.#parts.nowMs() };
  }

  /**
   * Begins the trades' settlement, takes their share from the resting orders, and tells everybody. A stranger's part
   * moves nothing here.
   */
  carryOut(match: {
    readonly taker: TakerSide;
    readonly isStranger: boolean;
    readonly version: VerifiedOrder['version'];
    readonly drafts: readonly Draft[];
    readonly market: Market;
  }): void {
    const { settlement, chainId } = this.#parts;
    const { taker, isStranger, version, drafts, market } = match;
    const [spender = ''] = spendersOf(version, market.negRisk, chainId);
    for (const draft of drafts) {
      const movements = movementsOf(draft, isStranger ? null : taker, spender);
      settlement.begin(draft.trade, draft.hash, movements);
      for (const { order: maker, sizeMicros } of draft.fills)
        if (maker !== null) this.#reduce(maker.id, sizeMicros, draft.trade.id, market);
      this.#publish(draft, market);
    }
  }

  /** A trade that will fail is never on the chain, so no feed of wallets hears of it; its market's tape has it. */
  #publish(draft: Draft, market: Market): void {
    const { venue, switches } = this.#parts;
    if (switches.settlement === 'failed') printAlone(venue, market, draft);
    else publish(venue, draft);
  }

  #reduce(id: string, sizeMicros: bigint, tradeId: string, market: Market): void {
    const { orders, tell } = this.#parts;
    const before = orders.get(id);
    if (before === undefined) return;
    const matchedMicros = before.matchedMicros + sizeMicros;
    const after: KeptOrder = {
      ...before,
      matchedMicros,
      tradeIds: [...before.tradeIds, tradeId],
      status: before.originalMicros - matchedMicros < DUST_MICROS ? 'MATCHED' : before.status,
    };
    orders.put(after);
    this.#show(after, market);
    tell(after, 'UPDATE');
  }

  /** Sets the level at which an order rests, or rested, to what is there now. */
  #show(order: KeptOrder, market: Market): void {
    const { venue, orders, nowMs } = this.#parts;
    const level = levelOf(order, market, orders.openOf(market.conditionId));
    venue.restLevels(market.tokenIds[0], [level], nowMs());
  }
}

const withoutDust = (sizeMicros: bigint): bigint => (sizeMicros < DUST_MICROS ? 0n : sizeMicros);
