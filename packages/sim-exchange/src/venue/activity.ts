import type { Side } from './market.ts';

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
};

export const secondsOf = (activity: Activity): number => Math.floor(activity.atMs / 1000);

/** Rows kept for the public API: all of a long run, and a bound all the same. */
const ROWS_MAX = 2_000_000;

/** Everything that happened, by wallet and over all, in the order of happening. */
export class ActivityLog {
  readonly #all: Activity[] = [];
  readonly #byWallet = new Map<string, Activity[]>();

  add(activity: Activity): void {
    if (this.#all.length >= ROWS_MAX)
      throw new RangeError(`the simulator keeps at most ${ROWS_MAX} activities`);
    this.#all.push(activity);
    const own = this.#byWallet.get(activity.wallet);
    if (own) own.push(activity);
    else this.#byWallet.set(activity.wallet, [activity]);
  }

  of(wallet: string): readonly Activity[] {
    return this.#byWallet.get(wallet) ?? [];
  }

  all(): readonly Activity[] {
    return this.#all;
  }
}
