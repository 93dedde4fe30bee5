import { notional, type PriceMicros, type ShareMicros, type UsdMicros, usd } from '@slipstream/money';

export type MarkedPosition = { readonly sharesMicros: ShareMicros; readonly markMicros: PriceMicros | null };
export type Valuation = {
  /** Σ |shares × mark|. */
  readonly exposureMicros: UsdMicros;
  /** Σ shares × mark. */
  readonly worthMicros: UsdMicros;
  /** Held positions without a mark: while there is one, equity is unknown. */
  readonly unpriced: number;
};

/** What positions are worth at their marks, floored per position. Units: micros. Source: domain rules §7. */
export function valuePositions(positions: Iterable<MarkedPosition>): Valuation {
  let worth = 0n;
  let unpriced = 0;
  for (const { sharesMicros, markMicros } of positions) {
    if (sharesMicros === 0n) continue;
    if (markMicros === null) unpriced += 1;
    else worth += notional(sharesMicros, markMicros, 'down');
  }
  return { exposureMicros: usd(worth), worthMicros: usd(worth), unpriced };
}
