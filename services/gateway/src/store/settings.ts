import type { Database, Sql } from '@slipstream/db';
import { INITIAL_CONFIG, type Leader, ModeConfig, type Switches, type TradingMode } from '@slipstream/proto';
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
  readonly version: number;
  readonly changed_at: Date;
  readonly changed_by: string;
};

/** The global switches. Errors: when there are none, which the start excludes. */
export async function readSwitches(sql: Sql, lock: '' | 'for update' = ''): Promise<Switches> {
  const [row] = await sql.query<SwitchesRow>(
    `select copy_engine_enabled, live_trading_state, version, changed_at, changed_by
    from config.system_switches where id = 1 ${lock}`,
  );
  if (row === undefined) throw new Error('config.system_switches is empty');
  return {
    copyEngineEnabled: row.copy_engine_enabled,
    liveTradingState: row.live_trading_state,
    version: row.version,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

export async function writeSwitches(sql: Sql, switches: Switches): Promise<void> {
  await sql.query(
    `update config.system_switches set copy_engine_enabled = $1, live_trading_state = $2, version = $3,
      changed_at = $4, changed_by = $5 where id = 1`,
    [
      switches.copyEngineEnabled,
      switches.liveTradingState,
      switches.version,
      switches.changedAt,
      switches.changedBy,
    ],
  );
}

/** The configuration of a mode for all leaders; null when the mode has none. */
export async function readModeConfig(sql: Sql, mode: TradingMode): Promise<ModeConfig | null> {
  const [row] = await sql.query<{ version: number; body: object; changed_at: Date; changed_by: string }>(
    `select version, body, changed_at, changed_by from config.mode_config where mode = $1 and leader_id is null`,
    [mode],
  );
  if (row === undefined) return null;
  return ModeConfig.parse({
    ...row.body,
    mode,
    leaderId: null,
    version: row.version,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  });
}

type LeaderRow = {
  readonly leader_id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly live_override: Leader['liveOverride'];
  readonly followed_at: Date;
  readonly version: number;
  readonly changed_at: Date;
  readonly changed_by: string;
  readonly wallets: string[];
};

const LEADER = `
  select leader_id, label, enabled, live_override, followed_at, version, changed_at, changed_by,
    array(select wallet from config.leader_wallet w where w.leader_id = l.leader_id order by wallet) as wallets
  from config.leader l`;

const leaderOf = (row: LeaderRow): LeaderItem => ({
  id: row.leader_id,
  label: row.label,
  wallets: row.wallets,
  enabled: row.enabled,
  liveOverride: row.live_override,
  followedAt: row.followed_at.toISOString(),
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

/** Errors: a unique violation when a wallet or the id is taken. */
export async function insertLeader(sql: Sql, leader: LeaderItem): Promise<void> {
  await sql.query(
    `insert into config.leader (leader_id, label, enabled, live_override, followed_at, version, changed_at, changed_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      leader.id,
      leader.label,
      leader.enabled,
      leader.liveOverride,
      leader.followedAt,
      leader.version,
      leader.changedAt,
      leader.changedBy,
    ],
  );
  await sql.query('insert into config.leader_wallet (wallet, leader_id) select unnest($1::text[]), $2', [
    leader.wallets,
    leader.id,
  ]);
}

export async function updateLeader(sql: Sql, leader: LeaderItem): Promise<void> {
  await sql.query(
    'update config.leader set label = $2, enabled = $3, version = $4, changed_at = $5, changed_by = $6 where leader_id = $1',
    [leader.id, leader.label, leader.enabled, leader.version, leader.changedAt, leader.changedBy],
  );
}

/**
 * What a new installation starts with, written once: paper on, live off, and the domain rules' own configuration of
 * PAPER. What is there already stays as it is.
 */
export const writeInitialSettings = (db: Database, at: Date): Promise<void> =>
  db.tx(async (sql) => {
    const author = 'installation';
    const switches = { copyEngineEnabled: true, liveTradingState: 'OFF' };
    const fresh = await sql.query(
      `insert into config.system_switches (id, copy_engine_enabled, live_trading_state, version, changed_at, changed_by)
      values (1, $1, $2, 1, $3, $4) on conflict do nothing returning id`,
      [switches.copyEngineEnabled, switches.liveTradingState, at, author],
    );
    if (fresh.length > 0)
      await logChange(sql, { what: 'switches', key: 'global', author, at, before: null, after: switches });
    const configured = await sql.query(
      `insert into config.mode_config (mode, leader_id, version, body, changed_at, changed_by)
      values ('PAPER', null, 1, $1, $2, $3) on conflict do nothing returning mode`,
      [JSON.stringify(INITIAL_CONFIG), at, author],
    );
    if (configured.length > 0)
      await logChange(sql, {
        what: 'mode-config',
        key: 'mode.PAPER',
        author,
        at,
        before: null,
        after: INITIAL_CONFIG,
      });
  });

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
