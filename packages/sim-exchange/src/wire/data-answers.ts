import { parseMicros } from '@slipstream/money';
import { type Answer, json } from './http.ts';

export const LIMIT = 100;
const LIMIT_MAX = 1000;
export const CONDITIONS_MAX = 20;
export const SECONDS_MAX = 999_999_999_999;
/** Names a request in the exchange's logs; answers of this one are all alike. */
export const TRACE_ID = 'sim';
/** Seconds for which the edge may keep an answer. Source: polymarket §5.1. */
const CACHE_SECONDS = { activity: 15, trades: 300, oi: 300, other: 5 } as const;

export const cached = (kind: keyof typeof CACHE_SECONDS): Readonly<Record<string, string>> => ({
  'cache-control': `public, max-age=${CACHE_SECONDS[kind]}`,
});

export const v2Failure = (status: number, code: string, error: string, parameter?: string): Answer =>
  json(
    { error, code, retryable: status >= 429, trace_id: TRACE_ID, ...(parameter ? { parameter } : {}) },
    status,
    status === 429 || status === 503 ? { 'retry-after': '1' } : {},
  );

export const invalid = (parameter: string): Answer =>
  v2Failure(400, 'invalid_parameter', `${parameter} is invalid`, parameter);

export const missing = (parameter: string): Answer =>
  v2Failure(400, 'missing_parameter', `${parameter} is required`, parameter);

export const listOf = (text: string | null): ReadonlySet<string> | null =>
  text === null || text === '' ? null : new Set(text.split(','));

export const naturalIn = (text: string | null, fallback: number): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback;

/** Null: it is no second. */
export const secondsIn = (text: string | null, fallback: number): number | null => {
  if (text === null) return fallback;
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
};

/** Micros; null where it is no amount. */
export const amountIn = (text: string): bigint | null =>
  /^\d{1,12}(\.\d{1,6})?$/.test(text) ? parseMicros(text) : null;

/** How many rows a page of v2 is to have; null where that is no number in bounds. */
export function limitIn(query: URLSearchParams, most = LIMIT_MAX): number | null {
  const limit = Number(query.get('limit') ?? LIMIT);
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : null;
}

/** One page of a list that only ever grows at its end; the cursor is how many were given. */
export function listPage<T>(
  query: URLSearchParams,
  all: readonly T[],
  row: (item: T) => object,
  most = LIMIT_MAX,
): Answer {
  const limit = limitIn(query, most);
  if (limit === null) return invalid('limit');
  const cursor = query.get('cursor');
  const given = cursor === null ? '0' : Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{1,9}$/.test(given)) return invalid('cursor');
  const data = all.slice(Number(given), Number(given) + limit);
  const next = Number(given) + data.length;
  const has_more = next < all.length;
  const next_cursor = has_more ? Buffer.from(String(next)).toString('base64url') : null;
  return json(
    { data: data.map(row), pagination: { limit, offset: 0, has_more, next_cursor } },
    200,
    cached('other'),
  );
}
