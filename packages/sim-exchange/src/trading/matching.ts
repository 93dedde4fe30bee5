import { floorTo, least, ONE } from '@slipstream/money';
import type { Side } from '../venue/market.ts';

/** Less than this many shares, in micros, is nothing that an order could name: who has it left is filled. */
export const DUST_MICROS = 10_000n;

/** What a taker can meet: a level of anonymous liquidity, or a resting order. The price is in the taker's token. */
export type Offer<Order> = {
  readonly priceMicros: bigint;
  readonly sizeMicros: bigint;
  readonly order: Order | null;
};

/** An order that looks for others. `left` counts dollars or shares, as `sizedIn` says. Micros. */
export type Taker = {
  readonly side: Side;
  /** Gives at most `makerMicros` for every `takerMicros`: the limit, exactly as it was signed. */
  readonly makerMicros: bigint;
  readonly takerMicros: bigint;
  readonly sizedIn: 'dollars' | 'shares';
  readonly leftMicros: bigint;
};

export type Fill<Order> = Offer<Order> & {
  /** Exactly price × size: no fill has a price that does not come out even. */
  readonly notionalMicros: bigint;
};

export type Matched<Order> = {
  readonly fills: readonly Fill<Order>[];
  readonly sizeMicros: bigint;
  readonly notionalMicros: bigint;
  /** Of what the taker came with, dollars or shares. */
  readonly leftMicros: bigint;
  /** Nothing is left, or nothing that could be named. */
  readonly isFull: boolean;
};

const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestDivisor(b, a % b));

/** Shares, in micros, of which every multiple costs whole micros at this price; a hundredth of a share divides evenly. */
export const evenStep = (priceMicros: bigint): bigint => ONE / greatestDivisor(priceMicros, ONE);

/** Whether a price is within an order's limit. */
export const admits = (
  order: Pick<Taker, 'side' | 'makerMicros' | 'takerMicros'>,
  priceMicros: bigint,
): boolean =>
  order.side === 'BUY'
    ? priceMicros * order.takerMicros <= order.makerMicros * ONE
    : priceMicros * order.makerMicros >= order.takerMicros * ONE;

/** Best for the taker first; at one price what came first. */
export const byPrice =
  (side: Side) =>
  (a: { readonly priceMicros: bigint }, b: { readonly priceMicros: bigint }): number => {
    if (a.priceMicros === b.priceMicros) return 0;
    return a.priceMicros < b.priceMicros === (side === 'BUY') ? -1 : 1;
  };

/** Dollars that a hundredth of a share costs at the limit are the dust of who counts in dollars. */
const isNothing = ({ sizedIn, makerMicros, takerMicros }: Taker, left: bigint): boolean =>
  sizedIn === 'shares' ? left < DUST_MICROS : left * takerMicros < makerMicros * DUST_MICROS;

/**
 * Walks the offers, which stand best first and within one price oldest first, and takes from each what fits.
 * The taker gets every offer's own price. Pure; decides nothing about orders that must be filled whole.
 */
export function match<Order>(taker: Taker, offers: readonly Offer<Order>[]): Matched<Order> {
  const fills: Fill<Order>[] = [];
  let [left, size, notional] = [taker.leftMicros, 0n, 0n];
  for (const offer of offers) {
    const { priceMicros } = offer;
    if (isNothing(taker, left) || priceMicros <= 0n || !admits(taker, priceMicros)) break;
    const wanted = taker.sizedIn === 'shares' ? left : (left * ONE) / priceMicros;
    const sizeMicros = floorTo(least(wanted, offer.sizeMicros), evenStep(priceMicros));
    if (sizeMicros === 0n) continue;
    const notionalMicros = (sizeMicros * priceMicros) / ONE;
    fills.push({ ...offer, sizeMicros, notionalMicros });
    size += sizeMicros;
    notional += notionalMicros;
    left -= taker.sizedIn === 'shares' ? sizeMicros : notionalMicros;
  }
  return {
    fills,
    sizeMicros: size,
    notionalMicros: notional,
    leftMicros: left,
    isFull: isNothing(taker, left),
  };
}
