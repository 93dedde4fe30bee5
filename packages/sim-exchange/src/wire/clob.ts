import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import { bestAskOf, bestBidOf } from '../venue/book.ts';
import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { pricesHistory } from './prices-history.ts';
import { bookPayload, clobMarketInfo, clobMarketRow, lastTradePrice, numberOf, priceText } from './shapes.ts';

const BOOKS_MAX = 500;
const MARKETS_PER_PAGE = 500;
const BUILDER_ROWS = 300;
/** The exchange's own cursors: base64 of an offset; these two are the first and the end. */
const CURSOR_END = 'LTE=';

const Tokens = z.array(z.looseObject({ token_id: z.string(), side: z.string().optional() })).max(BOOKS_MAX);
const NO_BOOK = 'No orderbook exists for the requested token id';

type Quote = (venue: Venue, tokenId: string, side: string) => Readonly<Record<string, string>> | null;

const quotes: Readonly<Record<string, { readonly one: Quote; readonly key: string }>> = {
  price: {
    key: 'price',
    one: (venue, tokenId, side) => {
      const book = venue.book(tokenId);
      if (!book) return null;
      return { price: priceText(side === 'SELL' ? bestAskOf(book.view) : bestBidOf(book.view)) };
    },
  },
  midpoint: {
    key: 'mid',
    one: (venue, tokenId) => {
      const book = venue.book(tokenId);
      const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
      return bid === null || ask === null ? null : { mid: formatMicros((bid + ask) / 2n) };
    },
  },
  spread: {
    key: 'spread',
    one: (venue, tokenId) => {
      const book = venue.book(tokenId);
      const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
      return bid === null || ask === null ? null : { spread: formatMicros(ask - bid) };
    },
  },
  'last-trade-price': {
    key: 'price',
    one: (venue, tokenId) => {
      const market = venue.marketOf(tokenId);
      return market ? { price: lastTradePrice(market, tokenId), side: market.lastTrade?.side ?? '' } : null;
    },
  },
};

const quoteNamed = (name: string) => (Object.hasOwn(quotes, name) ? quotes[name] : undefined);

const PLURALS: Readonly<Record<string, string>> = {
  '/prices': 'price',
  '/midpoints': 'midpoint',
  '/spreads': 'spread',
  '/last-trades-prices': 'last-trade-price',
};

function plural(venue: Venue, name: string, body: unknown): Answer {
  const tokens = Tokens.safeParse(body);
  const quote = quoteNamed(name);
  if (!tokens.success || !quote) return failure(400, 'Invalid payload');
  if (name === 'last-trade-price')
    return json(tokens.data.map(({ token_id }) => ({ token_id, ...quote.one(venue, token_id, '') })));
  const all: Record<string, unknown> = {};
  for (const { token_id, side = 'BUY' } of tokens.data) {
    const one = quote.one(venue, token_id, side);
    if (one) all[token_id] = name === 'price' ? { [side]: one['price'] } : one[quote.key];
  }
  return json(all);
}

