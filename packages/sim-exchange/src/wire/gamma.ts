import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { eventId, gammaEventRow, gammaMarketRow, marketId } from './gamma-rows.ts';
import { type Answer, failure, json, type Route } from './http.ts';

const PER_PAGE_MAX = 100;
const PER_PAGE = 20;
/** What the old lists go no further than. */
const OFFSET_MAX = 2_000;
const CACHED = { 'cache-control': 'max-age=300' };
/** The old lists name the day on which they were to end. Source: polymarket §5.2. */
const SUNSET = { ...CACHED, sunset: 'Fri, 01 May 2026 00:00:00 GMT' };

const listed = (query: URLSearchParams, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => query.getAll(name)).flatMap((list) => list.split(','));

/** Markets that a query names: by number, condition, token, slug, state; all of them when it names none. */
function chosenMarkets(venue: Venue, query: URLSearchParams): readonly Market[] {
  const ids = listed(query, 'id');
  const conditions = listed(query, 'condition_ids', 'condition_id').map((id) => id.toLowerCase());
  const tokens = listed(query, 'clob_token_ids');
  const slugs = listed(query, 'slug');
  const closed = query.get('closed');
  const isNamed = [ids, conditions, tokens, slugs].some((names) => names.length > 0);
  return [...venue.markets.values()].filter((market) => {
    if (ids.length > 0 && !ids.includes(marketId(market))) return false;
    if (conditions.length > 0 && !conditions.includes(market.conditionId)) return false;
    if (tokens.length > 0 && !market.tokenIds.some((token) => tokens.includes(token))) return false;
    if (slugs.length > 0 && !slugs.includes(market.slug)) return false;
    if (closed === null) return isNamed || market.state !== 'resolved';
    return (market.state === 'resolved') === (closed === 'true');
  });
}

type EventRow = ReturnType<typeof gammaEventRow>;

/** Every event, in the order of their first markets. */
const allEvents = (venue: Venue): readonly EventRow[] =>
  [...new Set([...venue.markets.values()].map(({ eventSlug }) => eventSlug))].map((slug) =>
    gammaEventRow(venue, slug),
  );

/** Events that a query names, as for markets. */
function chosenEvents(venue: Venue, query: URLSearchParams): readonly EventRow[] {
  const ids = listed(query, 'id');
  const slugs = listed(query, 'slug');
  const closed = query.get('closed');
  return allEvents(venue).filter((event) => {
    if (ids.length > 0 && !ids.includes(event.id)) return false;
    if (slugs.length > 0 && !slugs.includes(event.slug)) return false;
    if (closed === null) return ids.length + slugs.length > 0 || !event.closed;
    return event.closed === (closed === 'true');
  });
}

/** A page of today's lists; the cursor is how many rows were given. */
function keysetPage<T>(
  query: URLSearchParams,
  limit: number,
  key: string,
  all: readonly T[],
  row: (one: T) => object,
): Answer {
  const cursor = Buffer.from(query.get('after_cursor') ?? '', 'base64url').toString();
  if (!/^\d{0,9}$/.test(cursor)) return failure(400, 'invalid after_cursor');
  const after = Number(cursor);
  const some = all.slice(after, after + limit);
  const given = after + some.length;
  const next_cursor = given < all.length ? Buffer.from(String(given)).toString('base64url') : null;
  return json({ [key]: some.map(row), next_cursor }, 200, CACHED);
}

/** A page of the old lists, which have offsets. */
function offsetPage<T>(
  query: URLSearchParams,
  limit: number,
  all: readonly T[],
  row: (one: T) => object,
): Answer {
  const from = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  if (from > OFFSET_MAX) return failure(400, 'offset is too large');
  return json(all.slice(from, from + limit).map(row), 200, SUNSET);
}

/** One row by number or slug. */
function oneRow(venue: Venue, kind: string, name: string, isSlug: boolean): Answer {
  const found =
    kind === 'markets'
      ? [...venue.markets.values()].find((market) => (isSlug ? market.slug : marketId(market)) === name)
      : undefined;
  if (found !== undefined) return json(gammaMarketRow(venue, found), 200, CACHED);
  const own =
    kind === 'events'
      ? [...venue.markets.values()].find(
          ({ eventSlug }) => (isSlug ? eventSlug : eventId(eventSlug)) === name,
        )
      : undefined;
  return own === undefined
    ? failure(404, 'not found')
    : json(gammaEventRow(venue, own.eventSlug), 200, CACHED);
}

/** Gamma: descriptions, ends and resolutions of markets. Source: polymarket §5.2. */
export function gammaRoutes(venue: Venue, prefix: string): Route {
  return ({ method, path, query }) => {
    if (method !== 'GET' || !path.startsWith(prefix)) return null;
    const limit = Math.min(PER_PAGE_MAX, Math.max(1, Number(query.get('limit') ?? PER_PAGE) || PER_PAGE));
    const marketRow = (market: Market): object => gammaMarketRow(venue, market);
    const eventRow = (event: EventRow): object => event;
    switch (path.slice(prefix.length)) {
      case '/markets':
        return offsetPage(query, limit, chosenMarkets(venue, query), marketRow);
      case '/events':
        return offsetPage(query, limit, chosenEvents(venue, query), eventRow);
      case '/markets/keyset':
        return keysetPage(query, limit, 'markets', chosenMarkets(venue, query), marketRow);
      case '/events/keyset':
        return keysetPage(query, limit, 'events', chosenEvents(venue, query), eventRow);
      default: {
        const one = /^\/(markets|events)\/(slug\/)?([^/]+)$/.exec(path.slice(prefix.length));
        if (one === null) return failure(404, 'not found');
        const [, kind = '', slug, name = ''] = one;
        return oneRow(venue, kind, name, slug !== undefined);
      }
    }
  };
}
