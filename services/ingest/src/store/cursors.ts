import type { Database, Sql } from '@slipstream/db';
import { TABLES } from '@slipstream/db/ingest';

const SECOND_MS = 1_000;

export type Cursor = { readonly throughSecond: number | null; readonly baselineDone: boolean };

/** How far a wallet was read in earlier lives; made at the first sight of it. */
export async function openCursor(
  db: Database,
  wallet: string,
  leaderId: string,
  followedAt: Date,
  now: Date,
): Promise<Cursor> {
  const [row] = await db.query<{ read_through: Date | null; baseline_done: boolean }>(
    `insert into ${TABLES.cursor} (wallet, leader_id, followed_at, baseline_done, read_through, updated_at)
       values ($1, $2, $3, false, null, $4)
       on conflict (wallet) do update set leader_id = excluded.leader_id
       returning read_through, baseline_done`,
    [wallet, leaderId, followedAt, now],
  );
  const through = row?.read_through ?? null;
  return {
    throughSecond: through === null ? null : Math.floor(through.getTime() / SECOND_MS),
    baselineDone: row?.baseline_done ?? false,
  };
}

/** How far a wallet is now read; `isComplete`: the read came to the end of what there was. */
export type CursorMove = {
  readonly wallet: string;
  readonly throughSecond: number;
  readonly isComplete: boolean;
};

/** Moves a cursor forward, never back, in the transaction that stores what was read up to it. */
export async function moveCursor(sql: Sql, move: CursorMove, now: Date): Promise<void> {
  await sql.query(
    `update ${TABLES.cursor} set baseline_done = baseline_done or $4, read_through = greatest(coalesce(read_through, to_timestamp(0)), to_timestamp($2)), updated_at = $3
      where wallet = $1`,
    [move.wallet, move.throughSecond, now, move.isComplete],
  );
}