function offsetIn(cursor: string | null, count: number): number | null {
  if (cursor === null || cursor === '') return 0;
  if (cursor === CURSOR_END) return count;
  const text = Buffer.from(cursor, 'base64').toString();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function page(venue: Venue, cursor: string | null, row: (market: Market) => object): Answer {
  const all = [...venue.markets.values()];
  const from = offsetIn(cursor, all.length);
  if (from === null) return failure(400, 'invalid next_cursor');
  const data = all.slice(from, from + MARKETS_PER_PAGE).map(row);
  const next = from + data.length;
  const next_cursor = next >= all.length ? CURSOR_END : Buffer.from(String(next)).toString('base64');
  return json({ limit: MARKETS_PER_PAGE, count: data.length, next_cursor, data });
}

const simplified = (venue: Venue) => (market: Market) => {
  const row = clobMarketRow(venue, market);
  const { condition_id, rewards, tokens, active, closed, archived, accepting_orders } = row;
  return { condition_id, rewards, tokens, active, closed, archived, accepting_orders };
};

function byToken(venue: Venue, call: Call): Answer | null {
  const tokenId = call.query.get('token_id') ?? '';
  const market = venue.marketOf(tokenId);
  switch (call.path) {
    case '/book': {
      const book = venue.book(tokenId);
      return book
        ? json(bookPayload(book.market, tokenId, book.view, book.changedAtMs))
        : failure(404, NO_BOOK);
    }
    case '/tick-size':
      return market
        ? json({ minimum_tick_size: numberOf(market.tickMicros) })
        : failure(404, 'market not found');
    case '/neg-risk':
      return market ? json({ neg_risk: market.negRisk }) : failure(404, 'market not found');
    case '/fee-rate':
      return market
        ? json({ base_fee: market.feeRateMicros > 0n ? 1000 : 0 })
        : failure(404, 'market not found');
    default: {
      const quote = quoteNamed(call.path.slice(1));
      if (!quote) return null;
      const one = quote.one(venue, tokenId, call.query.get('side') ?? 'BUY');
      return one ? json(one) : failure(404, NO_BOOK);
    }
  }
}

function postRoutes(venue: Venue, call: Call): Answer | null {
  if (call.path === '/books') {
    const tokens = Tokens.safeParse(call.body);
    if (!tokens.success) return failure(400, 'Invalid payload');
    return json(
      tokens.data.flatMap(({ token_id }) => {
        const book = venue.book(token_id);
        return book ? [bookPayload(book.market, token_id, book.view, book.changedAtMs)] : [];
      }),
    );
  }
  const name = PLURALS[call.path];
  return name === undefined ? null : plural(venue, name, call.body);
}

function byPath(venue: Venue, path: string): Answer | null {
  const [, area = '', key = ''] = path.split('/');
  const market = venue.markets.get(key.toLowerCase());
  if (area === 'markets' && key !== '')
    return market ? json(clobMarketRow(venue, market)) : failure(404, 'market not found');
  if (area === 'clob-markets')
    return market ? json(clobMarketInfo(market)) : failure(404, 'market not found');
  if (area === 'markets-by-token') {
    const own = venue.marketOf(key);
    if (!own) return failure(404, 'market not found');
    return json({
      condition_id: own.conditionId,
      primary_token_id: own.tokenIds[0],
      secondary_token_id: own.tokenIds[1],
    });
  }
  if (path.startsWith('/fees/builder-fees/'))
    return json({ builder_maker_fee_rate_bps: 0, builder_taker_fee_rate_bps: 0 });
  return null;
}

/** The exchange's public REST interface. `now` in milliseconds. Source: polymarket §2.1. */
export function clobRoutes(venue: Venue, faults: Faults, nowMs: () => number, version: number): Route {
  return (call) => {
    if (faults.bookGone && call.path === '/book') return failure(404, NO_BOOK);
    if (call.method === 'POST') return postRoutes(venue, call);
    switch (call.path) {
      case '/':
      case '/ok':
        return json('OK');
      case '/time':
        return json(Math.floor(nowMs() / 1000));
      case '/version':
        return json({ version });
      case '/books':
        return failure(405, 'Method not allowed');
      case '/markets':
      case '/sampling-markets':
        return page(venue, call.query.get('next_cursor'), (market) => clobMarketRow(venue, market));
      case '/simplified-markets':
      case '/sampling-simplified-markets':
        return page(venue, call.query.get('next_cursor'), simplified(venue));
      case '/builder/trades':
        // Nobody trades for a builder here.
        return json({ limit: BUILDER_ROWS, count: 0, next_cursor: CURSOR_END, data: [] });
      case '/prices-history':
        return pricesHistory(venue, call, Math.floor(nowMs() / 1000));
      case '/api/geoblock':
        return json({ blocked: faults.geoblocked, ip: '127.0.0.1', country: 'CH', region: 'ZH' });
      case '/last-trades-prices':
        return call.body === undefined ? json([]) : plural(venue, 'last-trade-price', call.body);
      default:
        return byToken(venue, call) ?? byPath(venue, call.path);
    }
  };
}
