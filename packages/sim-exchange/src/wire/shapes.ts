import { createHash } from 'node:crypto';
import { formatMicros, ONE } from '@slipstream/money';
import { asksBestLast, type BookView, bestAskOf, bestBidOf, bidsBestLast } from '../venue/book.ts';
import { hashFrom, type Market, payoutMicros } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';

/** A price in the exchange's text. */
export const priceText = (micros: bigint | null): string => (micros === null ? '' : formatMicros(micros));

const levels = (pairs: readonly (readonly [bigint, bigint])[]): { price: string; size: string }[] =>
  pairs.map(([price, size]) => ({ price: formatMicros(price), size: formatMicros(size) }));

/** The last trade as one token sees it: a taker who buys the other outcome at p sells this one at 1 − p. */
export function lastTradeOf(
  { lastTrade }: Market,
  tokenId: string,
): { readonly price: string; readonly side: string } {
  if (lastTrade === null) return { price: '0.5', side: '' };
  const { priceMicros, side } = lastTrade;
  if (lastTrade.tokenId === tokenId) return { price: formatMicros(priceMicros), side };
  return { price: formatMicros(ONE - priceMicros), side: side === 'BUY' ? 'SELL' : 'BUY' };
}

/** The exchange's book of one token, best level last; the hash is SHA-1 over the JSON with an empty hash. */
export function bookPayload(market: Market, tokenId: string, view: BookView, atMs: number) {
  const payload = {
    market: market.conditionId,
    asset_id: tokenId,
    timestamp: String(atMs),
    hash: '',
    bids: levels(bidsBestLast(view)),
    asks: levels(asksBestLast(view)),
    min_order_size: formatMicros(market.minSizeMicros),
    tick_size: formatMicros(market.tickMicros),
    neg_risk: market.negRisk,
    last_trade_price: lastTradeOf(market, tokenId).price,
  };
  payload.hash = bookHash(payload);
  return payload;
}

/** Source: polymarket §2.1. */
export const bookHash = (payload: object): string =>
  createHash('sha1')
    .update(JSON.stringify({ ...payload, hash: '' }))
    .digest('hex');

/** An instant as the APIs write it; null where there is none. */
export const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z');

const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** A fraction of a dollar as text: 1/2 → "0.5", 2/3 → "0.666666". */
const payoutText = (market: Market, index: number): string => priceText(payoutMicros(market, index));

/** An amount as the number in which an API shows it: micros never print with an exponent. */
export const numberOf = (micros: bigint): number => JSON.parse(formatMicros(micros));

/** Outcome prices of a market: its payout once resolved, else the middle of its book. */
export function outcomePrices(venue: Venue, market: Market): readonly [string, string] {
  if (market.payout !== null) return [payoutText(market, 0), payoutText(market, 1)];
  const book = venue.book(market.tokenIds[0]);
  const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
  if (bid === null || ask === null) return ['0.5', '0.5'];
  const mid = (bid + ask) / 2n;
  return [formatMicros(mid), formatMicros(ONE - mid)];
}

/** What neg-risk markets of one event have in common, in the form of such ids; empty for others. */
export const negRiskMarketId = ({ negRisk, eventSlug }: Market): string =>
  negRisk ? `${hashFrom('neg-risk', eventSlug).slice(0, -2)}00` : '';

/** A complete row of `/markets`: strict clients insist on every field. */
export function clobMarketRow(venue: Venue, market: Market) {
  const prices = outcomePrices(venue, market);
  const resolved = market.state === 'resolved';
  return {
    enable_order_book: true,
    active: true,
    closed: resolved,
    archived: false,
    accepting_orders: market.state === 'open',
    accepting_order_timestamp: iso(market.startsAtMs),
    minimum_order_size: numberOf(market.minSizeMicros),
    minimum_tick_size: numberOf(market.tickMicros),
    condition_id: market.conditionId,
    question_id: market.conditionId,
    question: market.question,
    description: market.question,
    market_slug: market.slug,
    end_date_iso: iso(market.endsAtMs),
    game_start_time: null,
    seconds_delay: venue.secondsDelay(market),
    fpmm: '',
    maker_base_fee: 0,
    taker_base_fee: market.feeRateMicros > 0n ? 1000 : 0,
    notifications_enabled: true,
    neg_risk: market.negRisk,
    neg_risk_market_id: negRiskMarketId(market),
    neg_risk_request_id: '',
    icon: '',
    image: '',
    rewards: { rates: null, min_size: 0, max_spread: 0 },
    is_50_50_outcome: market.payout !== null && market.payout.numerators[0] === market.payout.numerators[1],
    tokens: market.tokenIds.map((token_id, i) => ({
      token_id,
      outcome: market.outcomes[i],
      price: JSON.parse(prices[i] ?? '0'),
      winner: market.payout !== null && market.payout.numerators[i] === market.payout.denominator,
    })),
    tags: [],
  };
}

/** The short-keyed row of `/clob-markets/{condition}`. */
export function clobMarketInfo(venue: Venue, market: Market) {
  const open = market.state === 'open';
  return {
    c: market.conditionId,
    t: market.tokenIds.map((t, i) => ({ t, o: market.outcomes[i] })),
    // As text: a client in another language takes one of six words here.
    mts: formatMicros(market.tickMicros),
    mos: numberOf(market.minSizeMicros),
    mbf: 0,
    tbf: market.feeRateMicros > 0n ? 1000 : 0,
    nr: market.negRisk,
    fd: { r: numberOf(market.feeRateMicros), e: market.feeExponent, to: true },
    r: { mi: 0, ma: 0, e: false, moas: 0 },
    ao: open,
    sd: venue.secondsDelay(market),
    gst: null,
    cbos: false,
    aot: iso(market.startsAtMs),
    rfqe: false,
    itode: venue.delays.itodeHoldMs > 0,
    ibce: true,
    v: market.version ?? 'v1',
    oas: 0,
  };
}

/** Data API's row of `/v2/resolutions`: payouts in micro-dollars a share, once there are any. */
export const resolutionRow = (market: Market) => ({
  condition_id: market.conditionId,
  question_id: market.conditionId,
  status: market.state === 'open' ? 'active' : market.state,
  extended_review: false,
  was_disputed: false,
  new_version_q: false,
  last_update_timestamp: secondOf(market.payout?.atMs ?? market.startsAtMs),
  payouts: market.payout && market.tokenIds.map((_, i) => String(payoutMicros(market, i))),
  payout_numerators: market.payout ? market.payout.numerators.map(String) : [],
  payout_denominator: market.payout ? String(market.payout.denominator) : null,
  token_ids: [...market.tokenIds],
  resolved_at: iso(market.payout?.atMs ?? null),
});
