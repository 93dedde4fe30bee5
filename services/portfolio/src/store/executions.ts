import { insertRows, type Sql } from '@slipstream/db';
import type { Hops, OrderStatus, ReasonCode, TradingMode } from '@slipstream/proto';
import type { OrderLink } from '../core/live-fill.ts';

type Attempt = {
  readonly attemptId: string;
  readonly mode: TradingMode;
  readonly scope: string;
  readonly intentId: string;
  readonly orderId: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly hops: Hops;
};

/** What newly booked fills add to one attempt. */
export type FillFacts = Attempt & {
  readonly sizeMicros: bigint;
  readonly notionalMicros: bigint;
  readonly feeMicros: bigint;
  readonly bookedFills: number;
  readonly executedAt: Date;
};

/** What the latest event says of one attempt's order. */
export type OrderFacts = Attempt & {
  readonly status: OrderStatus;
  readonly reason: ReasonCode | null;
  /** Null until the order has ended: before that nobody knows how many fills it will have. */
  readonly fillCount: number | null;
  readonly at: Date;
};

const COLUMNS = [
  ['attempt_id', 'text'],
  ['mode', 'text'],
  ['scope', 'text'],
  ['intent_id', 'text'],
  ['order_id', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['status', 'text'],
  ['reason', 'text'],
  ['filled_size_micros', 'bigint'],
  ['filled_notional_micros', 'bigint'],
  ['fee_micros', 'bigint'],
  ['fill_count', 'integer'],
  ['booked_fills', 'integer'],
  ['final', 'boolean'],
  ['order_at', 'timestamptz'],
  ['executed_at', 'timestamptz'],
  ['booked_at', 'timestamptz'],
  ['hops', 'jsonb'],
] as const;

/** Every writer takes the rows in this order, so that two of them never wait for each other. */
const byAttempt = <A extends Attempt>(facts: readonly A[]): A[] =>
  [...facts].sort((a, b) => (a.attemptId < b.attemptId ? -1 : 1));

const identity = (a: Attempt): readonly unknown[] => [
  a.attemptId,
  a.mode,
  a.scope,
  a.intentId,
  a.orderId,
  a.leaderId,
  a.tokenId,
];

const ADD_FILLS = `on conflict (attempt_id) do update set
  filled_size_micros = attempt_execution.filled_size_micros + excluded.filled_size_micros,
  filled_notional_micros = attempt_execution.filled_notional_micros + excluded.filled_notional_micros,
  fee_micros = attempt_execution.fee_micros + excluded.fee_micros,
  booked_fills = attempt_execution.booked_fills + excluded.booked_fills,
  final = coalesce(attempt_execution.booked_fills + excluded.booked_fills >= attempt_execution.fill_count, false),
  executed_at = greatest(attempt_execution.executed_at, excluded.executed_at),
  booked_at = excluded.booked_at, hops = attempt_execution.hops || excluded.hops`;

/** Adds what was just booked, in the transaction that booked it. At most one fact per attempt. */
export async function addFills(sql: Sql, facts: readonly FillFacts[], now: Date): Promise<void> {
  const rows = byAttempt(facts).map((f) => [
    ...identity(f),
    'PENDING',
    null,
    f.sizeMicros,
    f.notionalMicros,
    f.feeMicros,
    null,
    f.bookedFills,
    false,
    null,
    f.executedAt,
    now,
    f.hops,
  ]);
  await insertRows(sql, 'portfolio.attempt_execution', COLUMNS, rows, ADD_FILLS);
}

/** Takes reversed fills out of the figures of their attempts, in the transaction that reversed them. */
export async function takeBackFills(
  sql: Sql,
  facts: readonly Pick<FillFacts, 'attemptId' | 'sizeMicros' | 'notionalMicros' | 'feeMicros'>[],
  now: Date,
): Promise<void> {
  if (facts.length === 0) return;
  await sql.query(
    `update portfolio.attempt_execution a set filled_size_micros = a.filled_size_micros - v.size,
       filled_notional_micros = a.filled_notional_micros - v.notional, fee_micros = a.fee_micros - v.fee, booked_at = $5
     from (select attempt_id, sum(size) as size, sum(notional) as notional, sum(fee) as fee
       from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) as u(attempt_id, size, notional, fee)
       group by attempt_id) v
     where a.attempt_id = v.attempt_id`,
    [
      facts.map((f) => f.attemptId),
      facts.map((f) => f.sizeMicros),
      facts.map((f) => f.notionalMicros),
      facts.map((f) => f.feeMicros),
      now,
    ],
  );
}

/** An order that has ended is not moved by anything later, and a late step never moves it back. */
const MOVE_ORDER = `on conflict (attempt_id) do update set
  status = excluded.status, reason = excluded.reason, fill_count = excluded.fill_count,
  order_at = excluded.order_at, booked_at = excluded.booked_at,
  final = coalesce(attempt_execution.booked_fills >= excluded.fill_count, false),
  hops = excluded.hops || attempt_execution.hops
  where attempt_execution.fill_count is null
    and (excluded.fill_count is not null or attempt_execution.order_at is null
      or excluded.order_at >= attempt_execution.order_at)`;

/** Moves the orders of attempts to their latest step. At most one fact per attempt. */
export async function moveOrders(sql: Sql, facts: readonly OrderFacts[], now: Date): Promise<void> {
  const rows = byAttempt(facts).map((f) => [
    ...identity(f),
    f.status,
    f.reason,
    0n,
    0n,
    0n,
    f.fillCount,
    0,
    f.fillCount === 0,
    f.at,
    null,
    now,
    f.hops,
  ]);
  await insertRows(sql, 'portfolio.attempt_execution', COLUMNS, rows, MOVE_ORDER);
}

/** Whose each of these orders of a wallet is, by order id; what is missing nobody has announced. */
export async function readOrderLinks(
  sql: Sql,
  scope: string,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, OrderLink>> {
  const rows = await sql.query<{
    order_id: string;
    attempt_id: string;
    intent_id: string;
    leader_id: string;
  }>(
    `select order_id, attempt_id, intent_id, leader_id from portfolio.attempt_execution
     where mode = 'LIVE' and scope = $1 and order_id = any($2::text[])`,
    [scope, orderIds],
  );
  return new Map(
    rows.map((row) => [
      row.order_id,
      { attemptId: row.attempt_id, intentId: row.intent_id, leaderId: row.leader_id },
    ]),
  );
}
