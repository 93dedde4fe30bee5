import type { Activity } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import {
  amountIn,
  cached,
  invalid,
  listPage,
  missing,
  SECONDS_MAX,
  secondsIn,
  v2Failure,
} from './data-answers.ts';
import { WALLET } from './data-rows.ts';
import { conditionsIn } from './data-selectors.ts';
import { type Answer, json } from './http.ts';
import { holderRows, interestRows, leaderboardRows, periodOf, standingOf } from './market-figures.ts';
import { lookbackOf, pointsOf } from './prices-history.ts';
import { userPnl, userStats, userVolume } from './wallet-figures.ts';

const POINTS_MAX = 10_000;
const BUCKET_LEAST_S = 60;
const BUCKET_MOST_S = 86_400;
/** The exchange has no window of more than fifteen days. */
const WINDOW_MAX_S = 15 * 86_400;

type Asked = {
  readonly venue: Venue;
  readonly query: URLSearchParams;
  /** What the API shows by now. */
  readonly visible: readonly Activity[];
  readonly nowS: number;
};

const one = (data: unknown): Answer => json({ data }, 200, cached('other'));

/** An answer about one wallet, from what it did. */
function ofWallet(
  { venue, query, nowS }: Asked,
  visibleUntilMs: number,
  answer: (wallet: string, rows: readonly Activity[], nowS: number) => Answer,
): Answer {
  const wallet = query.get('user')?.toLowerCase();
  if (wallet === undefined) return missing('user');
  if (!WALLET.test(wallet)) return invalid('user');
  const rows = venue.log.of(wallet).filter((row) => row.atMs <= visibleUntilMs);
  return answer(wallet, rows, nowS);
}

function volumeAnswer({ query }: Asked, rows: readonly Activity[]): Answer {
  const start = secondsIn(query.get('start'), 0);
  const end = secondsIn(query.get('end'), SECONDS_MAX);
  if (start === null) return invalid('start');
  return end === null ? invalid('end') : one(userVolume(rows, start, end));
}

function holdersAnswer({ venue, query, visible }: Asked): Answer {
  const conditions = conditionsIn(venue, query);
  if (typeof conditions === 'string') return invalid(conditions);
  if (conditions === null) return missing('condition');
  const least = amountIn(query.get('min_balance') ?? '0');
  if (least === null) return invalid('min_balance');
  const markets = [...conditions].flatMap((id) => venue.markets.get(id) ?? []);
  const rows = markets.flatMap((market) => holderRows(venue, market, visible, least));
  return listPage(query, rows, (row) => row);
}

function interestAnswer({ venue, query, visible }: Asked): Answer {
  const conditions = conditionsIn(venue, query);
  if (typeof conditions === 'string') return invalid(conditions);
  return json({ data: interestRows(venue, conditions, visible) }, 200, cached('oi'));
}

function leaderboardAnswer({ venue, query, visible, nowS }: Asked): Answer {
  const period = periodOf((query.get('time_period') ?? 'day').toLowerCase());
  if (period === null) return invalid('time_period');
  const order = (query.get('sort_by') ?? 'PNL').toUpperCase();
  if (order !== 'PNL' && order !== 'VOLUME') return invalid('sort_by');
  const since = Math.max(0, nowS - period);
  const wallet = query.get('user')?.toLowerCase() ?? null;
  if (wallet === null) return listPage(query, leaderboardRows(venue, visible, since, order), (row) => row);
  return WALLET.test(wallet) ? one(standingOf(venue, visible, since, wallet)) : invalid('user');
}

/** Exactly one of `interval`, `start` and `as_of` says which prices are meant; null where none or more do. */
function pricesWindow(query: URLSearchParams, nowS: number) {
  const named = ['interval', 'start', 'as_of'].filter((name) => query.has(name));
  if (named.length !== 1) return null;
  const lookback = lookbackOf(query.get('interval') ?? 'max');
  const start = secondsIn(query.get('start'), Math.max(0, nowS - (lookback ?? 0)));
  const asOf = secondsIn(query.get('as_of'), nowS);
  const end = secondsIn(query.get('end'), nowS);
  if (lookback === null || start === null || asOf === null || end === null) return null;
  if (query.has('as_of')) return { start: 0, end: asOf, isExact: true };
  return query.has('start') && end - start > WINDOW_MAX_S ? null : { start, end, isExact: false };
}

function pricesAnswer({ venue, query, nowS }: Asked): Answer {
  const tokenId = query.get('token_id');
  if (tokenId === null) return missing('token_id');
  const market = venue.marketOf(tokenId);
  if (market === undefined) return v2Failure(404, 'not_found', 'token not found');
  const window = pricesWindow(query, nowS);
  if (window === null) return invalid('interval');
  const step = secondsIn(query.get('bucket_seconds'), BUCKET_LEAST_S);
  if (step === null || step < BUCKET_LEAST_S || step > BUCKET_MOST_S) return invalid('bucket_seconds');
  const points = pointsOf(venue, market, tokenId, { ...window, step });
  const resolution_seconds = window.isExact ? 0 : step;
  return listPage(
    query,
    window.isExact ? points.slice(-1) : points,
    ({ t, p }) => ({ timestamp: t, price: p, resolution_seconds }),
    POINTS_MAX,
  );
}

/** What the Data API counts from what everybody did. Null: it is none of these. Source: polymarket §5.1. */
export function figuresAnswer(
  venue: Venue,
  path: string,
  query: URLSearchParams,
  visibleUntilMs: number,
): Answer | null {
  const nowS = Math.floor(visibleUntilMs / 1000);
  const asked = (): Asked => ({
    venue,
    query,
    visible: venue.log.all().filter((row) => row.atMs <= visibleUntilMs),
    nowS,
  });
  const ofOne = { venue, query, visible: [], nowS };
  switch (path) {
    case '/user-volume':
      return ofWallet(ofOne, visibleUntilMs, (_wallet, rows) => volumeAnswer(ofOne, rows));
    case '/user-stats':
      return ofWallet(ofOne, visibleUntilMs, (wallet, rows) => one(userStats(venue, wallet, rows)));
    case '/user-pnl':
      return ofWallet(ofOne, visibleUntilMs, (wallet, rows) => {
        const series = userPnl(venue, wallet, rows, query, nowS);
        return typeof series === 'string' ? invalid(series) : one(series);
      });
    case '/holders':
      return holdersAnswer(asked());
    case '/oi':
      return interestAnswer(asked());
    case '/leaderboard':
      return leaderboardAnswer(asked());
    case '/prices-history':
      return pricesAnswer(ofOne);
    default:
      return null;
  }
}
