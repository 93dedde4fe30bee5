import type { Sql } from '@slipstream/db';
import type { TradingMode } from '@slipstream/proto';
import type { Window } from '../../core/quality-window.ts';

/** Whose copies, of which trades, in which mode. */
type Question = {
  readonly leaders: readonly string[];
  readonly window: Window;
  readonly tradingMode: TradingMode;
};

/** The question, and between which instants its trades were decided: see `asking`. */
export type Asked = Question & { readonly decidedFrom: Date; readonly decidedTo: Date };

/** The clocks of two services may differ by this much. */
const CLOCK_SKEW = '1 minute';
/** A trade is decided within this after we saw it, or counts as not decided: it bounds what is read of old windows. */
const DECISION_WAIT_MAX = '7 days';

/** The parts of leader trades that are asked about, along the index (leader_id, occurred_at, trade_id). */
const TRADES = `ingest.leader_trade
  where leader_id = any($1::text[]) and occurred_at >= $2::timestamptz and occurred_at < $3::timestamptz
    and not baseline`;

/**
 * Finds out between which instants the trades can have been decided: not before we saw the first, not long after we
 * saw the last. Asked beforehand, so that the planner of the statements that follow knows how many attempts to expect.
 */
export async function asking(sql: Sql, question: Question): Promise<Asked> {
  const { leaders, window } = question;
  const [row] = await sql.query<{ readonly from: Date | null; readonly to: Date | null }>(
    `select min(detected_at) - interval '${CLOCK_SKEW}' as from, max(detected_at) + interval '${DECISION_WAIT_MAX}' as to
    from ${TRADES}`,
    [leaders, window.since, window.until],
  );
  return { ...question, decidedFrom: row?.from ?? window.until, decidedTo: row?.to ?? window.since };
}

const SEEN = `seen as materialized (
  select trade_id, base_id, part, leader_id, source, notional_micros,
    (extract(epoch from detected_at - occurred_at) * 1000)::float8 as unseen_ms
  from ${TRADES}
)`;

/**
 * The attempts that can be about these trades, each with its order, along the index (leader_id, decided_at, …). What
 * an attempt is about stands in its `trade_ids` alone: groups take several trades, and buffers several groups.
 */
const ATTEMPT = `attempt as (
  select a.attempt_id, a.leader_id, a.side, a.decision, a.reasons, a.trade_ids, a.leader_price_micros,
    a.target_notional_micros, a.target_size_micros, a.decided_at, a.hops || coalesce(e.hops, '{}') as hops, e.status,
    e.reason as order_reason, coalesce(e.final, false) as final,
    coalesce(e.filled_size_micros, 0) as filled_size_micros,
    coalesce(e.filled_notional_micros, 0) as filled_notional_micros, coalesce(e.fee_micros, 0) as fee_micros
  from decider.copy_attempt a
  left join portfolio.attempt_execution e on e.attempt_id = a.attempt_id
  where a.leader_id = any($1::text[]) and a.mode = $4
    and a.decided_at >= $5::timestamptz and a.decided_at <= $6::timestamptz
)`;

/** An attempt belongs to the window of its first trade, so that two windows side by side never count it twice. */
const OWN = `own as (
  select a.*, s.source, s.unseen_ms from attempt a join seen s on s.trade_id = a.trade_ids[1]
)`;

/** How every statement about quality begins: `seen`, `attempt` and `own`, with the values of `valuesOf`. */
export const WITH_SEEN = `with ${SEEN}, ${ATTEMPT}, ${OWN}`;

export const valuesOf = ({ leaders, window, tradingMode, ...asked }: Asked): readonly unknown[] => [
  leaders,
  window.since,
  window.until,
  tradingMode,
  asked.decidedFrom,
  asked.decidedTo,
];

/** How many of the rows lie in each bucket between ascending edges, as `buckets` takes them. */
export function countsBetween(value: string, edges: readonly (bigint | number)[]): string {
  const counts = [...edges, null].map((below, i) => {
    const from = edges[i - 1];
    const inside = [
      ...(from === undefined ? [] : [`${value} >= ${from}`]),
      ...(below === null ? [] : [`${value} < ${below}`]),
    ];
    return `count(*) filter (where ${inside.join(' and ')})`;
  });
  return `array[${counts.join(', ')}]::int[]`;
}

/** The rows of each leader. */
export const byLeader = <R extends { readonly leader_id: string }>(
  rows: readonly R[],
): ReadonlyMap<string, R> => new Map(rows.map((row) => [row.leader_id, row]));
