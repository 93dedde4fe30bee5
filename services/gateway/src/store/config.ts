import type { Sql } from '@slipstream/db';
import {
  type ConfigDocument,
  configKeyOf,
  INITIAL_RULES,
  LeaderConfig,
  ModeConfig,
  Rules,
  TradingMode,
} from '@slipstream/proto';
import { z } from 'zod';
import { logChange } from './settings.ts';

/** Documents that leaders may have of their own; far more than anybody follows, in both modes. */
const OWN_DOCUMENTS_MAX = 20_000;

type Row = {
  readonly mode: TradingMode;
  readonly leader_id: string | null;
  readonly version: number;
  readonly body: object;
  readonly changed_at: Date;
  readonly changed_by: string;
};

const COLUMNS = 'mode, leader_id, version, body, changed_at, changed_by';

const stampsOf = (row: Row) => ({
  mode: row.mode,
  leaderId: row.leader_id,
  version: row.version,
  changedAt: row.changed_at.toISOString(),
  changedBy: row.changed_by,
  rules: row.body,
});

/** The rules of a mode. Errors: when there are none, which the start excludes. */
export async function readModeConfig(
  sql: Sql,
  mode: TradingMode,
  lock: '' | 'for update' = '',
): Promise<ModeConfig> {
  const [row] = await sql.query<Row>(
    `select ${COLUMNS} from config.mode_config where mode = $1 and leader_id is null ${lock}`,
    [mode],
  );
  if (row === undefined) throw new Error(`${mode} has no configuration`);
  return ModeConfig.parse(stampsOf(row));
}

/** What one leader has otherwise; null where he inherits everything. */
export async function readLeaderConfig(
  sql: Sql,
  mode: TradingMode,
  leaderId: string,
  lock: '' | 'for update' = '',
): Promise<LeaderConfig | null> {
  const [row] = await sql.query<Row>(
    `select ${COLUMNS} from config.mode_config where mode = $1 and leader_id = $2 ${lock}`,
    [mode, leaderId],
  );
  return row === undefined ? null : LeaderConfig.parse(stampsOf(row));
}

/** What leaders have of their own, of one mode or of both. */
export async function readLeaderConfigs(sql: Sql, mode: TradingMode | null): Promise<LeaderConfig[]> {
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from config.mode_config where leader_id is not null and ($1::text is null or mode = $1)
     order by mode, leader_id limit ${OWN_DOCUMENTS_MAX}`,
    [mode],
  );
  return rows.map((row) => LeaderConfig.parse(stampsOf(row)));
}

/** The rules as JSON holds them. */
const bodyOf = (document: ConfigDocument): unknown =>
  document.leaderId === null ? z.encode(ModeConfig, document).rules : z.encode(LeaderConfig, document).rules;

/** Stores a document in place of the one before it, and logs who changed what. */
export async function writeConfig(
  sql: Sql,
  before: ConfigDocument | null,
  after: ConfigDocument,
): Promise<void> {
  const { mode, leaderId, version, changedAt, changedBy } = after;
  const body = bodyOf(after);
  await sql.query(
    `insert into config.mode_config (mode, leader_id, version, body, changed_at, changed_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (mode, leader_id) do update set version = excluded.version, body = excluded.body,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
    [mode, leaderId, version, JSON.stringify(body), changedAt, changedBy],
  );
  await logChange(sql, {
    what: 'mode-config',
    key: configKeyOf(mode, leaderId),
    author: changedBy,
    at: new Date(changedAt),
    before: before === null ? null : bodyOf(before),
    after: body,
  });
}

/**
 * What a new installation starts with, written once: the domain rules' own configuration of PAPER, and LIVE as a copy
 * of PAPER. What is there already stays as it is.
 */
export async function writeInitialConfig(sql: Sql, at: Date): Promise<void> {
  const rows = await sql.query<{ mode: string }>(
    'select mode from config.mode_config where leader_id is null',
  );
  const stamps = { leaderId: null, version: 1, changedAt: at.toISOString(), changedBy: 'installation' };
  for (const mode of TradingMode.options) {
    if (rows.some((row) => row.mode === mode)) continue;
    const rules = mode === 'PAPER' ? Rules.parse(INITIAL_RULES) : (await readModeConfig(sql, 'PAPER')).rules;
    await writeConfig(sql, null, { ...stamps, mode, rules });
  }
}
