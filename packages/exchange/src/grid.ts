import { ceilTo, floorTo, ONE, type PriceMicros, price, type ShareMicros, shares } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** Sizes on the exchange have two decimals. Source: polymarket §2.5. */
export const SIZE_STEP_MICROS = 10_000n;

export type Grid = {
  readonly tickMicros: bigint;
  readonly sizeStepMicros: bigint;
  readonly minSizeMicros: bigint;
};
export type GridOrder = {
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly priceMicros: PriceMicros;
};
export type Fitted =
  | { readonly kind: 'place'; readonly order: GridOrder }
  | { readonly kind: 'skip'; readonly reason: 'BELOW_MIN_ORDER_SIZE' | 'NO_LIQUIDITY_WITHIN_BOUNDS' };

/**
 * Fits a wanted order to the market's grid without ever making it worse for us: a BUY price is floored, a SELL price
 * is ceiled, a size is floored.
 *
 * Units: micros. Errors: none; a refusal is a `skip`: under the minimum, or no price of the grid lies inside.
 * Source: domain rules §5, §6.
 */
export function fitToGrid(wanted: GridOrder, grid: Grid): Fitted {
  const sizeMicros = shares(floorTo(wanted.sizeMicros, grid.sizeStepMicros));
  if (sizeMicros === 0n || sizeMicros < grid.minSizeMicros)
    return { kind: 'skip', reason: 'BELOW_MIN_ORDER_SIZE' };
  const round = wanted.side === 'BUY' ? floorTo : ceilTo;
  const ticked = round(wanted.priceMicros, grid.tickMicros);
  if (ticked <= 0n || ticked >= ONE) return { kind: 'skip', reason: 'NO_LIQUIDITY_WITHIN_BOUNDS' };
  return { kind: 'place', order: { ...wanted, sizeMicros, priceMicros: price(ticked) } };
}
