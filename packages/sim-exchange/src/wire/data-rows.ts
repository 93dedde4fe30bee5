import { parseMicrosRounded } from '@slipstream/money';
import { type Activity, countBefore, placeOf, secondsOf } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import {
  amountIn,
  cached,
  invalid,
  LIMIT,
  limitIn,
  listOf,
  missing,
  naturalIn,
  SECONDS_MAX,
  secondsIn,
  v2Failure,
} from './data-answers.ts';
import { conditionsIn } from './data-selectors.ts';
import { type Answer, failure, rawJson } from './http.ts';

const V1_LIMIT_MAX = 500;
const V1_TRADES_MAX = 10_000;
const V1_OFFSET_MAX = 5_000;
export const WALLET = /^0x[0-9a-fA-F]{40}$/;

type Kind = 'activity' | 'trades';

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

/** Undefined: it cannot be understood. */
function leastIn(query: URLSearchParams): Wanted['least'] | undefined {
  const amount = query.get('filter_amount') ?? query.get('filterAmount');
  if (amount === null) return null;
  const of = (query.get('filter_type') ?? query.get('filterType') ?? 'CASH').toUpperCase();
  if (of !== 'CASH' && of !== 'TOKENS') return undefined;
  const micros = amountIn(amount);
  return micros === null ? undefined : { of, micros };
}

const isAtLeast = (row: Activity, least: Wanted['least']): boolean =>
  least === null || parseMicrosRounded(least.of === 'CASH' ? row.usdcSize : row.size) >= least.micros;

/** A text names the parameter that is wrong. */
function wantedOf(venue: Venue, query: URLSearchParams, kind: Kind): Wanted | string {
  const wallet = query.get('user');
  if (wallet !== null && !WALLET.test(wallet)) return 'user';
  const start = secondsIn(query.get('start'), 0);
  const end = secondsIn(query.get('end'), SECONDS_MAX);
  if (start === null) return 'start';
  if (end === null) return 'end';
  const conditions = conditionsIn(venue, query);
  if (typeof conditions === 'string') return conditions;
  const least = leastIn(query);
  if (least === undefined) return 'filter_amount';
  const sort = (query.get('sort_direction') ?? query.get('sortDirection') ?? 'DESC').toUpperCase();
  if (sort !== 'ASC' && sort !== 'DESC') return 'sort_direction';
  const onlyTakers = query.get('taker_only') ?? query.get('takerOnly') ?? String(kind === 'trades');
  return {
    wallet: wallet?.toLowerCase() ?? null,
    types: kind === 'trades' ? new Set(['TRADE']) : listOf(query.get('type')),
    side: query.get('side')?.toUpperCase() ?? null,
    start,
    end,
    takerOnly: onlyTakers === 'true',
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

/** A cursor names the last row given, so that rows which come meanwhile move nothing. */
const cursorOf = (row: Activity): string => Buffer.from(`${secondsOf(row)}:${row.seq}`).toString('base64url');

function placeIn(cursor: string): Place | null {
  const match = /^(\d{1,16}):(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString());
  return match ? { second: Number(match[1]), seq: Number(match[2]) } : null;
}

export function v2Rows(venue: Venue, query: URLSearchParams, kind: Kind, visibleUntilMs: number): Answer {
  if (query.has('offset')) return v2Failure(400, 'invalid_parameter', 'offset is not supported', 'offset');
  if (kind === 'activity' && !query.has('user')) return missing('user');
  const limit = limitIn(query);
  if (limit === null) return invalid('limit');
  const wanted = wantedOf(venue, query, kind);
  if (typeof wanted === 'string') return invalid(wanted);
  const cursor = query.get('cursor');
  const behind = cursor === null ? null : placeIn(cursor);
  if (cursor !== null && behind === null) return invalid('cursor');
  const rows = rowsOf(venue, wanted, visibleUntilMs, limit + 1, behind);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  const pagination = `{"limit":${limit},"offset":0,"has_more":${more},"next_cursor":${more ? `"${cursorOf(last)}"` : 'null'}}`;
  return rawJson(`{"data":[${page.map(v2Row).join(',')}],"pagination":${pagination}}`, cached(kind));
}

export function v1Rows(venue: Venue, query: URLSearchParams, kind: Kind, visibleUntilMs: number): Answer {
  const wanted = wantedOf(venue, query, kind);
  if (typeof wanted === 'string') return failure(400, `invalid ${wanted}`);
  const most = kind === 'trades' ? V1_TRADES_MAX : V1_LIMIT_MAX;
  const limit = Math.min(most, naturalIn(query.get('limit'), LIMIT) || LIMIT);
  const offset = naturalIn(query.get('offset'), 0);
  if (offset > V1_OFFSET_MAX) return failure(400, 'max historical activity offset exceeded');
  const rows = rowsOf(venue, wanted, visibleUntilMs, offset + limit).slice(offset);
  return rawJson(`[${rows.map(v1Row).join(',')}]`);
}
