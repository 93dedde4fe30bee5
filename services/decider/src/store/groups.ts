import type { Sql } from '@slipstream/db';
import { type ShareMicros, shares, usd } from '@slipstream/money';
import type { LeaderTrade, Side, Trace, TradingMode } from '@slipstream/proto';
import {
  type Group,
  type GroupPart,
  type GroupSource,
  type GroupStatus,
  groupIdOf,
  type Holding,
  holdingKey,
} from '../core/group.ts';

/** What the tables know of a batch of trades: which belong to a group already, and what the leaders hold. */
export type StoredFacts = {
  readonly grouped: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, ShareMicros>;
};

const READ_FACTS = `
select trade_id as "tradeId", null::text as "leaderId", null::text as "tokenId", null::bigint as "sizeMicros"
from decider.group_part where trade_id = any($1::text[])
union all
select null, p.leader_id, p.token_id, p.size_micros
from (select distinct * from unnest($2::text[], $3::text[]) as k(leader_id, token_id)) k
join decider.leader_position p using (leader_id, token_id)`;

type FactRow = {
  readonly tradeId: string | null;
  readonly leaderId: string | null;
  readonly tokenId: string | null;
  readonly sizeMicros: bigint | null;
};

/** One query for a whole batch. */
export async function readFacts(sql: Sql, trades: readonly LeaderTrade[]): Promise<StoredFacts> {
  const rows = await sql.query<FactRow>(READ_FACTS, [
    trades.map((t) => t.tradeId),
    trades.map((t) => t.leaderId),
    trades.map((t) => t.tokenId),
  ]);
  const held = new Map<string, ShareMicros>();
  for (const { leaderId, tokenId, sizeMicros } of rows)
    if (leaderId !== null && tokenId !== null && sizeMicros !== null)
      held.set(holdingKey(leaderId, tokenId), shares(sizeMicros));
  return { grouped: new Set(rows.flatMap((row) => row.tradeId ?? [])), held };
}

/** Rows travel as JSON objects named by column, so that one statement can take those of every table. */
export const partRow = (part: GroupPart, now: Date) => ({
  mode: part.mode,
  trade_id: part.tradeId,
  group_key: part.groupKey,
  seq: part.seq,
  size_micros: `${part.sizeMicros}`,
  notional_micros: `${part.notionalMicros}`,
  occurred_at: part.occurredAt,
  arrived_at: now,
});

export const holdingRow = (holding: Holding, now: Date) => ({
  leader_id: holding.leaderId,
  token_id: holding.tokenId,
  size_micros: `${holding.sizeMicros}`,
  updated_at: now,
});

export const groupRow = (group: Group) => ({
  mode: group.mode,
  group_key: group.groupKey,
  source: group.source,
  partition: group.partition,
  leader_id: group.leaderId,
  token_id: group.tokenId,
  condition_id: group.conditionId,
  side: group.side,
  status: group.status,
  opened_at: group.openedAt,
  due_at: group.dueAt,
  size_micros: `${group.sizeMicros}`,
  notional_micros: `${group.notionalMicros}`,
  part_count: group.tradeIds.length,
  occurred_at: group.occurredAt,
  detected_at: group.detectedAt,
  leader_held_micros: `${group.leaderHeldMicros}`,
  trace: group.trace,
  scaled_micros: group.buffered === null ? null : `${group.buffered.scaledMicros}`,
  buffered_at: group.buffered?.at ?? null,
  bucket_key: group.buffered?.bucketKey ?? null,
  below_min_exec: group.buffered?.belowMinExec ?? false,
});

type GroupRow = {
  readonly mode: TradingMode;
  readonly groupKey: string;
  readonly source: GroupSource;
  readonly partition: number;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly status: GroupStatus;
  readonly openedAt: Date;
  readonly dueAt: Date;
  readonly sizeMicros: bigint;
  readonly notionalMicros: bigint;
  readonly tradeIds: readonly string[];
  readonly leaderHeldMicros: bigint;
  readonly occurredAt: Date;
  readonly detectedAt: Date;
  readonly trace: Trace;
  readonly scaledMicros: bigint | null;
  readonly bufferedAt: Date | null;
  readonly bucketKey: string | null;
  readonly belowMinExec: boolean;
};

/**
 * The trades of a group that came out of a bucket are those of every group that went into it. Of those that went in at
 * one instant the one that named the bucket was the first.
 */
const READ_OPEN = `
select g.mode, g.group_key as "groupKey", g.source, g.partition, g.leader_id as "leaderId", g.token_id as "tokenId",
  g.condition_id as "conditionId", g.side, g.status, g.opened_at as "openedAt", g.due_at as "dueAt",
  g.size_micros as "sizeMicros", g.notional_micros as "notionalMicros", g.leader_held_micros as "leaderHeldMicros",
  g.occurred_at as "occurredAt", g.detected_at as "detectedAt", g.trace, g.scaled_micros as "scaledMicros",
  g.buffered_at as "bufferedAt", g.bucket_key as "bucketKey", g.below_min_exec as "belowMinExec",
  array(select p.trade_id
    from decider.leader_group m join decider.group_part p on p.mode = m.mode and p.group_key = m.group_key
    where m.mode = g.mode and (m.group_key = g.group_key or (g.source = 'BUFFER' and m.bucket_key = g.group_key))
    order by m.buffered_at, m.group_key <> m.bucket_key, m.due_at, m.group_key, p.seq) as "tradeIds"
from decider.leader_group g where g.status <> 'DONE' and g.partition = any($1::int[])
order by g.buffered_at nulls first, g.group_key <> g.bucket_key, g.due_at, g.group_key`;

const groupOf = ({ scaledMicros, bufferedAt, bucketKey, belowMinExec, ...row }: GroupRow): Group => ({
  ...row,
  status: row.status === 'BUFFERED' ? 'BUFFERED' : 'OPEN',
  wakeAt: row.dueAt,
  waitingSince: null,
  sizeMicros: shares(row.sizeMicros),
  notionalMicros: usd(row.notionalMicros),
  leaderHeldMicros: shares(row.leaderHeldMicros),
  buffered:
    scaledMicros === null || bufferedAt === null || bucketKey === null
      ? null
      : { scaledMicros: usd(scaledMicros), at: bufferedAt, bucketKey, belowMinExec },
});

/**
 * Every group of these partitions that is not decided yet. One that waited for market data begins its wait anew: the
 * request for a book died with the process that made it.
 */
export async function readOpenGroups(sql: Sql, partitions: readonly number[]): Promise<readonly Group[]> {
  return (await sql.query<GroupRow>(READ_OPEN, [partitions])).map(groupOf);
}

/** Which of these groups are stored already, whatever became of them; by `groupIdOf`, since an exit has one key in both modes. */
export async function readKnown(sql: Sql, groups: readonly Group[]): Promise<ReadonlySet<string>> {
  if (groups.length === 0) return new Set();
  const rows = await sql.query<Pick<Group, 'mode' | 'groupKey'>>(
    'select g.mode, g.group_key as "groupKey" from decider.leader_group g join unnest($1::text[], $2::text[]) as w(mode, group_key) using (mode, group_key)',
    [groups.map(({ mode }) => mode), groups.map(({ groupKey }) => groupKey)],
  );
  return new Set(rows.map(groupIdOf));
}
