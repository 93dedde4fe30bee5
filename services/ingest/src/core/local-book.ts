import type { PriceMicros, ShareMicros } from '@slipstream/money';
import { BOOK_LEVELS_MAX, type Side } from '@slipstream/proto';

export type LevelRow = { readonly price: PriceMicros; readonly size: ShareMicros };
export type ChangeRow = LevelRow & { readonly side: Side };
export type Pair = [PriceMicros, ShareMicros];

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** One token's book as its messages built it: a snapshot, then levels set one by one. */
export class LocalBook {
  #bids = new Map<PriceMicros, ShareMicros>();
  #asks = new Map<PriceMicros, ShareMicros>();
  /** False until a snapshot came, and again when the book is out of step. */
  whole = false;
  changedAtMs = 0;

  replace(bids: readonly LevelRow[], asks: readonly LevelRow[], atMs: number): void {
    const toMap = (rows: readonly LevelRow[]) =>
      new Map(rows.filter((row) => row.size > 0n).map((row) => [row.price, row.size] as const));
    this.#bids = toMap(bids);
    this.#asks = toMap(asks);
    this.whole = true;
    this.changedAtMs = atMs;
  }

  set({ side, price, size }: ChangeRow, atMs: number): void {
    const levels = side === 'BUY' ? this.#bids : this.#asks;
    if (size === 0n) levels.delete(price);
    else levels.set(price, size);
    this.changedAtMs = Math.max(this.changedAtMs, atMs);
  }

  /** Highest price first, as many as a message holds. */
  bids(): Pair[] {
    return [...this.#bids].sort(([a], [b]) => ascending(b, a)).slice(0, BOOK_LEVELS_MAX);
  }

  /** Lowest price first. */
  asks(): Pair[] {
    return [...this.#asks].sort(([a], [b]) => ascending(a, b)).slice(0, BOOK_LEVELS_MAX);
  }

  best(): { readonly bid: PriceMicros | null; readonly ask: PriceMicros | null } {
    let bid: PriceMicros | null = null;
    let ask: PriceMicros | null = null;
    for (const price of this.#bids.keys()) if (bid === null || price > bid) bid = price;
    for (const price of this.#asks.keys()) if (ask === null || price < ask) ask = price;
    return { bid, ask };
  }

  isCrossed(): boolean {
    const { bid, ask } = this.best();
    return bid !== null && ask !== null && bid >= ask;
  }
}
