import { parseMicros, parseMicrosRounded } from '@slipstream/money';
import { type Activity, countBefore, placeOf, secondsOf } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import { type Answer, type Call, failure, json, type Route, rawJson } from './http.ts';
import { hasStatus, type Position, positionsOf, v1PositionRow, v2PositionRow } from './positions.ts';
import { numberOf, resolutionRow } from './shapes.ts';

const V2_LIMIT = 100;
const V2_LIMIT_MAX = 1000;
const V1_LIMIT_MAX = 500;
const V1_TRADES_MAX = 10_000;
const V1_OFFSET_MAX = 5_000;
const CONDITIONS_MAX = 20;
const WALLET = /^0x[0-9a-fA-F]{40}$/;
const TRACE_ID = 'sim';
const SECONDS_MAX = 999_999_999_999;
const CACHE_SECONDS = { activity: 15, trades: 300, positions: 5 } as const;

type Wanted = {
  readonly wallet: string | null;
  readonly types: ReadonlySet<string> | null;
  readonly side: string | null;
  readonly start: number;
  readonly end: number;
  readonly takerOnly: boolean;
  readonly conditions: ReadonlySet<string> | null;
  /** Least dollars, or shares, of a row; null asks for none. */
  readonly least: { readonly of: 'CASH' | 'TOKENS'; readonly micros: bigint } | null;
  readonly ascending: boolean;
};

const listOf = (text: string | null): ReadonlySet<string> | null =>
  text === null || text === '' ? null : new Set(text.split(','));

const naturalIn = (text: string | null, fallback: number): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback;

const secondsIn = (text: string | null, fallback: number): number | null => {
  if (text === null) return fallback;
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
};

/** Undefined: it cannot be understood. */
function leastIn(query: URLSearchParams): Wanted['least'] | undefined {
  const amount = query.get('filter_amount') ?? query.get('filterAmount');
  if (amount === null) return null;
  const of = (query.get('filter_type') ?? query.get('filterType') ?? 'CASH').toUpperCase();
  if (of !== 'CASH' && of !== 'TOKENS') return undefined;
  return /^\d{1,12}(\.\d{1,6})?$/.test(amount) ? { of, micros: parseMicros(amount) } : undefined;
}

const isAtLeast = (row: Activity, least: Wanted['least']): boolean =>
  least === null || parseMicrosRounded(least.of === 'CASH' ? row.usdcSize : row.size) >= least.micros;

function wantedOf(query: URLSearchParams, tradesOnly: boolean, takerDefault: boolean): Wanted | string {
  const wallet = query.get('user');
  if (wallet !== null && !WALLET.test(wallet)) return 'user';
  const start = secondsIn(query.get('start'), 0);
  const end = secondsIn(query.get('end'), SECONDS_MAX);
  if (start === null) return 'start';
  if (end === null) return 'end';
  const conditions = listOf((query.get('condition') ?? query.get('market'))?.toLowerCase() ?? null);
  if (conditions !== null && conditions.size > CONDITIONS_MAX) return 'condition';
  const least = leastIn(query);
  if (least === undefined) return 'filter_amount';
  const sort = (query.get('sort_direction') ?? query.get('sortDirection') ?? 'DESC').toUpperCase();
  if (sort !== 'ASC' && sort !== 'DESC') return 'sort_direction';
  return {
    wallet: wallet?.toLowerCase() ?? null,
    types: tradesOnly ? new Set(['TRADE']) : listOf(query.get('type')),
    side: query.get('side')?.toUpperCase() ?? null,
    start,
    end,
    takerOnly: (query.get('taker_only') ?? query.get('takerOnly') ?? String(takerDefault)) === 'true',
    conditions,
    least,
    ascending: sort === 'ASC',
  };
}

type Place = { readonly second: number; readonly seq: number };

/** Up to `most` rows that the API shows by now, in the asked order and behind a place if one is named. */
function rowsOf(
  venue: Venue,
  wanted: Wanted,
  visibleUntilMs: number,
  most: number,
  behind: Place | null = null,
): Activity[] {
  const source = wanted.wallet === null ? venue.log.all() : venue.log.of(wanted.wallet);
  const fits = (row: Activity): boolean =>
    row.atMs <= visibleUntilMs &&
    (wanted.types === null || wanted.types.has(row.type)) &&
    (wanted.conditions === null || wanted.conditions.has(row.conditionId)) &&
    (wanted.side === null || row.side === wanted.side) &&
    (!wanted.takerOnly || row.isTaker) &&
    isAtLeast(row, wanted.least);
  let from = countBefore(source, placeOf(wanted.start, 0));
  let to = countBefore(source, placeOf(wanted.end + 1, 0));
  if (behind !== null && wanted.ascending)
    from = Math.max(from, countBefore(source, placeOf(behind.second, behind.seq + 1)));
  if (behind !== null && !wanted.ascending)
    to = Math.min(to, countBefore(source, placeOf(behind.second, behind.seq)));
  const rows: Activity[] = [];
  for (let i = 0; i < to - from && rows.length < most; i++) {
    const row = source[wanted.ascending ? from + i : to - 1 - i];
    if (row !== undefined && fits(row)) rows.push(row);
  }
  return rows;
}

