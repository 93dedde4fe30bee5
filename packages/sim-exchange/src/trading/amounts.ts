import { absolute, formatMicros, mulDiv, ONE } from '@slipstream/money';
import type { Market } from '../venue/market.ts';
import { admits } from './matching.ts';
import { REFUSALS } from './refusals.ts';
import type { Refusal, VerifiedOrder } from './types.ts';

const SCALE = 6;
const SIZE_PLACES = 2;
/** Dollars of a market buy come in cents. */
const MARKET_BUY_PLACES = 2;
/** Seconds that an expiration must be ahead. Source: polymarket §2.6. */
const EXPIRATION_AHEAD_S = 180;

export type Amounts = {
  readonly kind: 'amounts';
  /** On the tick grid. */
  readonly priceMicros: bigint;
  readonly sharesMicros: bigint;
  readonly dollarsMicros: bigint;
};

type Grid = Pick<Market, 'tickMicros' | 'minSizeMicros'>;

export const isMarketable = (order: VerifiedOrder): boolean =>
  order.orderType === 'FAK' || order.orderType === 'FOK';

/** Significant decimals of a tick. */
const placesOf = (tickMicros: bigint): number => (formatMicros(tickMicros).split('.')[1] ?? '').length;

/** Decimals of the side that is price × shares, or dollars / price. Source: polymarket §2.5. */
const amountPlaces = (tickMicros: bigint): number => placesOf(tickMicros) + SIZE_PLACES;

const unitOf = (places: number): bigint => 10n ** BigInt(SCALE - places);
const fits = (micros: bigint, places: number): boolean => micros % unitOf(places) === 0n;

/** How many decimals each side of an order may have, and how the refusal calls orders of its kind. */
function accuracyOf(order: VerifiedOrder, tickMicros: bigint) {
  const amount = amountPlaces(tickMicros);
  const market = isMarketable(order) ? 'market ' : '';
  if (order.side === 'SELL') return { kind: `${market}sell`, maker: SIZE_PLACES, taker: amount };
  return isMarketable(order)
    ? { kind: 'market buy', maker: MARKET_BUY_PLACES, taker: amount }
    : { kind: 'buy', maker: amount, taker: SIZE_PLACES };
}

/**
 * The price on the grid that the amounts mean; null where they mean none. Whoever divides dollars by a price, or
 * multiplies shares with it, ends at most one last digit beside it.
 */
function gridPrice(order: VerifiedOrder, amounts: Omit<Amounts, 'kind' | 'priceMicros'>, tickMicros: bigint) {
  const { sharesMicros, dollarsMicros } = amounts;
  const exact = mulDiv(dollarsMicros, ONE, sharesMicros, 'down');
  const priceMicros = ((exact + tickMicros / 2n) / tickMicros) * tickMicros;
  if (priceMicros < tickMicros || priceMicros > ONE - tickMicros) return null;
  const unit = unitOf(amountPlaces(tickMicros));
  const off = absolute(dollarsMicros * ONE - priceMicros * sharesMicros);
  if (off > unit * (isMarketable(order) && order.side === 'BUY' ? priceMicros : ONE)) return null;
  // What rests is met at its grid price, so that must be within the limit.
  return isMarketable(order) || admits(order, priceMicros) ? priceMicros : null;
}

/** Whether the expiration is one that this type of order may have. */
const isTimely = (order: VerifiedOrder, nowMs: number): boolean =>
  order.orderType === 'GTD'
    ? order.expirationS >= Math.floor(nowMs / 1000) + EXPIRATION_AHEAD_S
    : order.expirationS === 0;

/** Reads an order's amounts, or refuses them as the exchange does. Balance and book are no concern of this. */
export function readAmounts(order: VerifiedOrder, grid: Grid, nowMs: number): Amounts | Refusal {
  const { makerMicros, takerMicros } = order;
  if (makerMicros <= 0n || takerMicros <= 0n || (order.postOnly && isMarketable(order)))
    return REFUSALS.payload;
  if (!isTimely(order, nowMs)) return REFUSALS.expiration;
  const [sharesMicros, dollarsMicros] =
    order.side === 'BUY' ? [takerMicros, makerMicros] : [makerMicros, takerMicros];
  const priceMicros = gridPrice(order, { sharesMicros, dollarsMicros }, grid.tickMicros);
  if (priceMicros === null) {
    const text = formatMicros(mulDiv(dollarsMicros, ONE, sharesMicros, 'down'));
    return REFUSALS.tick(order.id, text, grid.tickMicros);
  }
  const accuracy = accuracyOf(order, grid.tickMicros);
  if (!fits(makerMicros, accuracy.maker) || !fits(takerMicros, accuracy.taker))
    return REFUSALS.decimals(accuracy.kind, accuracy.maker, accuracy.taker);
  if (!isMarketable(order) && sharesMicros < grid.minSizeMicros)
    return REFUSALS.minSize(order.id, sharesMicros, grid.minSizeMicros);
  return { kind: 'amounts', priceMicros, sharesMicros, dollarsMicros };
}
