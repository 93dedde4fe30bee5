import {
  least,
  notional,
  type PriceMicros,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';

export type Priced = {
  readonly index: number;
  readonly priceMicros: PriceMicros;
  readonly sizeMicros: ShareMicros;
};

/** What taking `sizeMicros` at a price costs, fee included. Rises with the size. */
export type CostOf = (sizeMicros: ShareMicros, priceMicros: PriceMicros) => UsdMicros;

/** Halvings that find a step count below 2^64. */
const HALVINGS_MAX = 64;

/** The largest multiple of `step`, at most `most`, that `cash` pays for. */
function affordable(
  cash: UsdMicros,
  at: PriceMicros,
  most: ShareMicros,
  step: bigint,
  costOf: CostOf,
): ShareMicros {
  let low = 0n;
  let high = most / step;
  for (let i = 0; i < HALVINGS_MAX && low < high; i++) {
    const middle = (low + high + 1n) / 2n;
    if (costOf(shares(middle * step), at) <= cash) low = middle;
    else high = middle - 1n;
  }
  return shares(low * step);
}

/**
 * Cuts a BUY to the cash that is there, level by level from the best, the fee included: the first level that the cash
 * does not pay in full is cut to whole steps, and those behind it are dropped.
 *
 * Units: micros. Errors: none. Source: domain rules §5 ("checked again at fill time"); polymarket §3 (a BUY needs
 * spend and fee).
 */
export function cutToCash<L extends Priced>(
  levels: readonly L[],
  cash: UsdMicros,
  step: bigint,
  costOf: CostOf,
): { readonly levels: readonly L[]; readonly cut: boolean } {
  const kept: L[] = [];
  let left = cash;
  for (const level of levels) {
    const cost = costOf(level.sizeMicros, level.priceMicros);
    if (cost <= left) {
      kept.push(level);
      left = usd(left - cost);
      continue;
    }
    const sizeMicros =
      left > 0n ? affordable(left, level.priceMicros, level.sizeMicros, step, costOf) : shares(0n);
    if (sizeMicros > 0n) kept.push({ ...level, sizeMicros });
    return { levels: kept, cut: true };
  }
  return { levels: kept, cut: false };
}

/** The most of a wanted SELL that the position covers. */
export const cutToPosition = (wanted: ShareMicros, held: ShareMicros): ShareMicros =>
  held > 0n ? least(wanted, held) : shares(0n);

/** What a BUY of one level pays, before the fee: rounded up, so that the ledger is never richer than the exchange. */
export const paidFor = (sizeMicros: ShareMicros, at: PriceMicros): UsdMicros =>
  notional(sizeMicros, at, 'up');
