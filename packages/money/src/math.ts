import {
  ALL_BPS,
  type Bps,
  ONE,
  type PriceMicros,
  price,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from './units.ts';

/** Which way a division goes when it does not come out even. Always said, never assumed. */
export type Round = 'down' | 'up';

/**
 * `a * b / d` with the rounding said out loud.
 *
 * Errors: RangeError when a or b is negative or d is not positive: a sign here is always a bug.
 */
export function mulDiv(a: bigint, b: bigint, d: bigint, round: Round): bigint {
  if (a < 0n || b < 0n || d <= 0n) throw new RangeError('mulDiv wants a, b >= 0 and d > 0');
  const exact = a * b;
  return round === 'up' ? (exact + d - 1n) / d : exact / d;
}

/** What `size` shares cost at `at`. Pass 'up' when we pay and 'down' when we are paid. Units: micros. */
export const notional = (size: ShareMicros, at: PriceMicros, round: Round): UsdMicros =>
  usd(mulDiv(size, at, ONE, round));

/** How many shares `money` buys at `at`; the price must be above zero. Units: micros. */
export const sharesFor = (money: UsdMicros, at: PriceMicros, round: Round): ShareMicros =>
  shares(mulDiv(money, ONE, at, round));

/**
 * Volume-weighted average price, floored: `floor(Σ notional × 1e6 / Σ shares)`.
 *
 * Units: micros. Errors: RangeError when there are no shares, or when the notional exceeds a dollar a share.
 * Source: domain rules §2.
 */
export const vwap = (totalNotional: UsdMicros, totalShares: ShareMicros): PriceMicros =>
  price(mulDiv(totalNotional, ONE, totalShares, 'down'));

/** The part of `n` that `part` bps are. Units: as `n`. */
export const portion = <T extends bigint>(n: T, part: Bps, round: Round): T =>
  mulDiv(n, part, ALL_BPS, round) as T;

/** The largest multiple of `step` not above `n`. Errors: RangeError unless n >= 0 and step > 0. */
export const floorTo = (n: bigint, step: bigint): bigint => mulDiv(n, 1n, step, 'down') * step;

/** The smallest multiple of `step` not below `n`. Errors: as `floorTo`. */
export const ceilTo = (n: bigint, step: bigint): bigint => mulDiv(n, 1n, step, 'up') * step;

export const least = <T extends bigint>(a: T, b: T): T => (a < b ? a : b);
export const most = <T extends bigint>(a: T, b: T): T => (a > b ? a : b);
export const absolute = <T extends bigint>(n: T): T => (n < 0n ? (-(n as bigint) as T) : n);
