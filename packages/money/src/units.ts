declare const unit: unique symbol;
type Fixed<U extends string> = bigint & { readonly [unit]: U };

/** Collateral in millionths of a dollar (pUSD). Signed, so that a ledger delta can be one. */
export type UsdMicros = Fixed<'usd'>;

/** Outcome shares in millionths of a share. Signed in a ledger delta, never negative as a size. */
export type ShareMicros = Fixed<'share'>;

/** Price of one share in millionths of a dollar: 0n … 1_000_000n. */
export type PriceMicros = Fixed<'price'>;

/** Ten-thousandths: 100 bps are one percent. */
export type Bps = Fixed<'bps'>;

/** One dollar, one share, or the price of certainty, in micros. */
export const ONE = 1_000_000n;

/** All of something, in bps. */
export const ALL_BPS = 10_000n;

export const usd = (n: bigint): UsdMicros => n as UsdMicros;
export const shares = (n: bigint): ShareMicros => n as ShareMicros;
export const bps = (n: bigint): Bps => n as Bps;

/** Errors: RangeError outside 0n … 1_000_000n: a price that cannot exist is a bug, not an event. */
export function price(n: bigint): PriceMicros {
  if (n < 0n || n > ONE) throw new RangeError(`price ${n} is outside 0..${ONE} micros`);
  return n as PriceMicros;
}
