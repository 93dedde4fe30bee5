import { floorTo, mulDiv, ONE } from '@slipstream/money';
import type { Side } from '@slipstream/proto';
import { SIZE_STEP_MICROS } from './grid.ts';
import type { OrderType } from './port.ts';

/** The exchange takes the dollars of a market BUY with two decimals. Source: polymarket §2.5. */
const DOLLAR_STEP_MICROS = 10_000n;

/** By tick: the finest step of an order's second figure, in micros. Source: polymarket §2.5. */
const AMOUNT_STEP_MICROS: ReadonlyMap<bigint, bigint> = new Map([
  [100_000n, 1_000n],
  [10_000n, 100n],
  [5_000n, 10n],
  [2_500n, 1n],
  [1_000n, 10n],
  [100n, 1n],
]);

/** Whether the exchange has such a tick: prices on another one would be refused. */
export const isKnownTick = (tickMicros: bigint): boolean => AMOUNT_STEP_MICROS.has(tickMicros);

export type OrderAmounts = {
  /** What we give: dollars for a BUY, shares for a SELL; in micros. */
  readonly makerMicros: bigint;
  /** What we want for it: shares for a BUY, dollars for a SELL; in micros. */
  readonly takerMicros: bigint;
};

/**
 * The two figures of an order, exact to the micro. An order that takes at once is sized in dollars when it buys: both
 * figures are rounded down, so that the shares never make the price of the whole look lower than the limit, which
 * would leave it without a match.
 *
 * Units: micros. Errors: none; null where the tick is none of the exchange's, the price is not on it or nothing is
 * left. Source: polymarket §2.5.
 */
export function orderAmounts(order: {
  readonly side: Side;
  readonly priceMicros: bigint;
  readonly sizeMicros: bigint;
  readonly tickMicros: bigint;
  readonly orderType: OrderType;
}): OrderAmounts | null {
  const { side, priceMicros, tickMicros } = order;
  const step = AMOUNT_STEP_MICROS.get(tickMicros);
  if (step === undefined || priceMicros <= 0n || priceMicros >= ONE || priceMicros % tickMicros !== 0n)
    return null;
  const sizeMicros = floorTo(order.sizeMicros, SIZE_STEP_MICROS);
  const dollars = floorTo(mulDiv(sizeMicros, priceMicros, ONE, 'down'), step);
  const immediate = order.orderType === 'FAK' || order.orderType === 'FOK';
  if (side === 'SELL') return positive({ makerMicros: sizeMicros, takerMicros: dollars });
  if (!immediate) return positive({ makerMicros: dollars, takerMicros: sizeMicros });
  const makerMicros = floorTo(dollars, DOLLAR_STEP_MICROS);
  return positive({ makerMicros, takerMicros: floorTo(mulDiv(makerMicros, ONE, priceMicros, 'down'), step) });
}

const positive = (amounts: OrderAmounts): OrderAmounts | null =>
  amounts.makerMicros > 0n && amounts.takerMicros > 0n ? amounts : null;
