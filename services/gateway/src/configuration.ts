import { isDeepStrictEqual } from 'node:util';
import type { Database, Sql } from '@slipstream/db';
import { inherit, type LeaderConfig, type ModeConfig, type TradingMode } from '@slipstream/proto';
import type {
  ChangeConfig,
  ChangeLeaderConfig,
  ConfigQuery,
  ConfigReply,
  CopyConfig,
} from '@slipstream/proto/http';
import { problemsOfMode, problemsOfOwn } from './core/checked-rules.ts';
import { conflict, invalid, unknown } from './errors.ts';
import { readLeaderConfig, readLeaderConfigs, readModeConfig, writeConfig } from './store/config.ts';
import { readLeader } from './store/settings.ts';

/** Who changes, and when. */
type Stamp = { readonly author: string; readonly at: Date };

/** The rules of a mode, and for a leader his own and what they come to. Errors: 404 for an unknown leader. */
export async function showConfiguration(sql: Sql, asked: ConfigQuery): Promise<ConfigReply> {
  const mode = await readModeConfig(sql, asked.tradingMode ?? 'PAPER');
  if (asked.leader === undefined) return { mode, own: null, effective: mode.rules };
  if ((await readLeader(sql, asked.leader)) === null) throw unknown('leader', 'leader');
  const own = await readLeaderConfig(sql, mode.mode, asked.leader);
  return { mode, own, effective: inherit(mode.rules, own?.rules ?? null) };
}

/** Somebody else was faster: what the change was made on is not there any more. */
function requireVersion(asked: number, now: number): void {
  if (asked !== now)
    throw conflict('version', `The rules are at version ${now} by now; read them again and change those.`);
}

/** The account is opened with it, once: later it would change nothing and look as if it did. */
function requireSameInitialCash(before: ModeConfig, after: ModeConfig): void {
  if (before.rules.paper.initialCashMicros !== after.rules.paper.initialCashMicros)
    throw conflict(
      'rules.paper.initialCashMicros',
      'The paper account is open with its initial cash; it cannot be changed any more.',
    );
}

async function changeMode(
  sql: Sql,
  before: ModeConfig,
  rules: ModeConfig['rules'],
  { author, at }: Stamp,
): Promise<ModeConfig> {
  if (isDeepStrictEqual(rules, before.rules)) return before;
  const after = {
    ...before,
    rules,
    version: before.version + 1,
    changedAt: at.toISOString(),
    changedBy: author,
  };
  requireSameInitialCash(before, after);
  const problems = problemsOfMode(rules, await readLeaderConfigs(sql, before.mode));
  if (problems.length > 0) throw invalid(...problems);
  await writeConfig(sql, before, after);
  return after;
}

async function changeOwn(
  sql: Sql,
  leaderId: string,
  asked: ChangeLeaderConfig,
  { author, at }: Stamp,
): Promise<LeaderConfig> {
  const { tradingMode } = asked;
  const rules = asked.rules ?? {};
  if ((await readLeader(sql, leaderId)) === null) throw unknown('id', 'leader');
  const mode = await readModeConfig(sql, tradingMode, 'for update');
  const before = await readLeaderConfig(sql, tradingMode, leaderId, 'for update');
  requireVersion(asked.version, before?.version ?? 0);
  if (before !== null && isDeepStrictEqual(rules, before.rules)) return before;
  const problems = problemsOfOwn(mode.rules, rules);
  if (problems.length > 0) throw invalid(...problems);
  const version = (before?.version ?? 0) + 1;
  const after = {
    mode: tradingMode,
    leaderId,
    version,
    changedAt: at.toISOString(),
    changedBy: author,
    rules,
  };
  await writeConfig(sql, before, after);
  return after;
}

/**
 * Changes the rules of a mode; all or nothing, and logged. A change that changes nothing is no change.
 *
 * Errors: HttpProblem 400 naming each leader's field that does not fit any more, 409 naming `version` when somebody
 * was faster.
 */
export const changeConfiguration = (db: Database, asked: ChangeConfig, stamp: Stamp): Promise<ModeConfig> =>
  db.tx(async (sql) => {
    const before = await readModeConfig(sql, asked.tradingMode, 'for update');
    requireVersion(asked.version, before.version);
    return changeMode(sql, before, asked.rules, stamp);
  });

/**
 * Changes what one leader has otherwise; all or nothing, and logged.
 *
 * Errors: HttpProblem 400 naming each field that does not fit the mode's, 404, 409 as above.
 */
export const changeLeaderConfiguration = (
  db: Database,
  leaderId: string,
  asked: ChangeLeaderConfig,
  stamp: Stamp,
): Promise<LeaderConfig> => db.tx((sql) => changeOwn(sql, leaderId, asked, stamp));

/** Gives one mode the rules of the other; the paper account's initial cash stays what it was. */
export const copyConfiguration = (db: Database, asked: CopyConfig, stamp: Stamp): Promise<ModeConfig> =>
  db.tx(async (sql) => {
    const { from, to }: { readonly from: TradingMode; readonly to: TradingMode } = asked;
    if (from === to) throw invalid({ field: 'to', detail: 'is the same mode as from' });
    const source = await readModeConfig(sql, from);
    const before = await readModeConfig(sql, to, 'for update');
    requireVersion(asked.version, before.version);
    return changeMode(sql, before, { ...source.rules, paper: before.rules.paper }, stamp);
  });
