import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { failure, json, type Route } from './http.ts';
import { gammaMarketRow } from './shapes.ts';

const PER_PAGE_MAX = 100;
const PER_PAGE = 20;

/** Markets that a query names: by condition, by token, by state; all of them when it names none. */
function chosen(venue: Venue, query: URLSearchParams): Market[] {
  const conditions = [...query.getAll('condition_ids'), ...query.getAll('condition_id')].flatMap((list) =>
    list.toLowerCase().split(','),
  );
  const tokens = query.getAll('clob_token_ids').flatMap((list) => list.split(','));
  const slugs = query.getAll('slug').flatMap((list) => list.split(','));
  const closed = query.get('closed');
  const named = conditions.length > 0 || tokens.length > 0 || slugs.length > 0;
  return [...venue.markets.values()].filter((market) => {
    if (conditions.length > 0 && !conditions.includes(market.conditionId)) return false;
    if (tokens.length > 0 && !market.tokenIds.some((token) => tokens.includes(token))) return false;
    if (slugs.length > 0 && !slugs.includes(market.slug)) return false;
    if (closed === null) return named || market.state !== 'resolved';
    return (market.state === 'resolved') === (closed === 'true');
  });
}

/** Gamma: descriptions, ends and resolutions of markets. Source: polymarket §5.2. */
export function gammaRoutes(venue: Venue, prefix: string): Route {
  return ({ method, path, query }) => {
    if (method !== 'GET' || !path.startsWith(prefix)) return null;
    const rest = path.slice(prefix.length);
    const headers = { 'cache-control': 'max-age=300' };
    const limit = Math.min(PER_PAGE_MAX, Math.max(1, Number(query.get('limit') ?? PER_PAGE) || PER_PAGE));
    const row = (market: Market) => gammaMarketRow(venue, market);
    if (rest === '/markets') {
      const from = Math.max(0, Number(query.get('offset') ?? 0) || 0);
      return json(
        chosen(venue, query)
          .slice(from, from + limit)
          .map(row),
        200,
        headers,
      );
    }
    if (rest === '/markets/keyset' || rest === '/events/keyset') {
      const cursor = Buffer.from(query.get('after_cursor') ?? '', 'base64url').toString();
      if (!/^\d{0,9}$/.test(cursor)) return failure(400, 'invalid after_cursor');
      const after = Number(cursor);
      const all = chosen(venue, query);
      const some = all.slice(after, after + limit);
      const next =
        after + some.length < all.length
          ? Buffer.from(String(after + some.length)).toString('base64url')
          : null;
      const key = rest === '/markets/keyset' ? 'markets' : 'events';
      const rows = some.map((market) =>
        key === 'markets'
          ? row(market)
          : { slug: market.eventSlug, title: market.question, markets: [row(market)] },
      );
      return json({ [key]: rows, next_cursor: next }, 200, headers);
    }
    if (rest.startsWith('/events/slug/')) {
      const slug = rest.slice('/events/slug/'.length);
      const own = [...venue.markets.values()].filter((m) => m.eventSlug === slug);
      return own.length > 0
        ? json({ slug, title: own[0]?.question, markets: own.map(row) }, 200, headers)
        : failure(404, 'not found');
    }
    if (rest.startsWith('/markets/slug/')) {
      const market = [...venue.markets.values()].find((m) => m.slug === rest.slice('/markets/slug/'.length));
      return market ? json(row(market), 200, headers) : failure(404, 'not found');
    }
    return failure(404, 'not found');
  };
}
