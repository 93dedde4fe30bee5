import { formatMicros, parseMicrosRounded } from '@slipstream/money';
import { type BookView, bestAskOf, bestBidOf, mirrorChange } from '../venue/book.ts';
import type { Market } from '../venue/market.ts';
import type { BookUpdate, Print, Venue } from '../venue/venue.ts';
import { eventId, marketId, rebateRateMicros } from './gamma-rows.ts';
import { bookPayload, priceText } from './shapes.ts';

/** What stands for the best price where there is none: strict clients lose the whole event on an empty text. */
const NO_BID = '0';
const NO_ASK = '1';

type TokenBook = { readonly view: BookView } | null;

const bestOf = (book: TokenBook) => {
  const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
  return {
    best_bid: bid === null ? NO_BID : formatMicros(bid),
    best_ask: ask === null ? NO_ASK : formatMicros(ask),
    spread: bid === null || ask === null ? NO_ASK : formatMicros(ask - bid),
  };
};

/** A whole book; null where the token has none. */
export function bookEvent(venue: Venue, tokenId: string): object | null {
  const book = venue.book(tokenId);
  if (!book) return null;
  return { event_type: 'book', ...bookPayload(book.market, tokenId, book.view, book.changedAtMs) };
}

/**
 * One message tells both tokens' changes, whichever was asked for, as the exchange does. Without best prices they are
 * empty texts, as the exchange sends them sometimes.
 */
export function priceChangeEvent(
  venue: Venue,
  { market, changes, atMs }: BookUpdate,
  withBest = true,
): object {
  const price_changes = market.tokenIds.flatMap((tokenId, index) => {
    const book = venue.book(tokenId);
    const hash = book ? bookPayload(market, tokenId, book.view, atMs).hash : '';
    const { best_bid, best_ask } = withBest ? bestOf(book) : { best_bid: '', best_ask: '' };
    const own = index === 0 ? changes : changes.map(mirrorChange);
    return own.map((change) => ({
      asset_id: tokenId,
      price: formatMicros(change.priceMicros),
      size: formatMicros(change.sizeMicros),
      side: change.side,
      hash,
      best_bid,
      best_ask,
    }));
  });
  return {
    event_type: 'price_change',
    market: market.conditionId,
    price_changes,
    timestamp: String(atMs),
  };
}

export const bestBidAskEvent = (venue: Venue, market: Market, tokenId: string, atMs: number): object => ({
  event_type: 'best_bid_ask',
  market: market.conditionId,
  asset_id: tokenId,
  ...bestOf(venue.book(tokenId)),
  timestamp: String(atMs),
});

/** One match, once, with the taker's side. */
export const lastTradeEvent = ({ market, trade, side }: Print): object => ({
  event_type: 'last_trade_price',
  market: market.conditionId,
  asset_id: trade.tokenId,
  price: formatMicros(parseMicrosRounded(trade.price)),
  size: trade.size,
  fee_rate_bps: '0',
  side,
  timestamp: String(trade.atMs),
  transaction_hash: trade.transactionHash,
});

export const tickSizeEvent = (
  market: Market,
  tokenId: string,
  oldTickMicros: bigint,
  atMs: number,
): object => ({
  event_type: 'tick_size_change',
  market: market.conditionId,
  asset_id: tokenId,
  old_tick_size: formatMicros(oldTickMicros),
  new_tick_size: formatMicros(market.tickMicros),
  timestamp: String(atMs),
});

export const newMarketEvent = (market: Market, atMs: number): object => ({
  event_type: 'new_market',
  id: marketId(market),
  question: market.question,
  market: market.conditionId,
  slug: market.slug,
  description: market.question,
  assets_ids: [...market.tokenIds],
  outcomes: [...market.outcomes],
  event_message: {
    id: eventId(market.eventSlug),
    ticker: market.eventSlug,
    slug: market.eventSlug,
    title: market.question,
    description: market.question,
  },
  timestamp: String(atMs),
  tags: [],
  condition_id: market.conditionId,
  active: true,
  clob_token_ids: [...market.tokenIds],
  sports_market_type: '',
  line: '',
  game_start_time: '',
  order_price_min_tick_size: priceText(market.tickMicros),
  group_item_title: '',
  taker_base_fee: market.feeRateMicros > 0n ? '1000' : '0',
  fees_enabled: market.feeRateMicros > 0n,
  fee_schedule: {
    rate: formatMicros(market.feeRateMicros),
    exponent: String(market.feeExponent),
    taker_only: true,
    rebate_rate: formatMicros(rebateRateMicros(market)),
  },
});

/** The winner is empty where the market paid both sides. */
export function marketResolvedEvent(market: Market, atMs: number): object {
  const winner = market.payout?.numerators.indexOf(market.payout.denominator) ?? -1;
  return {
    event_type: 'market_resolved',
    id: marketId(market),
    market: market.conditionId,
    assets_ids: [...market.tokenIds],
    winning_asset_id: winner < 0 ? '' : market.tokenIds[winner],
    winning_outcome: winner < 0 ? '' : market.outcomes[winner],
    event_message: null,
    tags: [],
    timestamp: String(atMs),
  };
}
