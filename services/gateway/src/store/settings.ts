import type { Database, Sql } from '@slipstream/db';
import type { Leader, Switches } from '@slipstream/proto';
import type { LeaderItem, LeadersQuery } from '@slipstream/proto/http';
import { keyCursor } from '../cursor.ts';
import { Conditions } from './conditions.ts';
import { type Page, pageByKey, rowsToRead } from './page.ts';

/** A change as the log of changes keeps it. */
export type Change = {
  readonly what: 'leader' | 'switches' | 'mode-config' | 'sign-in';
  readonly key: string;
  readonly author: string;
  readonly at: Date;
  readonly before: unknown;
  readonly after: unknown;
};

export async function logChange(sql: Sql, change: Change): Promise<void> {
  await sql.query(
    `insert into config.change_log (what, key, author, at, before, after) values ($1, $2, $3, $4, $5, $6)`,
    [
      change.what,
      change.key,
      change.author,
      change.at,
      change.before === null ? null : JSON.stringify(change.before),
      JSON.stringify(change.after),
    ],
  );
}

type SwitchesRow = {
  readonly copy_engine_enabled: boolean;
  readonly live_trading_state: Switches['liveTradingState'];
  readonly entries_paused: boolean;
  readonly live_pause_cleared_at: Date | null;
  readonly version: number;
  readonly changed_at: Date;
  readonly changed_by: string;
};

