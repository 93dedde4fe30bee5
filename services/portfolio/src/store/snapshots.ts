import { insertRows, type Sql } from '@slipstream/db';
import type { AccountId } from '../core/post.ts';
import type { Figures } from '../core/value.ts';

/** The figures of an account (`leaderId` null) or of one leader's slice of it. */
export type Slice = { readonly leaderId: string | null; readonly figures: Figures };

const COLUMNS = [
  ['mode', 'text'],
  ['scope', 'text'],
  ['leader_id', 'text'],
  ['bucket_time', 'timestamptz'],
  ['cash_micros', 'bigint'],
  ['exposure_micros', 'bigint'],
  ['equity_micros', 'bigint'],
  ['realized_pnl_micros', 'bigint'],
  ['unrealized_pnl_micros', 'bigint'],
  ['fees_micros', 'bigint'],
  ['open_positions', 'integer'],
  ['unpriced_positions', 'integer'],
  ['taken_at', 'timestamptz'],
] as const;

/** Stores the snapshots of one bucket; the first of a bucket stands. Gives those that were stored. */
export async function writeSnapshots(
  sql: Sql,
  { mode, scope }: AccountId,
  bucket: Date,
  slices: readonly Slice[],
  now: Date,
): Promise<readonly Slice[]> {
  const rows = slices.map(({ leaderId, figures: f }) => [
    mode,
    scope,
    leaderId,
    bucket,
    f.cashMicros,
    f.exposureMicros,
    f.equityMicros,
    f.realizedPnlMicros,
    f.unrealizedPnlMicros,
    f.feesMicros,
    f.openPositions,
    f.unpricedPositions,
    now,
  ]);
  const stored = await insertRows<{ leader_id: string | null }>(
    sql,
    'portfolio.portfolio_snapshot',
    COLUMNS,
    rows,
    'on conflict do nothing returning leader_id',
  );
  const leaders = new Set(stored.map((row) => row.leader_id));
  return slices.filter((slice) => leaders.has(slice.leaderId));
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
