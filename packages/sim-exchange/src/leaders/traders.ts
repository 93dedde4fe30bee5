import { formatMicros, parseMicros } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { bestAskOf, bestBidOf } from '../venue/book.ts';
import { hashFrom, type Side } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import type { Random } from './random.ts';

const SIZE_STEP = 10_000n;
const SIZE_LEAST = 5_000_000n;

export type TradeWish = {
  readonly wallet: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly notionalMicros: bigint;
  readonly transactionHash: string;
  readonly atMs: number;
};

/** Trades as wallets of the venue make them: at its prices, in its sizes, each in a transaction. */
export class Traders {
  readonly #venue: Venue;
  readonly #salt: string;
  readonly #held = new Map<string, bigint>();
  #transactions = 0;

  constructor(venue: Venue, salt: string) {
    this.#venue = venue;
    this.#salt = salt;
  }

  /** A hash that no other transaction of this run, and of no other run of another salt, has. */
  nextHash(): string {
    this.#transactions += 1;
    return hashFrom('transaction', this.#salt, String(this.#transactions));
  }

  holds(wallet: string, tokenId: string): bigint {
    return this.#held.get(`${wallet} ${tokenId}`) ?? 0n;
  }

  /** Takes the best price of the book. Null: there is none, or nothing left to sell. */
  make(wish: TradeWish): Activity | null {
    const book = this.#venue.book(wish.tokenId);
    const priceMicros = book ? (wish.side === 'BUY' ? bestAskOf(book.view) : bestBidOf(book.view)) : null;
    if (!book || priceMicros === null) return null;
    const key = `${wish.wallet} ${wish.tokenId}`;
    const held = this.#held.get(key) ?? 0n;
    let size = ((wish.notionalMicros * 1_000_000n) / priceMicros / SIZE_STEP) * SIZE_STEP;
    if (size < SIZE_LEAST) size = SIZE_LEAST;
    if (wish.side === 'SELL' && size > held) size = held;
    if (size === 0n) return null;
    this.#held.set(key, wish.side === 'BUY' ? held + size : held - size);
    return this.#venue.trade({
      wallet: wish.wallet,
      tokenId: wish.tokenId,
      conditionId: book.market.conditionId,
      side: wish.side,
      price: formatMicros(priceMicros),
      size: formatMicros(size),
      transactionHash: wish.transactionHash,
      atMs: wish.atMs,
    });
  }
}

const SMALL = parseMicros('8');
const LARGE = parseMicros('2500');

/** Most trades are small, some are large: dollars spread evenly over the orders of magnitude. */
export function randomNotional(random: Random): bigint {
  let notional = SMALL;
  while (notional < LARGE && random.chance(0.72)) notional = (notional * BigInt(13 + random.below(12))) / 10n;
  return notional;
}