const text = (value: string): string => JSON.stringify(value);

/** A v2 row. Price and size are written as they were recorded: a double's text stays one. */
const v2Row = (a: Activity): string =>
  `{"proxy_wallet":"${a.wallet}","timestamp":${secondsOf(a)},"condition_id":"${a.conditionId}","type":"${a.type}","size":${a.size},` +
  `"usdc_size":${a.usdcSize},"transaction_hash":"${a.transactionHash}","price":${a.price},"token_id":"${a.tokenId}","side":"${a.side}",` +
  `"outcome_index":${a.outcomeIndex},"outcome":${text(a.outcome)},"title":${text(a.title)},"slug":${text(a.slug)},"event_slug":${text(a.eventSlug)},` +
  `"icon":"","name":"","pseudonym":"","bio":"","profile_image":"","is_combo":false}`;

const v1Row = (a: Activity): string =>
  `{"proxyWallet":"${a.wallet}","timestamp":${secondsOf(a)},"conditionId":"${a.conditionId}","type":"${a.type}","size":${a.size},` +
  `"usdcSize":${a.usdcSize},"transactionHash":"${a.transactionHash}","price":${a.price},"asset":"${a.tokenId}","side":"${a.side}",` +
  `"outcomeIndex":${a.outcomeIndex},"title":${text(a.title)},"slug":${text(a.slug)},"icon":"","eventSlug":${text(a.eventSlug)},` +
  `"outcome":${text(a.outcome)},"name":"","pseudonym":"","bio":"","profileImage":"","profileImageOptimized":""}`;

const v2Failure = (status: number, code: string, error: string, parameter?: string): Answer =>
  json(
    { error, code, retryable: status >= 429, trace_id: TRACE_ID, ...(parameter ? { parameter } : {}) },
    status,
    status === 429 || status === 503 ? { 'retry-after': '1' } : {},
  );

const invalid = (parameter: string): Answer =>
  v2Failure(400, 'invalid_parameter', `${parameter} is invalid`, parameter);

/** How many rows a page of v2 is to have; null where that is no number in bounds. */
function limitIn(query: URLSearchParams): number | null {
  const limit = Number(query.get('limit') ?? V2_LIMIT);
  return Number.isInteger(limit) && limit >= 1 && limit <= V2_LIMIT_MAX ? limit : null;
}

/** A cursor names the last row given, so that rows which come meanwhile move nothing. */
const cursorOf = (row: Activity): string => Buffer.from(`${secondsOf(row)}:${row.seq}`).toString('base64url');

function placeIn(cursor: string): Place | null {
  const match = /^(\d{1,16}):(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match ? { second: Number(match[1]), seq: Number(match[2]) } : null;
}

function v2Page(venue: Venue, call: Call, kind: 'activity' | 'trades', visibleUntilMs: number): Answer {
  const { query } = call;
  if (query.has('offset')) return v2Failure(400, 'invalid_parameter', 'offset is not supported', 'offset');
  if (kind === 'activity' && !query.has('user'))
    return v2Failure(400, 'missing_parameter', 'user is required', 'user');
  const limit = limitIn(query);
  if (limit === null) return invalid('limit');
  const wanted = wantedOf(query, kind === 'trades', kind === 'trades');
  if (typeof wanted === 'string') return invalid(wanted);
  const cursor = query.get('cursor');
  const behind = cursor === null ? null : placeIn(cursor);
  if (cursor !== null && behind === null) return invalid('cursor');
  const rows = rowsOf(venue, wanted, visibleUntilMs, limit + 1, behind);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  const pagination = `{"limit":${limit},"offset":0,"has_more":${more},"next_cursor":${more ? `"${cursorOf(last)}"` : 'null'}}`;
  return rawJson(`{"data":[${page.map(v2Row).join(',')}],"pagination":${pagination}}`, {
    'cache-control': `public, max-age=${CACHE_SECONDS[kind]}`,
    'x-trace-id': TRACE_ID,
  });
}

function v1Page(venue: Venue, call: Call, kind: 'activity' | 'trades', visibleUntilMs: number): Answer {
  const wanted = wantedOf(call.query, kind === 'trades', kind === 'trades');
  if (typeof wanted === 'string') return failure(400, `invalid ${wanted}`);
  const most = kind === 'trades' ? V1_TRADES_MAX : V1_LIMIT_MAX;
  const limit = Math.min(most, naturalIn(call.query.get('limit'), V2_LIMIT) || V2_LIMIT);
  const offset = naturalIn(call.query.get('offset'), 0);
  if (offset > V1_OFFSET_MAX) return failure(400, 'max historical activity offset exceeded');
  const rows = rowsOf(venue, wanted, visibleUntilMs, offset + limit).slice(offset);
  return rawJson(`[${rows.map(v1Row).join(',')}]`);
}

/** What the wallet's visible rows make of it. Errors: an answer that says what is missing. */
function positionsIn(venue: Venue, call: Call, visibleUntilMs: number): readonly Position[] | null {
  const wallet = call.query.get('user')?.toLowerCase();
  if (wallet === undefined || !WALLET.test(wallet)) return null;
  const rows = venue.log.of(wallet).filter((row) => row.atMs <= visibleUntilMs);
  const conditions = listOf((call.query.get('condition') ?? call.query.get('market'))?.toLowerCase() ?? null);
  return positionsOf(venue, wallet, rows).filter(
    ({ market }) => conditions === null || conditions.has(market.conditionId),
  );
}

const worthOf = (positions: readonly Position[]): number =>
  numberOf(positions.reduce((sum, position) => sum + position.worthMicros, 0n));

/** One page of a list that only ever grows at its end; the cursor is how many were given. */
function listPage<T>(call: Call, all: readonly T[], row: (item: T) => object): Answer {
  const limit = limitIn(call.query);
  if (limit === null) return invalid('limit');
  const cursor = call.query.get('cursor');
  const given = cursor === null ? '0' : Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,9}$/.test(given)) return invalid('cursor');
  const data = all.slice(Number(given), Number(given) + limit);
  const next = Number(given) + data.length;
  const has_more = next < all.length;
  const next_cursor = has_more ? Buffer.from(String(next)).toString('base64url') : null;
  return json({ data: data.map(row), pagination: { limit, offset: 0, has_more, next_cursor } }, 200, {
    'cache-control': `public, max-age=${CACHE_SECONDS.positions}`,
    'x-trace-id': TRACE_ID,
  });
}

