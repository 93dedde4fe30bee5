import {
  ALL_BPS,
  type Bps,
  bps,
  least,
  mulDiv,
  ONE,
  type ShareMicros,
  type UsdMicros,
  usd,
} from '@slipstream/money';

/** The most that a share is said to be: what is further out is an artefact of a tiny whole. */
const SHARE_MOST = bps(100n * ALL_BPS);

/** What part of a whole is, floored; null where there is no whole to be a part of. Both of one unit, not negative. */
export const shareOf = (part: bigint, whole: bigint): Bps | null =>
  whole === 0n ? null : least(bps(mulDiv(part, ALL_BPS, whole, 'down')), SHARE_MOST);

/**
 * Dollars over shares as dollars a share, rounded up, so that it is never shown better than it was; null without
 * shares. Units: micros; the cost may be negative.
 */
export function costPerShare(costMicros: UsdMicros, sizeMicros: ShareMicros): UsdMicros | null {
  if (sizeMicros === 0n) return null;
  // Rounding towards zero is rounding up where the cost is negative.
  return usd(costMicros < 0n ? (costMicros * ONE) / sizeMicros : mulDiv(costMicros, ONE, sizeMicros, 'up'));
}

/** One bucket of a histogram: `from` is inside, `below` is not; null is without end. */
export type Bucket<E> = { readonly from: E | null; readonly below: E | null; readonly count: number };

/** The buckets between ascending edges and outside of them, with the count of each. Errors: none; no count is zero. */
export function buckets<E>(edges: readonly E[], counts: readonly number[]): Bucket<E>[] {
  const below: (E | null)[] = [...edges, null];
  return below.map((end, i) => ({ from: edges[i - 1] ?? null, below: end, count: counts[i] ?? 0 }));
}
