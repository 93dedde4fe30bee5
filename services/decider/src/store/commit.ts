import type { OutboxMessage, OutboxRow, Sql } from '@slipstream/db';
import type { StopLine } from '../core/capital-stop.ts';
import type { Group, GroupPart, Holding } from '../core/group.ts';
import { messagesOf } from '../messages.ts';
import { attemptRow, type Decided } from './attempts.ts';
import { groupRow, holdingRow, partRow } from './groups.ts';
import { stopRow } from './stops.ts';

/** Everything that one pass changes. */
export type Change = {
  readonly parts: readonly GroupPart[];
  readonly holdings: readonly Holding[];
  /** As they stand after the pass. */
  readonly groups: readonly Group[];
  readonly decided: readonly Decided[];
  readonly stops: readonly StopLine[];
  readonly at: Date;
};

/** Another decider has committed since we read: what we know is the past, and nothing was stored. */
export class Conflict extends Error {}

/** What a commit gives: the messages that must go out now, and the version that the desk has after it. */
export type Committed = { readonly rows: readonly OutboxRow[]; readonly version: bigint };

/**
 * One statement, so that a leader's trade waits for one answer of the database instead of eight; each table's rows are
 * one JSON list. Nothing is stored unless the desk still has the version that we decided on: caps and cash would
 * otherwise hold for each decider alone. An attempt that is there already was decided before: that is a success, and
 * its messages are left out.
 */
const COMMIT = `
with desk as (
  update decider.desk set version = version + 1 where id = 1 and version = $7 returning version
), parts as (
  insert into decider.group_part
  select r.* from json_populate_recordset(null::decider.group_part, $1) r, desk
), holdings as (
  insert into decider.leader_position
  select r.* from json_populate_recordset(null::decider.leader_position, $2) r, desk
  on conflict (leader_id, token_id) do update set size_micros = excluded.size_micros, updated_at = excluded.updated_at
), groups as (
  insert into decider.leader_group
  select r.* from json_populate_recordset(null::decider.leader_group, $3) r, desk
  on conflict (mode, group_key) do update set status = excluded.status, source = excluded.source, side = excluded.side,
    size_micros = excluded.size_micros, notional_micros = excluded.notional_micros, part_count = excluded.part_count,
    scaled_micros = excluded.scaled_micros, buffered_at = excluded.buffered_at, bucket_key = excluded.bucket_key,
    below_min_exec = excluded.below_min_exec
), stops as (
  insert into decider.capital_stop
  select r.* from json_populate_recordset(null::decider.capital_stop, $6) r, desk
  on conflict (mode, scope, leader_id) do update set base_micros = excluded.base_micros,
    peak_micros = excluded.peak_micros, profit_micros = excluded.profit_micros, as_of = excluded.as_of,
    cleared_at = excluded.cleared_at, tripped_at = excluded.tripped_at, action = excluded.action
), attempts as (
  insert into decider.copy_attempt
  select r.* from json_populate_recordset(null::decider.copy_attempt, $4) r, desk
  on conflict do nothing returning attempt_id
), sent as (
  insert into decider.outbox (channel, subject, message_id, headers, payload)
  select m.channel, m.subject, m.message_id, m.headers, m.payload
  from json_to_recordset($5) as m(n int, attempt_id text, channel text, subject text, message_id text, headers jsonb, payload text)
  join attempts a using (attempt_id) order by m.n
  returning seq, message_id
)
select version, coalesce((select json_agg(json_build_object('seq', seq::text, 'messageId', message_id)) from sent), '[]') as sent
from desk`;

type Announced = OutboxMessage & { readonly attemptId: string };

const announced = (decided: Decided): readonly Announced[] =>
  messagesOf(decided).map((message) => ({ ...message, attemptId: decided.attempt.attemptId }));

const messageRow = ({ channel, subject, messageId, headers, payload, attemptId }: Announced, n: number) => ({
  n,
  attempt_id: attemptId,
  channel,
  subject,
  message_id: messageId,
  headers,
  payload,
});

type Result = {
  readonly version: bigint;
  readonly sent: readonly { readonly seq: string; readonly messageId: string | null }[];
};

/**
 * Stores parts, groups, attempts, stops and their messages, all or none, and gives the messages that must go out now;
 * a crash before that leaves them in the outbox for the next start.
 *
 * Errors: `Conflict` when the desk has another version by now.
 */
export const commitTo =
  (sql: Sql) =>
  async ({ parts, holdings, groups, decided, stops, at }: Change, version: bigint): Promise<Committed> => {
    const messages = decided.flatMap(announced);
    const [result] = await sql.query<Result>(COMMIT, [
      JSON.stringify(parts.map((part) => partRow(part, at))),
      JSON.stringify(holdings.map((holding) => holdingRow(holding, at))),
      JSON.stringify(groups.map(groupRow)),
      JSON.stringify(decided.map(attemptRow)),
      JSON.stringify(messages.map(messageRow)),
      JSON.stringify(stops.map(stopRow)),
      version,
    ]);
    if (result === undefined) throw new Conflict(`the desk is not at version ${version} any more`);
    const seqs = new Map(result.sent.map(({ seq, messageId }) => [messageId, BigInt(seq)]));
    const rows = messages.flatMap(({ attemptId: _, ...message }) => {
      const seq = seqs.get(message.messageId);
      return seq === undefined ? [] : [{ ...message, seq }];
    });
    return { rows, version: result.version };
  };

/** The version that the desk has now; the first decider ever gives it one. */
export async function readVersion(sql: Sql): Promise<bigint> {
  await sql.query('insert into decider.desk (id, version) values (1, 0) on conflict do nothing');
  const [row] = await sql.query<{ version: bigint }>('select version from decider.desk where id = 1');
  if (row === undefined) throw new Error('decider.desk is empty');
  return row.version;
}
