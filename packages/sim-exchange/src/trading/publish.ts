import { formatMicros } from '@slipstream/money';
import type { Venue } from '../venue/venue.ts';
import type { Draft } from './trades.ts';

/**
 * Tells the public feeds of a trade: a row for each of this exchange's users whose resting order was met, then the
 * taker's. Of a stranger whom the feeds have told of already, only the former.
 */
export function publish(venue: Venue, { trade, hash, fills, isToldOf }: Draft): void {
  const common = { conditionId: trade.conditionId, transactionHash: hash, atMs: trade.matchedAtMs };
  for (const [i, part] of trade.makers.entries())
    if (fills[i]?.order !== null)
      venue.trade({
        ...common,
        wallet: part.maker,
        tokenId: part.tokenId,
        side: part.side,
        price: formatMicros(part.priceMicros),
        size: formatMicros(part.sizeMicros),
        isTaker: false,
        orderId: part.orderId,
      });
  if (isToldOf) return;
  venue.trade({
    ...common,
    wallet: trade.maker,
    tokenId: trade.tokenId,
    side: trade.side,
    price: formatMicros(trade.priceMicros),
    size: formatMicros(trade.sizeMicros),
    notionalMicros: trade.notionalMicros,
    orderId: trade.takerOrderId,
  });
}
