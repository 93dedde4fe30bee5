import type { Sql } from '@slipstream/db';
import { type UsdMicros, usd } from '@slipstream/money';
import type { AccountId } from '../core/post.ts';
import type { Figures } from '../core/value.ts';

/** The figures of an account (`leaderId` null) or of one leader's slice of it. */
export type Slice = { readonly leaderId: string | null; readonly figures: Figures };

/** A slice as its series has it: with the most that its profit after fees has been by then, at least nothing. */
export type StoredSlice = Slice & { readonly peakProfitMicros: UsdMicros };

/**
 * Each row takes its peak from the row before it, so that nobody has to read a series to know it, and a process that
 * starts anew goes on where the last one ended. An unknown profit leaves the peak as it is: `greatest` passes nulls over.
 *
 * A series grows at its end only. A bucket that is there already stands, and one behind the last would show figures of
 * a later time than its own.
 */
const WRITE = `
insert into portfolio.portfolio_snapshot (mode, scope, leader_id, bucket_time, cash_micros, exposure_micros, equity_micros,
  realized_pnl_micros, unrealized_pnl_micros, fees_micros, peak_profit_micros, open_positions, unpriced_positions, taken_at)
select $1::text, $2::text, v.leader_id, $3::timestamptz, v.cash, v.exposure, v.equity, v.realized, v.unrealized, v.fees,
  greatest(0, last.peak_profit_micros, v.realized + v.unrealized - v.fees), v.open, v.unpriced, $4::timestamptz
from unnest($5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::int[],
  $13::int[]) as v(leader_id, cash, exposure, equity, realized, unrealized, fees, open, unpriced)
left join lateral (
  (select s.bucket_time, s.peak_profit_micros from portfolio.portfolio_snapshot s
    where s.mode = $1 and s.scope = $2 and s.leader_id = v.leader_id order by s.bucket_time desc limit 1)
  union all
  (select s.bucket_time, s.peak_profit_micros from portfolio.portfolio_snapshot s
    where s.mode = $1 and s.scope = $2 and s.leader_id is null and v.leader_id is null
    order by s.bucket_time desc limit 1)
) last on true
where last.bucket_time is null or last.bucket_time < $3::timestamptz
on conflict do nothing
returning leader_id, peak_profit_micros`;

/**
 * Stores the snapshots of one bucket; the first of a bucket stands. Gives those that were stored, in their order. The
 * account must be locked, so that nobody else writes to its series meanwhile.
 */
export async function writeSnapshots(
  sql: Sql,
  { mode, scope }: AccountId,
  bucket: Date,
  slices: readonly Slice[],
  now: Date,
): Promise<readonly StoredSlice[]> {
  const figures = slices.map((slice) => slice.figures);
  const stored = await sql.query<{
    readonly leader_id: string | null;
    readonly peak_profit_micros: bigint;
  }>(WRITE, [
    mode,
    scope,
    bucket,
    now,
    slices.map((slice) => slice.leaderId),
    figures.map((f) => f.cashMicros),
    figures.map((f) => f.exposureMicros),
    figures.map((f) => f.equityMicros),
    figures.map((f) => f.realizedPnlMicros),
    figures.map((f) => f.unrealizedPnlMicros),
    figures.map((f) => f.feesMicros),
    figures.map((f) => f.openPositions),
    figures.map((f) => f.unpricedPositions),
  ]);
  const peaks = new Map(stored.map((row) => [row.leader_id, usd(row.peak_profit_micros)]));
  return slices.flatMap((slice) => {
    const peakProfitMicros = peaks.get(slice.leaderId);
    return peakProfitMicros === undefined ? [] : [{ ...slice, peakProfitMicros }];
  });
}

/** The latest bucket that the account itself has a snapshot of. */
export async function readLatestBucket(sql: Sql, { mode, scope }: AccountId): Promise<Date | null> {
  const [row] = await sql.query<{ bucket_time: Date }>(
    `select bucket_time from portfolio.portfolio_snapshot where mode = $1 and scope = $2 and leader_id is null
     order by bucket_time desc limit 1`,
    [mode, scope],
  );
  return row?.bucket_time ?? null;
}
