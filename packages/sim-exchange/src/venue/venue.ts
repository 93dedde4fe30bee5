import { EventEmitter } from 'node:events';
import { formatMicros, mulDiv, ONE, parseMicrosRounded, price } from '@slipstream/money';
import { type Activity, ActivityLog, type Counterparty } from './activity.ts';
import { type BookView, type LevelChange, MirroredBook, mirrorChange, mirrorView } from './book.ts';
import { type Market, outcomeIndex, outcomeOf, type Side } from './market.ts';

/** A trade as somebody made it; price and size in the text that feeds will show. */
export type TradeInput = {
  readonly wallet: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly price: string;
  readonly size: string;
  readonly transactionHash: string;
  readonly atMs: number;
  readonly isTaker?: boolean;
  /** Dollars in micros, where price × size would not be exact. */
  readonly notionalMicros?: bigint;
  /** The order's id, where it was one of this exchange's own. */
  readonly orderId?: string;
  /** On a taker's row: everybody whom it met, where that is known. */
  readonly counterparties?: readonly Counterparty[];
};

export type BookUpdate = {
  readonly market: Market;
  /** First token's point of view; empty when the whole book is news. */
  readonly changes: readonly LevelChange[];
  readonly whole: boolean;
  readonly atMs: number;
};

/** A trade as the tape of its market prints it: once, with the taker's side. */
export type Print = { readonly market: Market; readonly trade: Activity; readonly side: Side };

/** What marketable orders wait before they are matched. */
export type Delays = {
  /** By condition id; `*` is every market. Seconds. */
  readonly secondsDelay: Readonly<Record<string, number>>;
  /** 0: no order is held. Milliseconds. */
  readonly itodeHoldMs: number;
};

type VenueEvents = {
  book: [BookUpdate];
  trade: [Activity];
  print: [Print];
  tick: [{ market: Market; oldTickMicros: bigint; atMs: number }];
  opened: [{ market: Market; atMs: number }];
  resolved: [{ market: Market; atMs: number }];
  pollable: [];
};

/** More changed levels than this travel as a whole book. */
const CHANGES_MAX = 40;

/** What is being done to one market's book and told of when all of it is done. */
type Amendment = { readonly changes: LevelChange[]; whole: boolean };

const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

/**
 * The taker's side of a row that tells of its match. Null: another row does, since a resting order of this exchange's
 * own is told of beside the taker who met it.
 */
function takerSideOf({ isTaker, orderId, side }: Activity): Side | null {
  if (side === '') return null;
  if (isTaker) return side;
  return orderId === undefined ? opposite(side) : null;
}

/** The venue's state: markets, mirrored books, what everybody did. It decides nothing and asks no clock. */
export class Venue extends EventEmitter<VenueEvents> {
  readonly markets = new Map<string, Market>();
  readonly log = new ActivityLog();
  readonly #byToken = new Map<string, Market>();
  readonly #books = new Map<string, MirroredBook>();
  /** Lets resting orders meet what a book has become, before anybody is told of it. Set by the trading side. */
  meet: ((market: Market, atMs: number) => void) | null = null;
  /** As the trading side has them now; it sets this. */
  delays: Delays = { secondsDelay: {}, itodeHoldMs: 0 };
  #amendment: Amendment | null = null;
  #seq = 0;

  addMarket(market: Market): void {
    this.markets.set(market.conditionId, market);
    for (const tokenId of market.tokenIds) this.#byToken.set(tokenId, market);
    this.emit('pollable');
  }

  /** A market that begins while the exchange runs; subscribers hear of it. */
  openMarket(market: Market, atMs: number): void {
    this.addMarket(market);
    this.emit('opened', { market, atMs });
  }

  marketOf(tokenId: string): Market | undefined {
    return this.#byToken.get(tokenId);
  }

  /** Null: the market has no book (none yet, or resolved). */
  book(
    tokenId: string,
  ): { readonly market: Market; readonly view: BookView; readonly changedAtMs: number } | null {
    const market = this.#byToken.get(tokenId);
    const book = market && this.#books.get(market.conditionId);
    if (!market || !book || market.state !== 'open') return null;
    return { market, view: book.view(outcomeIndex(market, tokenId)), changedAtMs: book.changedAtMs };
  }

  /** What a token's book offers without resting orders. Null: as for `book`. */
  anonymousView(tokenId: string): BookView | null {
    const market = this.#byToken.get(tokenId);
    const book = market && this.#books.get(market.conditionId);
    if (!market || !book || market.state !== 'open') return null;
    return book.anonymous(outcomeIndex(market, tokenId));
  }

  /** A whole book of one token, without resting orders; the other token's follows from it. */
  replaceBook(tokenId: string, view: BookView, atMs: number): void {
    const market = this.#byToken.get(tokenId);
    // A resolved market has no book, whatever a recording goes on to say.
    if (market?.state !== 'open') return;
    const known = this.#books.get(market.conditionId);
    const book = known ?? new MirroredBook();
    this.#books.set(market.conditionId, book);
    this.amend(market, atMs, (amendment) => {
      const changes = book.replace(outcomeIndex(market, tokenId) === 0 ? view : mirrorView(view), atMs);
      if (known === undefined || changes.length > CHANGES_MAX) amendment.whole = true;
      amendment.changes.push(...changes);
    });
  }

