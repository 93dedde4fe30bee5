import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import {
  amountIn,
  invalid,
  LIMIT,
  listPage,
  missing,
  naturalIn,
  TRACE_ID,
  v2Failure,
} from './data-answers.ts';
import { figuresAnswer } from './data-figures.ts';
import { v1Rows, v2Rows, WALLET } from './data-rows.ts';
import { conditionsIn } from './data-selectors.ts';
import type { Faults } from './faults.ts';
import { type Answer, failure, json, type Route } from './http.ts';
import {
  type AskedStatus,
  hasStatus,
  type Position,
  positionsOf,
  statusIn,
  v1ClosedRow,
  v1PositionRow,
  v2PositionRow,
} from './positions.ts';
import { numberOf, resolutionRow } from './shapes.ts';

const V1_LIMIT_MAX = 500;
const V1_CLOSED_LIMIT = 10;
const V1_CLOSED_MAX = 50;
/** Shares under which v1 leaves a position out, unless asked otherwise. */
const V1_THRESHOLD = '1';

/** What a wallet's visible rows make of it. A text names the parameter that is wrong; null: no wallet is named. */
function positionsIn(
  venue: Venue,
  query: URLSearchParams,
  visibleUntilMs: number,
): readonly Position[] | string | null {
  const wallet = query.get('user')?.toLowerCase();
  if (wallet === undefined || !WALLET.test(wallet)) return null;
  const conditions = conditionsIn(venue, query);
  if (typeof conditions === 'string') return conditions;
  const rows = venue.log.of(wallet).filter((row) => row.atMs <= visibleUntilMs);
  return positionsOf(venue, wallet, rows).filter(
    ({ market }) => conditions === null || conditions.has(market.conditionId),
  );
}

const worthOf = (positions: readonly Position[]): number =>
  numberOf(positions.reduce((sum, position) => sum + position.worthMicros, 0n));

function v2Positions(query: URLSearchParams, positions: readonly Position[]): Answer {
  const said = query.get('status');
  const status = said === null ? null : statusIn(said);
  if (status === undefined) return invalid('status');
  return listPage(
    query,
    positions.filter((position) => hasStatus(position, status)),
    v2PositionRow,
  );
}

function resolutionsPage(venue: Venue, query: URLSearchParams): Answer {
  const conditions = conditionsIn(venue, query);
  if (typeof conditions === 'string') return invalid(conditions);
  const question = query.get('question_id')?.toLowerCase() ?? null;
  const isWanted = ({ conditionId }: Market): boolean =>
    (conditions === null || conditions.has(conditionId)) && (question === null || question === conditionId);
  return listPage(query, [...venue.markets.values()].filter(isWanted), resolutionRow);
}

type Seen = { readonly visibleUntilMs: number; readonly lagMs: number };

function v2Route(
  venue: Venue,
  query: URLSearchParams,
  path: string,
  { visibleUntilMs, lagMs }: Seen,
): Answer {
  switch (path) {
    case '/activity':
      return v2Rows(venue, query, 'activity', visibleUntilMs);
    case '/trades':
      return v2Rows(venue, query, 'trades', visibleUntilMs);
    case '/positions':
    case '/value': {
      const positions = positionsIn(venue, query, visibleUntilMs);
      if (positions === null) return missing('user');
      if (typeof positions === 'string') return invalid(positions);
      if (path === '/positions') return v2Positions(query, positions);
      const proxy_wallet = query.get('user')?.toLowerCase();
      return json({ data: { proxy_wallet, value: worthOf(positions) } });
    }
    case '/resolutions':
      return resolutionsPage(venue, query);
    case '/status': {
      const lag_seconds = Math.floor(lagMs / 1000);
      return json({ data: { serving: { lag_seconds }, ingestion: { lag_seconds } } });
    }
    default:
      return figuresAnswer(venue, path, query, visibleUntilMs) ?? v2Failure(404, 'not_found', 'not found');
  }
}

/** Rows of v1 that a query's `redeemable` and `sizeThreshold` leave. */
function v1Positions(query: URLSearchParams, positions: readonly Position[]): Answer {
  const least = amountIn(query.get('sizeThreshold') ?? V1_THRESHOLD);
  if (least === null) return failure(400, 'invalid sizeThreshold');
  const redeemable = query.get('redeemable');
  const status: AskedStatus | null = redeemable === 'true' ? 'REDEEMABLE' : null;
  const limit = Math.min(V1_LIMIT_MAX, naturalIn(query.get('limit'), LIMIT));
  const offset = naturalIn(query.get('offset'), 0);
  const rows = positions
    .filter((position) => hasStatus(position, status) && position.holding.sizeMicros >= least)
    .map(v1PositionRow)
    .filter((row) => redeemable !== 'false' || !row.redeemable);
  return json(rows.slice(offset, offset + limit));
}

/** What is no longer held, the most gained first. */
function v1Closed(query: URLSearchParams, positions: readonly Position[]): Answer {
  const limit = Math.min(V1_CLOSED_MAX, naturalIn(query.get('limit'), V1_CLOSED_LIMIT));
  const offset = naturalIn(query.get('offset'), 0);
  const rows = positions
    .filter((position) => hasStatus(position, 'CLOSED'))
    .toSorted((a, b) => (a.holding.realizedMicros > b.holding.realizedMicros ? -1 : 1))
    .map(v1ClosedRow);
  return json(rows.slice(offset, offset + limit));
}

function v1Route(venue: Venue, query: URLSearchParams, path: string, visibleUntilMs: number): Answer {
  switch (path) {
    case '/activity':
      return v1Rows(venue, query, 'activity', visibleUntilMs);
    case '/trades':
      return v1Rows(venue, query, 'trades', visibleUntilMs);
    case '/positions':
    case '/closed-positions':
    case '/value': {
      const positions = positionsIn(venue, query, visibleUntilMs);
      if (positions === null) return failure(400, 'required query param user not provided');
      if (typeof positions === 'string') return failure(400, `invalid ${positions}`);
      if (path === '/value') return json([{ user: query.get('user'), value: worthOf(positions) }]);
      return path === '/positions' ? v1Positions(query, positions) : v1Closed(query, positions);
    }
    default:
      return failure(404, 'not found');
  }
}

/** Every answer names its request, whatever it says. */
const traced = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'x-trace-id': TRACE_ID },
});

/** The Data API, both versions. Source: polymarket §5.1. */
export function dataRoutes(venue: Venue, faults: Faults, nowMs: () => number, prefix: string): Route {
  const answer = (path: string, query: URLSearchParams): Answer => {
    if (faults.dataStatus !== 0) return v2Failure(faults.dataStatus, 'unavailable', 'try again later');
    const seen = { visibleUntilMs: nowMs() - faults.dataLagMs, lagMs: faults.dataLagMs };
    if (path.startsWith('/v2/'))
      return faults.dataV2Gone
        ? failure(404, 'not found')
        : v2Route(venue, query, path.slice('/v2'.length), seen);
    if (faults.dataV1Gone !== 0)
      return failure(faults.dataV1Gone, faults.dataV1Gone === 410 ? 'gone' : 'not found');
    return v1Route(venue, query, path, seen.visibleUntilMs);
  };
  return ({ method, path, query }) =>
    method === 'GET' && path.startsWith(prefix) ? traced(answer(path.slice(prefix.length), query)) : null;
}
