import { ONE } from '@slipstream/money';
import type { Side } from './market.ts';

export type Levels = ReadonlyMap<bigint, bigint>;

/** One changed level as a subscriber of one token sees it; size 0 says that it is gone. */
export type LevelChange = { readonly side: Side; readonly priceMicros: bigint; readonly sizeMicros: bigint };

/** Both sides of one token's book, price to size, in micros. */
export type BookView = { readonly bids: Levels; readonly asks: Levels };

/** The same change seen from the opposite outcome: price 1 − p, sides swapped. */
export const mirrorChange = (change: LevelChange): LevelChange => ({
  side: change.side === 'BUY' ? 'SELL' : 'BUY',
  priceMicros: ONE - change.priceMicros,
  sizeMicros: change.sizeMicros,
});

const mirrorLevels = (levels: Levels): Levels =>
  new Map([...levels].map(([price, size]) => [ONE - price, size]));

/** The opposite outcome's book is the exact mirror. */
export const mirrorView = (view: BookView): BookView => ({
  bids: mirrorLevels(view.asks),
  asks: mirrorLevels(view.bids),
});

/**
 * One market's book, kept from the point of view of its first token: what a recording or a generator says of it, and
 * over that what resting orders of the exchange's own users offer. Neither loses the other.
 */
export class MirroredBook {
  #anonymous = { bids: new Map<bigint, bigint>(), asks: new Map<bigint, bigint>() };
  readonly #resting = { bids: new Map<bigint, bigint>(), asks: new Map<bigint, bigint>() };
  changedAtMs = 0;

  /** Everything that is offered. The first token's view; the second's is its mirror. */
  view(index: 0 | 1): BookView {
    const { bids, asks } = this.#anonymous;
    const first = { bids: summed(bids, this.#resting.bids), asks: summed(asks, this.#resting.asks) };
    return index === 0 ? first : mirrorView(first);
  }

  /** The same without resting orders. */
  anonymous(index: 0 | 1): BookView {
    return index === 0 ? this.#anonymous : mirrorView(this.#anonymous);
  }

  /** Sets one level of the first token's anonymous book. */
  set(change: LevelChange, atMs: number): void {
    setLevel(this.#anonymous, change);
    this.changedAtMs = atMs;
  }

  /** Sets what resting orders offer at one level of the first token's book. */
  rest(change: LevelChange, atMs: number): void {
    setLevel(this.#resting, change);
    this.changedAtMs = atMs;
  }

  /** Replaces the anonymous book and gives what changed of it, from the first token's point of view. */
  replace(next: BookView, atMs: number): LevelChange[] {
    const changes = [
      ...differences('BUY', this.#anonymous.bids, next.bids),
      ...differences('SELL', this.#anonymous.asks, next.asks),
    ];
    this.#anonymous = { bids: new Map(next.bids), asks: new Map(next.asks) };
    this.changedAtMs = atMs;
    return changes;
  }

  /** A change with the size that the whole level has now. */
  shown({ side, priceMicros }: LevelChange): LevelChange {
    const key = side === 'BUY' ? 'bids' : 'asks';
    const sizeMicros =
      (this.#anonymous[key].get(priceMicros) ?? 0n) + (this.#resting[key].get(priceMicros) ?? 0n);
    return { side, priceMicros, sizeMicros };
  }
}

function setLevel(
  book: { readonly bids: Map<bigint, bigint>; readonly asks: Map<bigint, bigint> },
  { side, priceMicros, sizeMicros }: LevelChange,
): void {
  const levels = side === 'BUY' ? book.bids : book.asks;
  if (sizeMicros === 0n) levels.delete(priceMicros);
  else levels.set(priceMicros, sizeMicros);
}

function summed(levels: Levels, more: Levels): Levels {
  if (more.size === 0) return levels;
  const sums = new Map(levels);
  for (const [priceMicros, sizeMicros] of more)
    sums.set(priceMicros, (sums.get(priceMicros) ?? 0n) + sizeMicros);
  return sums;
}

function differences(side: Side, before: Levels, after: Levels): LevelChange[] {
  const changes: LevelChange[] = [];
  for (const [priceMicros, sizeMicros] of after)
    if (before.get(priceMicros) !== sizeMicros) changes.push({ side, priceMicros, sizeMicros });
  for (const priceMicros of before.keys())
    if (!after.has(priceMicros)) changes.push({ side, priceMicros, sizeMicros: 0n });
  return changes;
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Bids from the lowest, asks from the highest: the exchange prints the best level last on both sides. */
export const bidsBestLast = (view: BookView): [bigint, bigint][] =>
  [...view.bids].sort(([a], [b]) => ascending(a, b));
export const asksBestLast = (view: BookView): [bigint, bigint][] =>
  [...view.asks].sort(([a], [b]) => ascending(b, a));

export const bestBidOf = (view: BookView): bigint | null => {
  let best: bigint | null = null;
  for (const price of view.bids.keys()) if (best === null || price > best) best = price;
  return best;
};
export const bestAskOf = (view: BookView): bigint | null => {
  let best: bigint | null = null;
  for (const price of view.asks.keys()) if (best === null || price < best) best = price;
  return best;
};