  /** Sets levels of a token's anonymous book. */
  changeLevels(tokenId: string, changes: readonly LevelChange[], atMs: number): void {
    this.#setLevels(tokenId, changes, atMs, (book, change) => book.set(change, atMs));
  }

  /** Sets what resting orders offer at levels of a token's book. */
  restLevels(tokenId: string, changes: readonly LevelChange[], atMs: number): void {
    this.#setLevels(tokenId, changes, atMs, (book, change) => book.rest(change, atMs));
  }

  #setLevels(
    tokenId: string,
    changes: readonly LevelChange[],
    atMs: number,
    set: (book: MirroredBook, change: LevelChange) => void,
  ): void {
    const market = this.#byToken.get(tokenId);
    const book = market && this.#books.get(market.conditionId);
    // Changes of a book that nobody has seen whole say nothing about it.
    if (market?.state !== 'open' || book === undefined) return;
    this.amend(market, atMs, (amendment) => {
      for (const told of changes) {
        const change = outcomeIndex(market, tokenId) === 0 ? told : mirrorChange(told);
        set(book, change);
        amendment.changes.push(change);
      }
    });
  }

  /** Does several things to one market's book and tells of them at once; within another amendment, with that. */
  amend(market: Market, atMs: number, work: (amendment: Amendment) => void): void {
    if (this.#amendment !== null) {
      work(this.#amendment);
      return;
    }
    const amendment: Amendment = { changes: [], whole: false };
    this.#amendment = amendment;
    try {
      work(amendment);
      this.meet?.(market, atMs);
    } finally {
      this.#amendment = null;
    }
    const book = this.#books.get(market.conditionId);
    if (book === undefined || (!amendment.whole && amendment.changes.length === 0)) return;
    const levels = new Map(
      amendment.changes.map((change) => [`${change.side} ${change.priceMicros}`, change]),
    );
    const changes = [...levels.values()].map((change) => book.shown(change));
    this.emit('book', { market, changes, whole: amendment.whole, atMs });
  }

  trade(input: TradeInput): Activity {
    const market = this.#byToken.get(input.tokenId);
    const priceMicros = parseMicrosRounded(input.price);
    const usdc = input.notionalMicros ?? mulDiv(priceMicros, parseMicrosRounded(input.size), ONE, 'down');
    const activity: Activity = {
      seq: ++this.#seq,
      type: 'TRADE',
      wallet: input.wallet.toLowerCase(),
      conditionId: input.conditionId,
      tokenId: input.tokenId,
      side: input.side,
      price: input.price,
      size: input.size,
      usdcSize: formatMicros(usdc),
      outcome: market ? outcomeOf(market, input.tokenId) : '',
      outcomeIndex: market ? outcomeIndex(market, input.tokenId) : 999,
      title: market?.question ?? '',
      slug: market?.slug ?? '',
      eventSlug: market?.eventSlug ?? '',
      transactionHash: input.transactionHash,
      atMs: input.atMs,
      isTaker: input.isTaker ?? true,
      ...(input.orderId === undefined ? {} : { orderId: input.orderId }),
      ...(input.counterparties === undefined ? {} : { counterparties: input.counterparties }),
    };
    const side = takerSideOf(activity);
    if (market && side !== null)
      market.lastTrade = { priceMicros: price(priceMicros), side, tokenId: input.tokenId };
    this.log.add(activity);
    // What resting orders add to this trade is told from within, and the market's print comes after it.
    this.emit('trade', activity);
    if (market && side !== null) this.emit('print', { market, trade: activity, side });
    this.emit('pollable');
    return activity;
  }

  /** Seconds that marketable orders of a market wait as `delayed`, by the switches in force. */
  secondsDelay({ conditionId }: Market): number {
    const { secondsDelay } = this.delays;
    return secondsDelay[conditionId] ?? secondsDelay['*'] ?? 0;
  }

  /** Something that is not a trade: split, merge, redemption, conversion. */
  act(activity: Omit<Activity, 'seq'>): void {
    this.log.add({ ...activity, seq: ++this.#seq });
    this.emit('pollable');
  }

  setTick(conditionId: string, tickMicros: bigint, atMs: number): void {
    const market = this.markets.get(conditionId);
    if (!market || market.tickMicros === tickMicros) return;
    const oldTickMicros = market.tickMicros;
    market.tickMicros = tickMicros;
    this.emit('tick', { market, oldTickMicros, atMs });
    this.emit('pollable');
  }

  /** An outcome is claimed: from now on no book and no orders. False: no such open market. */
  propose(conditionId: string): boolean {
    const market = this.markets.get(conditionId);
    if (market?.state !== 'open') return false;
    market.state = 'proposed';
    this.emit('pollable');
    return true;
  }

  /** False: no such market, or resolved already. */
  resolve(
    conditionId: string,
    numerators: readonly [bigint, bigint],
    denominator: bigint,
    atMs: number,
  ): boolean {
    const market = this.markets.get(conditionId);
    if (!market || market.state === 'resolved') return false;
    market.state = 'resolved';
    market.payout = { numerators, denominator, atMs };
    this.emit('resolved', { market, atMs });
    this.emit('pollable');
    return true;
  }
}
