import { most, parseMicrosRounded } from '@slipstream/money';
import { BLOCK_MS } from '../chain/chain.ts';
import { type Activity, countBefore, placeOf, secondsOf } from '../venue/activity.ts';
import { type Holdings, takeIn } from '../venue/holdings.ts';
import type { Venue } from '../venue/venue.ts';
import { numberOf } from './shapes.ts';

const HOUR_S = 3_600;
/** Seconds that a series looks back, and of its steps. */
const INTERVALS: Readonly<Record<string, number>> = {
  max: Number.MAX_SAFE_INTEGER,
  all: Number.MAX_SAFE_INTEGER,
  '1m': 720 * HOUR_S,
  '1w': 168 * HOUR_S,
  '1d': 24 * HOUR_S,
  '12h': 12 * HOUR_S,
  '6h': 6 * HOUR_S,
};
const FIDELITIES: Readonly<Record<string, number>> = {
  '1d': 24 * HOUR_S,
  '18h': 18 * HOUR_S,
  '12h': 12 * HOUR_S,
  '3h': 3 * HOUR_S,
  '1h': HOUR_S,
};
/** Points of one series; a longer one begins later. */
const POINTS_MAX = 1_000;

const named = (table: Readonly<Record<string, number>>, name: string): number | null =>
  (Object.hasOwn(table, name) ? table[name] : undefined) ?? null;

/** What a wallet traded: shares, dollars, and in how many trades. Micros. */
export type Volume = { readonly shares: bigint; readonly dollars: bigint; readonly trades: number };

const NOTHING: Volume = { shares: 0n, dollars: 0n, trades: 0 };

const withRow = (volume: Volume, row: Activity): Volume =>
  row.type === 'TRADE'
    ? {
        shares: volume.shares + parseMicrosRounded(row.size),
        dollars: volume.dollars + parseMicrosRounded(row.usdcSize),
        trades: volume.trades + 1,
      }
    : volume;

export const volumeOf = (rows: readonly Activity[]): Volume => rows.reduce(withRow, NOTHING);

const volumeRow = ({ shares, dollars, trades }: Volume) => ({
  volume: numberOf(shares),
  volume_usdc: numberOf(dollars),
  trade_count: trades,
});

/** What was realised of all holdings. Micros. */
export const realizedOf = (held: Holdings): bigint =>
  [...held.values()].reduce((sum, { realizedMicros }) => sum + realizedMicros, 0n);

/** Rows of seconds from `start` to `end`, both inclusive. */
export const rowsWithin = (rows: readonly Activity[], start: number, end: number): readonly Activity[] =>
  rows.slice(countBefore(rows, placeOf(start, 0)), countBefore(rows, placeOf(end + 1, 0)));

export const userVolume = (rows: readonly Activity[], start: number, end: number): object =>
  volumeRow(volumeOf(rowsWithin(rows, start, end)));

/** Null: the wallet did nothing yet. Nobody has a profile here that could be looked at. */
export function userStats(venue: Venue, wallet: string, rows: readonly Activity[]): object | null {
  const [first] = rows;
  if (first === undefined) return null;
  const held: Holdings = new Map();
  for (const row of rows) takeIn(held, row, (conditionId) => venue.markets.get(conditionId));
  const wins = [...held.values()].map(({ realizedMicros }) => realizedMicros);
  return {
    proxy_wallet: wallet,
    trades: new Set(rows.filter(({ type }) => type === 'TRADE').map(({ conditionId }) => conditionId)).size,
    biggest_win: numberOf(wins.reduce((best, win) => most(best, win), 0n)),
    views: 0,
    join_date: secondsOf(first),
  };
}

/** What a wallet has realised and traded by the end of each step; there are no other gains here than of markets. */
function pointsOf(
  venue: Venue,
  rows: readonly Activity[],
  window: { start: number; end: number; step: number },
) {
  const { start, end, step } = window;
  const held: Holdings = new Map();
  const points: object[] = [];
  let volume = NOTHING;
  let next = 0;
  for (let at = start; ; at = Math.min(at + step, end)) {
    for (let row = rows[next]; row !== undefined && secondsOf(row) <= at; row = rows[++next]) {
      takeIn(held, row, (conditionId) => venue.markets.get(conditionId));
      volume = withRow(volume, row);
    }
    const realized = numberOf(realizedOf(held));
    points.push({
      timestamp: at,
      source_block: Math.max(0, Math.floor((at * 1_000) / BLOCK_MS) - 1),
      realized_market_pnl: realized,
      realized_lp_pnl: 0,
      realized_combo_pnl: 0,
      realized_pnl: realized,
      ...volumeRow(volume),
    });
    if (at >= end) return points;
  }
}

/** A text names the parameter that is wrong. */
export function userPnl(
  venue: Venue,
  wallet: string,
  rows: readonly Activity[],
  query: URLSearchParams,
  nowS: number,
): object | string {
  const interval = query.get('interval') ?? 'max';
  const fidelity = query.get('fidelity') ?? '1d';
  const lookback = named(INTERVALS, interval);
  const step = named(FIDELITIES, fidelity);
  if (lookback === null) return 'interval';
  if (step === null) return 'fidelity';
  const [first] = rows;
  const begun = first === undefined ? nowS : secondsOf(first);
  const start = Math.min(nowS, Math.max(begun, nowS - lookback, nowS - step * (POINTS_MAX - 1)));
  const points = first === undefined ? [] : pointsOf(venue, rows, { start, end: nowS, step });
  return { proxy_wallet: wallet, interval, fidelity, source_fidelity: fidelity, points };
}
