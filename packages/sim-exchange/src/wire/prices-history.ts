import { ONE, parseMicrosRounded } from '@slipstream/money';
import { z } from 'zod';
import { countBefore, placeOf, secondsOf } from '../venue/activity.ts';
import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { type Answer, failure, json } from './http.ts';
import { numberOf } from './shapes.ts';

const MINUTE_S = 60;
/** Seconds of the intervals that the exchange names. Source: polymarket §2.1. */
const INTERVALS: Readonly<Record<string, number>> = {
  '1h': 3_600,
  '6h': 21_600,
  '1d': 86_400,
  '1w': 604_800,
  '1m': 2_592_000,
  all: Number.MAX_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
};
/** The newest rows that one answer looks through, and the points that it gives at most. */
const ROWS_MAX = 200_000;
const POINTS_MAX = 10_000;
const BATCH_MAX = 20;

/** Seconds that an interval looks back; null where it is none. */
export const lookbackOf = (interval: string): number | null =>
  (Object.hasOwn(INTERVALS, interval) ? INTERVALS[interval] : undefined) ?? null;

const wholeIn = (text: string | null): number | null =>
  text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;

/** From and to in seconds, both inclusive, and the step of the series. */
export type Window = { readonly start: number; readonly end: number; readonly step: number };

/** A price at a second. */
export type Point = { readonly t: number; readonly p: number };

/**
 * The last traded price of every step in which one of the two tokens was traded, seen from the token asked for; oldest
 * first.
 */
export function pointsOf(venue: Venue, market: Market, tokenId: string, window: Window): readonly Point[] {
  const { start, end, step } = window;
  const rows = venue.log.all();
  const until = countBefore(rows, placeOf(end + 1, 0));
  const from = Math.max(countBefore(rows, placeOf(start, 0)), until - ROWS_MAX);
  const points = new Map<number, Point>();
  for (let i = from; i < until; i++) {
    const row = rows[i];
    if (row?.type !== 'TRADE' || row.conditionId !== market.conditionId) continue;
    const own = parseMicrosRounded(row.price);
    const second = secondsOf(row);
    points.set(Math.floor(second / step), {
      t: second,
      p: numberOf(row.tokenId === tokenId ? own : ONE - own),
    });
  }
  return [...points.values()].slice(-POINTS_MAX);
}

type Asked = {
  readonly interval: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly fidelity: number | null;
};

/** Null: the interval is none. */
function windowOf({ interval, start, end, fidelity }: Asked, nowS: number): Window | null {
  const lookback = lookbackOf(interval);
  if (lookback === null) return null;
  return {
    start: start ?? Math.max(0, nowS - lookback),
    end: end ?? nowS,
    step: MINUTE_S * Math.max(1, fidelity ?? 1),
  };
}

/** `/prices-history`: the parameter `market` is a token. */
export function pricesHistory(venue: Venue, query: URLSearchParams, nowS: number): Answer {
  const tokenId = query.get('market') ?? '';
  const market = venue.marketOf(tokenId);
  if (!market) return failure(404, 'market not found');
  const window = windowOf(
    {
      interval: query.get('interval') ?? 'max',
      start: wholeIn(query.get('startTs')),
      end: wholeIn(query.get('endTs')),
      fidelity: wholeIn(query.get('fidelity')),
    },
    nowS,
  );
  if (window === null) return failure(400, 'invalid interval');
  return json({ history: pointsOf(venue, market, tokenId, window) });
}

const seconds = z.number().int().nonnegative().nullish();
const Batch = z.looseObject({
  markets: z.array(z.string()).min(1).max(BATCH_MAX),
  start_ts: seconds,
  end_ts: seconds,
  interval: z.string().nullish(),
  fidelity: seconds,
});

/** `/batch-prices-history`: the same of several tokens, by token; those that nobody knows have no points. */
export function batchPricesHistory(venue: Venue, body: unknown, nowS: number): Answer {
  const batch = Batch.safeParse(body);
  if (!batch.success) return failure(400, 'Invalid payload');
  const { markets, start_ts, end_ts, interval, fidelity } = batch.data;
  const window = windowOf(
    { interval: interval ?? 'max', start: start_ts ?? null, end: end_ts ?? null, fidelity: fidelity ?? null },
    nowS,
  );
  if (window === null) return failure(400, 'invalid interval');
  const history = markets.map((tokenId) => {
    const market = venue.marketOf(tokenId);
    return [tokenId, market ? pointsOf(venue, market, tokenId, window) : []] as const;
  });
  return json({ history: Object.fromEntries(history) });
}
