import type { Side } from './market.ts';

/** Whose resting order a taker met, anonymous levels' strangers among them. Micros. */
export type Counterparty = {
  readonly wallet: string;
  readonly orderId: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly sizeMicros: bigint;
  readonly notionalMicros: bigint;
};

/** What a wallet did, as the public feeds tell it. Price and size keep the text in which they were recorded. */
export type Activity = {
  /** Order of happening in this run; the tie-breaker within one second. */
  readonly seq: number;
  readonly type: 'TRADE' | 'SPLIT' | 'MERGE' | 'REDEEM' | 'CONVERSION' | 'REWARD';
  readonly wallet: string;
  readonly conditionId: string;
  readonly tokenId: string;
  readonly side: Side | '';
  readonly price: string;
  readonly size: string;
  readonly usdcSize: string;
  readonly outcome: string;
  readonly outcomeIndex: number;
  readonly title: string;
  readonly slug: string;
  readonly eventSlug: string;
  readonly transactionHash: string;
  /** Milliseconds; feeds show whole seconds. */
  readonly atMs: number;
  /** The wallet's order met resting ones. */
  readonly isTaker: boolean;
  /** The order's id, where it was one of this exchange's own; logs of the chain name it. */
  readonly orderId?: string;
  /** On a taker's row: everybody whom it met, where that is known. */
  readonly counterparties?: readonly Counterparty[];
};

export const secondsOf = (activity: Activity): number => Math.floor(activity.atMs / 1000);

/** Rows kept for the public API; past it the oldest go, a part at a time. */
const ROWS_MAX = 2_000_000;
const DROPPED_PART = 10;

/** Where a row stands: by second, then by order of happening. */
export const placeOf =
  (second: number, seq: number) =>
  (row: Activity): number =>
    secondsOf(row) - second || row.seq - seq;

/** How many leading rows lie before a place; `distance` is negative for those. */
export function countBefore(rows: readonly Activity[], distance: (row: Activity) => number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && distance(row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Nearly always at the end; a replay that was late by a moment tells an older second. */
function insert(rows: Activity[], row: Activity): void {
  const last = rows.at(-1);
  if (last === undefined || secondsOf(last) <= secondsOf(row)) rows.push(row);
  else rows.splice(countBefore(rows, placeOf(secondsOf(row), row.seq)), 0, row);
}

/** Everything that happened, by wallet and over all, ordered by second and then by happening. */
export class ActivityLog {
  readonly #all: Activity[] = [];
  readonly #byWallet = new Map<string, Activity[]>();
  readonly #rowsMax: number;
  #trades = 0;

  constructor(rowsMax = ROWS_MAX) {
    this.#rowsMax = rowsMax;
  }

  get trades(): number {
    return this.#trades;
  }

  add(activity: Activity): void {
    if (this.#all.length >= this.#rowsMax) this.#dropOldest();
    if (activity.type === 'TRADE') this.#trades += 1;
    insert(this.#all, activity);
    const own = this.#byWallet.get(activity.wallet);
    if (own) insert(own, activity);
    else this.#byWallet.set(activity.wallet, [activity]);
  }

  /** Everybody's order is the whole order, so a wallet's oldest rows stand first in its own list, too. */
  #dropOldest(): void {
    const counts = new Map<string, number>();
    for (const { wallet } of this.#all.splice(0, Math.ceil(this.#rowsMax / DROPPED_PART)))
      counts.set(wallet, (counts.get(wallet) ?? 0) + 1);
    for (const [wallet, count] of counts) this.#byWallet.get(wallet)?.splice(0, count);
  }

  of(wallet: string): readonly Activity[] {
    return this.#byWallet.get(wallet) ?? [];
  }

  all(): readonly Activity[] {
    return this.#all;
  }
}
