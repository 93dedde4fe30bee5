import { takerFee, type VenueFill } from '@slipstream/exchange';
import { notional, usd } from '@slipstream/money';
import type { Fill, MarketMeta } from '@slipstream/proto';

/** What keeps a fee from being known: nothing stands in for the market's fee schedule. */
export type FillAnswer = { readonly kind: 'fill'; readonly fill: Fill } | { readonly kind: 'needs-market' };

/** One trade can fill several of our resting orders, and each of them is a fill of its own. */
export const fillIdOf = ({ tradeId, orderId, liquidity }: VenueFill): string =>
  liquidity === 'TAKER' ? tradeId : `${tradeId}:${orderId}`;

/**
 * The message that our leg of a trade becomes. Whose order it is, is for others to know. Makers pay nothing; a taker
 * pays by the market's schedule, since what the exchange writes beside a trade says nothing about its fee.
 *
 * Units: micros; the notional is rounded against us. Errors: none. Source: polymarket §3, domain rules §7.
 */
export function toFill(venue: VenueFill, scope: string, market: MarketMeta | undefined): FillAnswer {
  const taking = venue.liquidity === 'TAKER';
  if (taking && market === undefined) return { kind: 'needs-market' };
  const { sizeMicros, priceMicros, side } = venue;
  const fill: Fill = {
    fillId: fillIdOf(venue),
    status: venue.status,
    mode: 'LIVE',
    scope,
    orderId: venue.orderId,
    intentId: null,
    attemptId: null,
    leaderId: null,
    origin: 'UNATTRIBUTED',
    tokenId: venue.tokenId,
    conditionId: venue.conditionId,
    side,
    priceMicros,
    sizeMicros,
    notionalMicros: notional(sizeMicros, priceMicros, side === 'BUY' ? 'up' : 'down'),
    feeMicros: taking && market !== undefined ? takerFee(sizeMicros, priceMicros, market) : usd(0n),
    liquidity: venue.liquidity,
    executedAt: venue.matchedAt.toISOString(),
  };
  return { kind: 'fill', fill };
}
