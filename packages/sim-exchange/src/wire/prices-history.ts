import { ONE, parseMicrosRounded } from '@slipstream/money';
import { countBefore, placeOf, secondsOf } from '../venue/activity.ts';
import type { Venue } from '../venue/venue.ts';
import { type Answer, type Call, failure, json } from './http.ts';
import { numberOf } from './shapes.ts';

const MINUTE_S = 60;
/** Seconds of the intervals that the exchange names. Source: polymarket §2.1. */
const INTERVALS: Readonly<Record<string, number>> = {
  '1h': 3_600,
  '6h': 21_600,
  '1d': 86_400,
  '1w': 604_800,
  '1m': 2_592_000,
  max: Number.MAX_SAFE_INTEGER,
};
/** The newest rows that one answer looks through, and the points that it gives at most. */
const ROWS_MAX = 200_000;
const POINTS_MAX = 10_000;

const wholeIn = (text: string | null): number | null =>
  text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;

/**
 * The last traded price of every minute (or `fidelity` minutes) in which one of the two tokens was traded, seen from
 * the token asked for; oldest first.
 */
export function pricesHistory(venue: Venue, call: Call, nowS: number): Answer {
  const tokenId = call.query.get('market') ?? '';
  const market = venue.marketOf(tokenId);
  if (!market) return failure(404, 'market not found');
  const interval = call.query.get('interval') ?? 'max';
  const lookback = Object.hasOwn(INTERVALS, interval) ? INTERVALS[interval] : undefined;
  if (lookback === undefined) return failure(400, 'invalid interval');
  const start = wholeIn(call.query.get('startTs')) ?? Math.max(0, nowS - lookback);
  const end = wholeIn(call.query.get('endTs')) ?? nowS;
  const step = MINUTE_S * Math.max(1, wholeIn(call.query.get('fidelity')) ?? 1);

  const rows = venue.log.all();
  const until = countBefore(rows, placeOf(end + 1, 0));
  const from = Math.max(countBefore(rows, placeOf(start, 0)), until - ROWS_MAX);
  const points = new Map<number, { readonly t: number; readonly p: number }>();
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
  return json({ history: [...points.values()].slice(-POINTS_MAX) });
}
