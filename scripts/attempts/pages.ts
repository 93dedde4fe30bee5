import type { Database } from '@slipstream/db';
import type { TradingMode } from '@slipstream/proto';
import type { Plain } from '../../services/decider/src/core/replay.ts';

/** Attempts read at once: with their inputs about a megabyte, however many there are. */
const PAGE_ROWS = 500;

/** Which attempts: of one mode, in a span of decision times, of one leader or of all. */
export type Window = {
  readonly mode: TradingMode;
  readonly scope: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly leaderId: string | null;
};

/** A stored attempt as far as its inputs determine it; micros as text. */
export type AttemptRow = {
  readonly attemptId: string;
  readonly mode: TradingMode;
  readonly scope: string;
  readonly leaderId: string;
  readonly groupKey: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: string;
  readonly decision: 'EXECUTE' | 'SKIP';
  readonly reasons: readonly string[];
  readonly details: readonly string[];
  readonly leaderSizeMicros: string;
  readonly leaderNotionalMicros: string;
  readonly leaderPriceMicros: string;
  readonly targetNotionalMicros: string | null;
  readonly targetSizeMicros: string | null;
  readonly limitPriceMicros: string | null;
  readonly intentId: string | null;
  readonly configVersion: number;
  readonly occurredAt: Date;
  readonly decidedAt: Date;
  readonly tradeCount: number;
  readonly inputs: Plain;
  /** When it was decided by the machine's clock, which tells the order of those that were decided at one instant. */
  readonly stamp: bigint;
};

const READ = `
select * from (
  select a.attempt_id as "attemptId", a.mode, a.scope, a.leader_id as "leaderId", a.group_key as "groupKey",
    a.token_id as "tokenId", a.condition_id as "conditionId", a.side, a.decision, a.reasons, a.details,
    a.leader_size_micros::text as "leaderSizeMicros", a.leader_notional_micros::text as "leaderNotionalMicros",
    a.leader_price_micros::text as "leaderPriceMicros", a.target_notional_micros::text as "targetNotionalMicros",
    a.target_size_micros::text as "targetSizeMicros", a.limit_price_micros::text as "limitPriceMicros",
    a.intent_id as "intentId", a.config_version as "configVersion", a.occurred_at as "occurredAt",
    a.decided_at as "decidedAt", cardinality(a.trade_ids) as "tradeCount", a.inputs,
    coalesce((a.hops->>'decided')::bigint, 0) as stamp
  from decider.copy_attempt a
  where a.mode = $1 and ($2::text is null or a.scope = $2) and ($3::text is null or a.leader_id = $3)
    and a.decided_at >= coalesce($6::timestamptz, $4::timestamptz, '-infinity')
    and a.decided_at < coalesce($5::timestamptz, 'infinity')
) attempt
where $6::timestamptz is null or ("decidedAt", stamp, "attemptId") > ($6::timestamptz, $7::bigint, $8::text)
order by "decidedAt", stamp, "attemptId"
limit ${PAGE_ROWS}`;

/** The attempts of a window in the order in which they were decided, page by page: one page is in memory at a time. */
export async function* attemptPages(db: Database, window: Window): AsyncGenerator<readonly AttemptRow[]> {
  const { mode, scope, leaderId, since, until } = window;
  let last: AttemptRow | undefined;
  for (;;) {
    const after = [last?.decidedAt ?? null, last?.stamp.toString() ?? null, last?.attemptId ?? null];
    const rows = await db.query<AttemptRow>(READ, [mode, scope, leaderId, since, until, ...after]);
    if (rows.length > 0) yield rows;
    // Every page begins behind the one before it, and the first short one is the last.
    if (rows.length < PAGE_ROWS) return;
    last = rows.at(-1);
  }
}
