import type { OutboxMessage, OutboxRow, Sql } from '@slipstream/db';
import type { Group, GroupPart, Holding } from '../core/group.ts';
import { messagesOf } from '../messages.ts';
import { attemptRow, type Decided } from './attempts.ts';
import { groupRow, holdingRow, partRow } from './groups.ts';

/** Everything that one pass changes. */
export type Change = {
  readonly parts: readonly GroupPart[];
  readonly holdings: readonly Holding[];
  /** As they stand after the pass. */
  readonly groups: readonly Group[];
  readonly decided: readonly Decided[];
  readonly at: Date;
};

/**
 * One statement, so that a leader's trade waits for one answer of the database instead of eight; each table's rows are
 * one JSON list. An attempt that is there already was decided before: that is a success, and its messages are left out.
 */
const COMMIT = `
with parts as (
  insert into decider.group_part
  select * from json_populate_recordset(null::decider.group_part, $1)
), holdings as (
  insert into decider.leader_position
  select * from json_populate_recordset(null::decider.leader_position, $2)
  on conflict (leader_id, token_id) do update set size_micros = excluded.size_micros, updated_at = excluded.updated_at
), groups as (
  insert into decider.leader_group
  select * from json_populate_recordset(null::decider.leader_group, $3)
  on conflict (group_key) do update set status = excluded.status, size_micros = excluded.size_micros,
    notional_micros = excluded.notional_micros, part_count = excluded.part_count
), attempts as (
  insert into decider.copy_attempt
  select * from json_populate_recordset(null::decider.copy_attempt, $4)
  on conflict do nothing returning attempt_id
)
insert into decider.outbox (channel, subject, message_id, headers, payload)
select m.channel, m.subject, m.message_id, m.headers, m.payload
from json_to_recordset($5) as m(n int, attempt_id text, channel text, subject text, message_id text, headers jsonb, payload text)
join attempts a using (attempt_id) order by m.n
returning seq, message_id as "messageId"`;

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

/**
 * Stores parts, groups, attempts and their messages, all or none, and gives the messages that must go out now; a crash
 * before that leaves them in the outbox for the next start.
 *
 * Errors: a unique violation when a part has a group already, which only a second decider can cause: the batch then
 * comes again and finds it.
 */
export const commitTo =
  (sql: Sql) =>
  async ({ parts, holdings, groups, decided, at }: Change): Promise<readonly OutboxRow[]> => {
    const messages = decided.flatMap(announced);
    const stored = await sql.query<{ seq: bigint; messageId: string | null }>(COMMIT, [
      JSON.stringify(parts.map((part) => partRow(part, at))),
      JSON.stringify(holdings.map((holding) => holdingRow(holding, at))),
      JSON.stringify(groups.map(groupRow)),
      JSON.stringify(decided.map(attemptRow)),
      JSON.stringify(messages.map(messageRow)),
    ]);
    const seqs = new Map(stored.map(({ seq, messageId }) => [messageId, seq]));
    return messages.flatMap(({ attemptId: _, ...message }) => {
      const seq = seqs.get(message.messageId);
      return seq === undefined ? [] : [{ ...message, seq }];
    });
  };
