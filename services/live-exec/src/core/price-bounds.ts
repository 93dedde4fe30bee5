import { type Book, bestAsk, bestBid } from '@slipstream/exchange';
import { ALL_BPS, type Bps, least, most, mulDiv, type PriceMicros, price } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** The worst price that we accept, or null when even the best of the book is worse. */
export type PriceBound = {
  readonly side: Side;
  readonly boundMicros: PriceMicros;
  /** The best price that there is: the ask for a BUY, the bid for a SELL. */
  readonly bestMicros: PriceMicros;
};

/**
 * The limit of the decision and the slippage from the best price of now: the tighter of both.
 *
 * Units: micros. Errors: none; null says that nothing in the book lies within. Source: domain rules §6, 3.
 */
export function boundPrice(
  side: Side,
  book: Book,
  limitMicros: PriceMicros,
  slippageBps: Bps,
): PriceBound | null {
  const bestMicros = side === 'BUY' ? bestAsk(book) : bestBid(book);
  if (bestMicros === null) return null;
  if (side === 'BUY') {
    const slipped = mulDiv(bestMicros, ALL_BPS + slippageBps, ALL_BPS, 'down');
    const boundMicros = price(least<bigint>(limitMicros, slipped));
    return boundMicros < bestMicros ? null : { side, boundMicros, bestMicros };
  }
  const slipped = mulDiv(bestMicros, ALL_BPS - slippageBps, ALL_BPS, 'up');
  const boundMicros = price(most<bigint>(limitMicros, slipped));
  return boundMicros > bestMicros ? null : { side, boundMicros, bestMicros };
}
