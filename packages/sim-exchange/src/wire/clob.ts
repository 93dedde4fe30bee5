import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import { type Answer, type Call, failure, json, type Route } from './http.ts';
import { liveActivityEvents, liveActivityRow } from './live-activity.ts';
import { batchPricesHistory, pricesHistory } from './prices-history.ts';
import { INVALID_TOKEN, NO_BOOK, quoteAnswer, quotesAnswer, Tokens } from './quotes.ts';
import { bookPayload, clobMarketInfo, clobMarketRow, numberOf } from './shapes.ts';

const MARKETS_PER_PAGE = 500;
const BUILDER_ROWS = 300;
/** The exchange's own cursors: base64 of an offset; these two are the first and the end. */
const CURSOR_END = 'LTE=';
const NO_MARKET = 'market not found';

const PLURALS: Readonly<Record<string, string>> = {
  '/prices': 'price',
  '/midpoints': 'midpoint',
  '/spreads': 'spread',
  '/last-trades-prices': 'last-trade-price',
};

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

function bookAnswer(venue: Venue, tokenId: string): Answer {
  if (tokenId === '') return failure(400, INVALID_TOKEN);
  const book = venue.book(tokenId);
  if (book === null) return failure(404, NO_BOOK);
  return json(bookPayload(book.market, tokenId, book.view, book.changedAtMs));
}

/** Rules of a token's market, which are asked for in the query or as the last part of the path. */
const RULES: Readonly<Record<string, (market: Market) => object>> = {
  'tick-size': ({ tickMicros }) => ({ minimum_tick_size: numberOf(tickMicros) }),
  'neg-risk': ({ negRisk }) => ({ neg_risk: negRisk }),
  'fee-rate': ({ feeRateMicros }) => ({ base_fee: feeRateMicros > 0n ? 1000 : 0 }),
};

/** Null: there is no rule of that name. */
function ruleAnswer(venue: Venue, { path, query }: Call): Answer | null {
  const [, name = '', inPath, ...more] = path.split('/');
  const rule = Object.hasOwn(RULES, name) && more.length === 0 ? RULES[name] : undefined;
  if (rule === undefined) return null;
  const tokenId = inPath ?? query.get('token_id') ?? '';
  if (tokenId === '') return failure(400, INVALID_TOKEN);
  const market = venue.marketOf(tokenId);
  return market ? json(rule(market)) : failure(404, NO_MARKET);
}

function postRoutes(venue: Venue, call: Call, nowS: number): Answer | null {
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
  if (call.path === '/batch-prices-history') return batchPricesHistory(venue, call.body, nowS);
  const name = PLURALS[call.path];
  return name === undefined ? null : quotesAnswer(venue, name, call.body);
}

/** Paths that end in a condition or a token. */
const BY_KEY: readonly (readonly [RegExp, (venue: Venue, key: string) => object | null])[] = [
  [/^\/markets\/([^/]+)$/, (venue, key) => rowOf(venue, key, (market) => clobMarketRow(venue, market))],
  [/^\/clob-markets\/([^/]+)$/, (venue, key) => rowOf(venue, key, (market) => clobMarketInfo(venue, market))],
  [/^\/markets\/live-activity\/([^/]+)$/, (venue, key) => rowOf(venue, key, liveActivityRow)],
  [
    /^\/live-activity\/events\/([^/]+)$/,
    (venue, key) => rowOf(venue, key, (market) => liveActivityEvents(venue, market)),
  ],
  [/^\/markets-by-token\/([^/]+)$/, (venue, key) => tokensRow(venue.marketOf(key))],
];

function rowOf(venue: Venue, conditionId: string, row: (market: Market) => object): object | null {
  const market = venue.markets.get(conditionId.toLowerCase());
  return market ? row(market) : null;
}

const tokensRow = (market: Market | undefined): object | null =>
  market
    ? {
        condition_id: market.conditionId,
        primary_token_id: market.tokenIds[0],
        secondary_token_id: market.tokenIds[1],
      }
    : null;

function byPath(venue: Venue, path: string): Answer | null {
  for (const [form, rowFor] of BY_KEY) {
    const key = form.exec(path)?.[1];
    if (key === undefined) continue;
    const row = rowFor(venue, key);
    return row === null ? failure(404, NO_MARKET) : json(row);
  }
  if (path.startsWith('/fees/builder-fees/'))
    return json({ builder_maker_fee_rate_bps: 0, builder_taker_fee_rate_bps: 0 });
  return null;
}

/** The exchange's public REST interface. `now` in milliseconds. Source: polymarket §2.1. */
export function clobRoutes(venue: Venue, faults: Faults, nowMs: () => number, version: number): Route {
  return (call) => {
    if (faults.bookGone && call.path === '/book') return failure(404, NO_BOOK);
    const nowS = Math.floor(nowMs() / 1000);
    if (call.method === 'POST') return postRoutes(venue, call, nowS);
    switch (call.path) {
      case '/':
      case '/ok':
        return json('OK');
      case '/time':
        return json(nowS);
      case '/version':
        return json({ version: faults.saidVersion === 0 ? version : faults.saidVersion });
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
        return pricesHistory(venue, call.query, nowS);
      case '/api/geoblock':
        return json({ blocked: faults.geoblocked, ip: '127.0.0.1', country: 'CH', region: 'ZH' });
      case '/last-trades-prices':
        return call.body === undefined ? json([]) : quotesAnswer(venue, 'last-trade-price', call.body);
      case '/book':
        return bookAnswer(venue, call.query.get('token_id') ?? '');
      default:
        return (
          ruleAnswer(venue, call) ??
          quoteAnswer(venue, call.path.slice(1), call.query) ??
          byPath(venue, call.path)
        );
    }
  };
}
