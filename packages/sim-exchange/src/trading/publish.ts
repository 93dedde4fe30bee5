import { formatMicros, ONE, price } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { type Market, outcomeIndex, outcomeOf } from '../venue/market.ts';
import type { TradeInput, Venue } from '../venue/venue.ts';
import type { Draft } from './trades.ts';

type TakerRow = TradeInput & { readonly notionalMicros: bigint };

function takerRow({ trade, hash }: Draft): TakerRow {
  return {
    conditionId: trade.conditionId,
    transactionHash: hash,
    atMs: trade.matchedAtMs,
    wallet: trade.maker,
    tokenId: trade.tokenId,
    side: trade.side,
    price: formatMicros(trade.priceMicros),
    size: formatMicros(trade.sizeMicros),
    notionalMicros: trade.notionalMicros,
    orderId: trade.takerOrderId,
    counterparties: trade.makers.map(({ maker, orderId, tokenId, side, sizeMicros, priceMicros }) => ({
      wallet: maker,
      orderId,
      tokenId,
      side,
      sizeMicros,
      notionalMicros: (sizeMicros * priceMicros) / ONE,
    })),
  };
}

/**
 * Tells the public feeds of a trade: a row for each of this exchange's users whose resting order was met, then the
 * taker's, which alone is printed. Of a stranger whom the feeds have told of already, only the former.
 */
export function publish(venue: Venue, draft: Draft): void {
  const { trade, hash, fills, isToldOf } = draft;
  for (const [i, part] of trade.makers.entries())
    if (fills[i]?.order !== null)
      venue.trade({
        conditionId: trade.conditionId,
        transactionHash: hash,
        atMs: trade.matchedAtMs,
        wallet: part.maker,
        tokenId: part.tokenId,
        side: part.side,
        price: formatMicros(part.priceMicros),
        size: formatMicros(part.sizeMicros),
        isTaker: false,
        orderId: part.orderId,
      });
  if (!isToldOf) venue.trade(takerRow(draft));
}

/** Prints a trade on its market's tape and nowhere else: it was matched, and will never be on the chain. */
export function printAlone(venue: Venue, market: Market, draft: Draft): void {
  if (draft.isToldOf) return;
  const { notionalMicros, counterparties: _, ...row } = takerRow(draft);
  const trade: Activity = {
    ...row,
    seq: 0,
    type: 'TRADE',
    usdcSize: formatMicros(notionalMicros),
    outcome: outcomeOf(market, row.tokenId),
    outcomeIndex: outcomeIndex(market, row.tokenId),
    title: market.question,
    slug: market.slug,
    eventSlug: market.eventSlug,
    isTaker: true,
  };
  market.lastTrade = { priceMicros: price(draft.trade.priceMicros), side: row.side, tokenId: row.tokenId };
  venue.emit('print', { market, trade, side: row.side });
}
