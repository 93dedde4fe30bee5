import { EventEmitter } from 'node:events';
import { formatMicros, mulDiv, ONE, parseMicrosRounded, price } from '@slipstream/money';
import { type Activity, ActivityLog } from './activity.ts';
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
};

export type BookUpdate = {
  readonly market: Market;
  /** First token's point of view; empty when the whole book is news. */
  readonly changes: readonly LevelChange[];
  readonly whole: boolean;
  readonly atMs: number;
};

type VenueEvents = {
  book: [BookUpdate];
  trade: [Activity];
  tick: [{ market: Market; oldTickMicros: bigint; atMs: number }];
  opened: [{ market: Market; atMs: number }];
  resolved: [{ market: Market; atMs: number }];
  pollable: [];
};

/** More changed levels than this travel as a whole book. */
const CHANGES_MAX = 40;

/** The venue's state: markets, mirrored books, what everybody did. It decides nothing and asks no clock. */
export class Venue extends EventEmitter<VenueEvents> {
  readonly markets = new Map<string, Market>();
  readonly log = new ActivityLog();
  readonly #byToken = new Map<string, Market>();
  readonly #books = new Map<string, MirroredBook>();
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

  /** A whole book of one token; the other token's follows from it. */
  replaceBook(tokenId: string, view: BookView, atMs: number): void {
    const market = this.#byToken.get(tokenId);
    // A resolved market has no book, whatever a recording goes on to say.
    if (market?.state !== 'open') return;
    const known = this.#books.get(market.conditionId);
    const book = known ?? new MirroredBook();
    this.#books.set(market.conditionId, book);
    const changes = book.replace(outcomeIndex(market, tokenId) === 0 ? view : mirrorView(view), atMs);
    const whole = known === undefined || changes.length > CHANGES_MAX;
    if (whole || changes.length > 0) this.emit('book', { market, changes, whole, atMs });
  }

  changeLevels(tokenId: string, changes: readonly LevelChange[], atMs: number): void {
    const market = this.#byToken.get(tokenId);
    const book = market && this.#books.get(market.conditionId);
    // Changes of a book that nobody has seen whole say nothing about it.
    if (market?.state !== 'open' || book === undefined) return;
    const first = outcomeIndex(market, tokenId) === 0 ? changes : changes.map(mirrorChange);
    for (const change of first) book.set(change, atMs);
    this.emit('book', { market, changes: first, whole: false, atMs });
  }

  trade(input: TradeInput): Activity {
    const market = this.#byToken.get(input.tokenId);
    const priceMicros = parseMicrosRounded(input.price);
    const usdc = mulDiv(priceMicros, parseMicrosRounded(input.size), ONE, 'down');
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
    };
    if (market)
      market.lastTrade = { priceMicros: price(priceMicros), side: input.side, tokenId: input.tokenId };
    this.log.add(activity);
    this.emit('trade', activity);
    this.emit('pollable');
    return activity;
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