/** The global switches. Errors: when there are none, which the start excludes. */
export async function readSwitches(sql: Sql, lock: '' | 'for update' = ''): Promise<Switches> {
  const [row] = await sql.query<SwitchesRow>(
    `select copy_engine_enabled, live_trading_state, entries_paused, live_pause_cleared_at, version, changed_at, changed_by
    from config.system_switches where id = 1 ${lock}`,
  );
  if (row === undefined) throw new Error('config.system_switches is empty');
  return {
    copyEngineEnabled: row.copy_engine_enabled,
    liveTradingState: row.live_trading_state,
    entriesPaused: row.entries_paused,
    livePauseClearedAt: row.live_pause_cleared_at?.toISOString() ?? null,
    version: row.version,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

export async function writeSwitches(sql: Sql, switches: Switches): Promise<void> {
  await sql.query(
    `update config.system_switches set copy_engine_enabled = $1, live_trading_state = $2, entries_paused = $3,
      live_pause_cleared_at = $4, version = $5, changed_at = $6, changed_by = $7 where id = 1`,
    [
      switches.copyEngineEnabled,
      switches.liveTradingState,
      switches.entriesPaused,
      switches.livePauseClearedAt,
      switches.version,
      switches.changedAt,
      switches.changedBy,
    ],
  );
}

type LeaderRow = {
  readonly leader_id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly live_override: Leader['liveOverride'];
  readonly entries_paused: boolean;
  readonly paper_stop_cleared_at: Date | null;
  readonly live_stop_cleared_at: Date | null;
  readonly followed_at: Date;
  readonly version: number;
  readonly changed_at: Date;
  readonly changed_by: string;
  readonly wallets: string[];
  readonly wallets_added_at: Readonly<Record<string, string>>;
};

const LEADER = `
  select leader_id, label, enabled, live_override, entries_paused, paper_stop_cleared_at, live_stop_cleared_at,
    followed_at, version, changed_at, changed_by,
    array(select wallet from config.leader_wallet w where w.leader_id = l.leader_id order by wallet) as wallets,
    (select coalesce(jsonb_object_agg(wallet, to_char(added_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), '{}'::jsonb)
      from config.leader_wallet w where w.leader_id = l.leader_id and w.added_at is not null) as wallets_added_at
  from config.leader l`;

const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

const leaderOf = (row: LeaderRow): LeaderItem => ({
  id: row.leader_id,
  label: row.label,
  wallets: row.wallets,
  enabled: row.enabled,
  liveOverride: row.live_override,
  entriesPaused: row.entries_paused,
  stopClearedAt: { PAPER: isoOrNull(row.paper_stop_cleared_at), LIVE: isoOrNull(row.live_stop_cleared_at) },
  followedAt: row.followed_at.toISOString(),
  walletsAddedAt: row.wallets_added_at,
  version: row.version,
  changedAt: row.changed_at.toISOString(),
  changedBy: row.changed_by,
});

export async function readLeader(
  sql: Sql,
  id: string,
  lock: '' | 'for update' = '',
): Promise<LeaderItem | null> {
  const [row] = await sql.query<LeaderRow>(`${LEADER} where leader_id = $1 ${lock}`, [id]);
  return row === undefined ? null : leaderOf(row);
}

const LEADER_ID = /^[\w:#.-]{1,120}$/;

/** One page of leaders in the order of their ids. */
export async function readLeaders(sql: Sql, asked: LeadersQuery): Promise<Page<LeaderItem>> {
  const where = new Conditions();
  if (asked.after !== undefined)
    where.also(`leader_id > ${where.value(keyCursor.decode('leaders', asked.after, LEADER_ID))}`);
  const rows = await sql.query<LeaderRow>(
    `${LEADER} ${where.where()} order by leader_id limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByKey('leaders', rows, asked, leaderOf, (row) => row.leader_id);
}

/** Which of these wallets belong to a leader already, and to whom. */
export const readOwners = (
  sql: Sql,
  wallets: readonly string[],
): Promise<{ readonly wallet: string; readonly leader_id: string }[]> =>
  sql.query(
    'select wallet, leader_id from config.leader_wallet where wallet = any($1::text[]) order by wallet',
    [wallets],
  );

const insertWallets = (sql: Sql, { id, wallets, walletsAddedAt }: LeaderItem): Promise<unknown> =>
  sql.query(
    `insert into config.leader_wallet (wallet, leader_id, added_at)
     select w.wallet, $1, w.added_at from unnest($2::text[], $3::timestamptz[]) as w(wallet, added_at)`,
    [id, wallets, wallets.map((wallet) => walletsAddedAt[wallet] ?? null)],
  );

/** Errors: a unique violation when a wallet or the id is taken. */
export async function insertLeader(sql: Sql, leader: LeaderItem): Promise<void> {
  await sql.query(
    `insert into config.leader (leader_id, label, enabled, live_override, entries_paused, followed_at, version,
      changed_at, changed_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      leader.id,
      leader.label,
      leader.enabled,
      leader.liveOverride,
      leader.entriesPaused,
      leader.followedAt,
      leader.version,
      leader.changedAt,
      leader.changedBy,
    ],
  );
  await insertWallets(sql, leader);
}

/** Stores the leader as he is now, his wallets included. Errors: a unique violation when a wallet is taken. */
export async function updateLeader(sql: Sql, leader: LeaderItem): Promise<void> {
  await sql.query(
    `update config.leader set label = $2, enabled = $3, live_override = $4, entries_paused = $5,
      paper_stop_cleared_at = $6, live_stop_cleared_at = $7, version = $8, changed_at = $9, changed_by = $10
    where leader_id = $1`,
    [
      leader.id,
      leader.label,
      leader.enabled,
      leader.liveOverride,
      leader.entriesPaused,
      leader.stopClearedAt.PAPER,
      leader.stopClearedAt.LIVE,
      leader.version,
      leader.changedAt,
      leader.changedBy,
    ],
  );
  await sql.query('delete from config.leader_wallet where leader_id = $1', [leader.id]);
  await insertWallets(sql, leader);
}

/** Uses up a sign-in code for ever. False: it was used before. */
export const useSignInCode = (db: Database, codeHash: string, at: Date): Promise<boolean> =>
  db.tx(
    async (sql) => {
      const rows = await sql.query(
        `insert into config.change_log (what, key, author, at, before, after)
      select 'sign-in', $1, 'sign-in link', $2, null, '{}'::jsonb
      where not exists (select 1 from config.change_log where what = 'sign-in' and key = $1)
      returning change_id`,
        [codeHash, at],
      );
      return rows.length > 0;
    },
    { isolation: 'serializable' },
  );
