import type { Sql } from '@slipstream/db';
import { type ShareMicros, shares, usd } from '@slipstream/money';
import { attemptIdOf, type LeaderTrade, type Side, type Trace, type TradingMode } from '@slipstream/proto';
import { type Group, type GroupPart, type GroupStatus, type Holding, holdingKey } from '../core/group.ts';
import type { Scopes } from '../core/route.ts';

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
  group_key: group.groupKey,
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
});

type GroupRow = {
  readonly groupKey: string;
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
};

const READ_OPEN = `
select g.group_key as "groupKey", g.leader_id as "leaderId", g.token_id as "tokenId", g.condition_id as "conditionId",
  g.side, g.status, g.opened_at as "openedAt", g.due_at as "dueAt", g.size_micros as "sizeMicros",
  g.notional_micros as "notionalMicros", g.leader_held_micros as "leaderHeldMicros", g.occurred_at as "occurredAt",
  g.detected_at as "detectedAt", g.trace,
  array(select p.trade_id from decider.group_part p where p.group_key = g.group_key order by p.seq) as "tradeIds"
from decider.leader_group g where g.status <> 'DONE' order by g.due_at, g.group_key`;

const READ_DECIDED =
  'select attempt_id as "attemptId" from decider.copy_attempt where attempt_id = any($1::text[])';

/**
 * Every group that is not decided yet, with the modes that already are. One that waited for market data begins its
 * wait anew: the request for a book died with the process that made it.
 */
export async function readOpenGroups(sql: Sql, scopes: Scopes): Promise<readonly Group[]> {
  const rows = await sql.query<GroupRow>(READ_OPEN);
  const attempts = new Map<string, { readonly groupKey: string; readonly mode: TradingMode }>();
  for (const { groupKey, leaderId } of rows)
    for (const [mode, scope] of scopes)
      attempts.set(attemptIdOf(mode, scope, leaderId, groupKey), { groupKey, mode });
  const decided = await sql.query<{ attemptId: string }>(READ_DECIDED, [[...attempts.keys()]]);
  const modes = new Map<string, TradingMode[]>();
  for (const { attemptId } of decided) {
    const attempt = attempts.get(attemptId);
    if (attempt) modes.set(attempt.groupKey, [...(modes.get(attempt.groupKey) ?? []), attempt.mode]);
  }
  return rows.map((row) => ({
    ...row,
    status: 'OPEN',
    wakeAt: row.dueAt,
    waitingSince: null,
    sizeMicros: shares(row.sizeMicros),
    notionalMicros: usd(row.notionalMicros),
    leaderHeldMicros: shares(row.leaderHeldMicros),
    decidedModes: modes.get(row.groupKey) ?? [],
  }));
}