function resolutionsPage(venue: Venue, call: Call): Answer {
  const wanted = listOf(
    (call.query.get('condition') ?? call.query.get('question_id'))?.toLowerCase() ?? null,
  );
  if (wanted !== null && wanted.size > CONDITIONS_MAX) return invalid('condition');
  const all = [...venue.markets.values()].filter((m) => wanted === null || wanted.has(m.conditionId));
  return listPage(call, all, resolutionRow);
}

function v2Route(venue: Venue, call: Call, rest: string, visibleUntilMs: number, lagMs: number): Answer {
  switch (rest) {
    case '/activity':
      return v2Page(venue, call, 'activity', visibleUntilMs);
    case '/trades':
      return v2Page(venue, call, 'trades', visibleUntilMs);
    case '/positions': {
      const status = call.query.get('status')?.toUpperCase() ?? null;
      const positions = positionsIn(venue, call, visibleUntilMs);
      if (positions === null) return v2Failure(400, 'missing_parameter', 'user is required', 'user');
      return listPage(
        call,
        positions.filter((position) => hasStatus(position, status)),
        v2PositionRow,
      );
    }
    case '/value': {
      const positions = positionsIn(venue, call, visibleUntilMs);
      if (positions === null) return v2Failure(400, 'missing_parameter', 'user is required', 'user');
      return json({
        data: { proxy_wallet: call.query.get('user')?.toLowerCase(), value: worthOf(positions) },
      });
    }
    case '/resolutions':
      return resolutionsPage(venue, call);
    case '/status': {
      const lag_seconds = Math.floor(lagMs / 1000);
      return json({ data: { serving: { lag_seconds }, ingestion: { lag_seconds } } });
    }
    default:
      return v2Failure(404, 'not_found', 'not found');
  }
}

function v1Route(venue: Venue, call: Call, rest: string, visibleUntilMs: number): Answer {
  if (rest === '/activity' || rest === '/trades')
    return v1Page(venue, call, rest === '/activity' ? 'activity' : 'trades', visibleUntilMs);
  if (rest !== '/positions' && rest !== '/value') return failure(404, 'not found');
  const positions = positionsIn(venue, call, visibleUntilMs);
  if (positions === null) return failure(400, 'required query param user not provided');
  if (rest === '/value') return json([{ user: call.query.get('user'), value: worthOf(positions) }]);
  const limit = Math.min(V1_LIMIT_MAX, naturalIn(call.query.get('limit'), V2_LIMIT));
  const offset = naturalIn(call.query.get('offset'), 0);
  const held = positions.filter((position) => hasStatus(position, null));
  return json(held.slice(offset, offset + limit).map(v1PositionRow));
}

/** The Data API, both versions. Source: polymarket §5.1. */
export function dataRoutes(venue: Venue, faults: Faults, nowMs: () => number, prefix: string): Route {
  return (call) => {
    if (call.method !== 'GET' || !call.path.startsWith(prefix)) return null;
    const rest = call.path.slice(prefix.length);
    if (faults.dataStatus !== 0) return v2Failure(faults.dataStatus, 'unavailable', 'try again later');
    const visibleUntilMs = nowMs() - faults.dataLagMs;
    if (!rest.startsWith('/v2/')) return v1Route(venue, call, rest, visibleUntilMs);
    return faults.dataV2Gone
      ? failure(404, 'not found')
      : v2Route(venue, call, rest.slice('/v2'.length), visibleUntilMs, faults.dataLagMs);
  };
}
