import { ONE } from '@slipstream/money';
import type { BookView, LevelChange } from '../venue/book.ts';
import type { Market, Side } from '../venue/market.ts';
import { byPrice, type Offer } from './matching.ts';
import { remainingMicros } from './orders.ts';
import type { KeptOrder } from './types.ts';

type Seen = { readonly side: Side; readonly priceMicros: bigint };

/** How an order stands in the book of one token: one of the other token is the mirror of itself. */
export function seenFrom(tokenId: string, order: Pick<KeptOrder, 'tokenId' | 'side' | 'priceMicros'>): Seen {
  if (order.tokenId === tokenId) return { side: order.side, priceMicros: order.priceMicros };
  return { side: order.side === 'BUY' ? 'SELL' : 'BUY', priceMicros: ONE - order.priceMicros };
}

export const isResting = (order: KeptOrder): boolean => order.status === 'LIVE';

/** Nobody trades with himself, neither by wallet nor by API key. */
const isOwn = (a: Pick<KeptOrder, 'maker' | 'owner'>, b: Pick<KeptOrder, 'maker' | 'owner'>): boolean =>
  a.maker === b.maker || a.owner === b.owner;

/**
 * What a taker of a token can meet, best price first. At one price the anonymous level was there before: nobody knows
 * how long. Resting orders follow in the order in which they came, whichever token they name; the taker's own are left
 * out.
 */
export function offersFor(
  taker: Pick<KeptOrder, 'tokenId' | 'side' | 'maker' | 'owner'>,
  anonymous: BookView,
  open: readonly KeptOrder[],
): readonly Offer<KeptOrder>[] {
  const levels = taker.side === 'BUY' ? anonymous.asks : anonymous.bids;
  const offers: Offer<KeptOrder>[] = [...levels].map(([priceMicros, sizeMicros]) => ({
    priceMicros,
    sizeMicros,
    order: null,
  }));
  for (const order of open) {
    const { side, priceMicros } = seenFrom(taker.tokenId, order);
    if (isResting(order) && side !== taker.side && !isOwn(order, taker))
      offers.push({ priceMicros, sizeMicros: remainingMicros(order), order });
  }
  return offers.sort(byPrice(taker.side));
}

/** What all resting orders offer at one order's price, as a level of the market's first token. */
export function levelOf(order: KeptOrder, market: Market, open: readonly KeptOrder[]): LevelChange {
  const [first] = market.tokenIds;
  const level = seenFrom(first, order);
  let sizeMicros = 0n;
  for (const other of open) {
    const { side, priceMicros } = seenFrom(first, other);
    if (isResting(other) && side === level.side && priceMicros === level.priceMicros)
      sizeMicros += remainingMicros(other);
  }
  return { ...level, sizeMicros };
}
