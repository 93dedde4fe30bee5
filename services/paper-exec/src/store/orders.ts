import {
  type Database,
  insertRows,
  type OutboxMessage,
  type OutboxRow,
  outboxOf,
  type Sql,
  type TxOptions,
} from '@slipstream/db';
import { type PriceMicros, price, type ShareMicros, shares, usd } from '@slipstream/money';
import type { Side, Trace } from '@slipstream/proto';
import type { BookUsed, Outcome } from '../core/execute-batch.ts';
import type { PendingOrder } from '../core/order.ts';

const outbox = outboxOf('paper');

const ORDER_COLUMNS = [
  ['order_id', 'text'],
  ['intent_id', 'text'],
  ['attempt_id', 'text'],
  ['scope', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['side', 'text'],
  ['status', 'text'],
  ['limit_price_micros', 'bigint'],
  ['leader_price_micros', 'bigint'],
  ['target_size_micros', 'bigint'],
  ['target_notional_micros', 'bigint'],
  ['size_micros', 'bigint'],
  ['filled_size_micros', 'bigint'],
  ['filled_notional_micros', 'bigint'],
  ['fee_micros', 'bigint'],
  ['fill_count', 'integer'],
  ['received_at', 'timestamptz'],
  ['due_at', 'timestamptz'],
  ['expires_at', 'timestamptz'],
  ['trace', 'jsonb'],
] as const;

const orderRow = (o: PendingOrder): readonly unknown[] => [
  o.orderId,
  o.intentId,
  o.attemptId,
  o.scope,
  o.leaderId,
  o.tokenId,
  o.conditionId,
  o.side,
  'PENDING',
  o.limitPriceMicros,
  o.leaderPriceMicros,
  o.targetSizeMicros,
  o.targetNotionalMicros,
  o.targetSizeMicros,
  0n,
  0n,
  0n,
  0,
  o.receivedAt,
  o.dueAt,
  o.expiresAt,
  o.trace,
];

type PendingRow = {
  readonly order_id: string;
  readonly intent_id: string;
  readonly attempt_id: string;
  readonly scope: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly side: Side;
  readonly limit_price_micros: bigint;
  readonly leader_price_micros: bigint;
  readonly target_size_micros: bigint;
  readonly target_notional_micros: bigint;
  readonly received_at: Date;
  readonly due_at: Date;
  readonly expires_at: Date;
  readonly trace: Trace;
};

const pendingFrom = (row: PendingRow): PendingOrder => ({
  orderId: row.order_id,
  intentId: row.intent_id,
  attemptId: row.attempt_id,
  scope: row.scope,
  leaderId: row.leader_id,
  tokenId: row.token_id,
  conditionId: row.condition_id,
  side: row.side,
  limitPriceMicros: price(row.limit_price_micros),
  leaderPriceMicros: price(row.leader_price_micros),
  targetSizeMicros: shares(row.target_size_micros),
  targetNotionalMicros: usd(row.target_notional_micros),
  receivedAt: row.received_at,
  dueAt: row.due_at,
  expiresAt: row.expires_at,
  trace: row.trace,
});

const PENDING =
  'select order_id, intent_id, attempt_id, scope, leader_id, token_id, condition_id, side, limit_price_micros, ' +
  'leader_price_micros, target_size_micros, target_notional_micros, received_at, due_at, expires_at, trace ' +
  `from paper.paper_order where status = 'PENDING'`;

/** Orders that wait, the earliest due first; what a restart arms again, a page at a time. */
export const readPending = async (
  sql: Sql,
  afterDue: Date,
  afterId: string,
  limit: number,
): Promise<PendingOrder[]> =>
  (
    await sql.query<PendingRow>(
      `${PENDING} and (due_at, order_id) > ($1, $2) order by due_at, order_id limit $3`,
      [afterDue, afterId, limit],
    )
  ).map(pendingFrom);

/** What became of accepting intents. */
export type Accepted = {
  /** Every order of these intents that still waits, whether it was stored now or by an earlier delivery. */
  readonly waiting: readonly PendingOrder[];
  readonly stored: number;
  readonly outbox: readonly OutboxRow[];
};

/** Stores each order once, by its intent's id, with the message that announces it, in one transaction. */
export const acceptOrders = (
  db: Database,
  orders: readonly PendingOrder[],
  announce: (order: PendingOrder) => OutboxMessage,
): Promise<Accepted> =>
  db.tx(async (sql) => {
    const inserted = await insertRows<{ order_id: string }>(
      sql,
      'paper.paper_order',
      ORDER_COLUMNS,
      orders.map(orderRow),
      'on conflict do nothing returning order_id',
    );
    const fresh = new Set(inserted.map((row) => row.order_id));
    // One batch may hold an intent twice; the first is the one that was inserted.
    const stored = [...new Map(orders.toReversed().map((order) => [order.orderId, order])).values()]
      .filter((order) => fresh.has(order.orderId))
      .toReversed();
    const repeated = orders.map((order) => order.orderId).filter((id) => !fresh.has(id));
    const known =
      repeated.length === 0
        ? []
        : (await sql.query<PendingRow>(`${PENDING} and order_id = any($1::text[])`, [repeated])).map(
            pendingFrom,
          );
    return {
      waiting: [...stored, ...known],
      stored: stored.length,
      outbox: await outbox.append(sql, stored.map(announce)),
    };
  });

/** One lock for all executions, so that cash and shares are checked by one after the other. */
export const EXECUTING = { lock: { space: 727_074, key: 0 } } as const satisfies TxOptions;

/** Which of these orders still wait, asked by the one transaction that executes (`EXECUTING`). */
export async function readStillPending(sql: Sql, orderIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ order_id: string }>(
    `select order_id from paper.paper_order where order_id = any($1::text[]) and status = 'PENDING'`,
    [orderIds],
  );
  return new Set(rows.map((row) => row.order_id));
}

const FILL_COLUMNS = [
  ['fill_id', 'text'],
  ['order_id', 'text'],
  ['level', 'integer'],
  ['token_id', 'text'],
  ['side', 'text'],
  ['price_micros', 'bigint'],
  ['size_micros', 'bigint'],
  ['notional_micros', 'bigint'],
  ['fee_micros', 'bigint'],
  ['executed_at', 'timestamptz'],
] as const;

const FINISH = `update paper.paper_order o
  set status = v.status, reason = v.reason, size_micros = v.size, filled_size_micros = v.filled,
    filled_notional_micros = v.notional, fee_micros = v.fee, fill_count = v.fills, executed_at = $9,
    book = v.book::jsonb
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
    $8::integer[], $10::text[]) as v(order_id, status, reason, size, filled, notional, fee, fills, book)
  where o.order_id = v.order_id and o.status = 'PENDING'`;

/** Writes the outcomes with their fills and their messages; in the transaction that executes (`EXECUTING`). */
export async function finishOrders(
  sql: Sql,
  outcomes: readonly Outcome[],
  executedAt: Date,
  messages: readonly OutboxMessage[],
): Promise<OutboxRow[]> {
  const totals = outcomes.map((outcome) => outcome.totals);
  await sql.query(FINISH, [
    outcomes.map((outcome) => outcome.order.orderId),
    totals.map((t) => t.status),
    totals.map((t) => t.reason),
    totals.map((t) => t.sizeMicros),
    totals.map((t) => t.filledSizeMicros),
    totals.map((t) => t.filledNotionalMicros),
    totals.map((t) => t.feeMicros),
    totals.map((t) => t.fillCount),
    executedAt,
    outcomes.map((outcome) => (outcome.book === null ? null : JSON.stringify(outcome.book))),
  ]);
  const fills = outcomes.flatMap((outcome) =>
    outcome.fills.map((f, i) => [
      f.fillId,
      f.orderId,
      outcome.fillLevels[i] ?? 0,
      f.tokenId,
      f.side,
      f.priceMicros,
      f.sizeMicros,
      f.notionalMicros,
      f.feeMicros,
      executedAt,
    ]),
  );
  return outbox.append(sql, messages, [{ table: 'paper.paper_fill', columns: FILL_COLUMNS, rows: fills }]);
}

/** One past execution, as far as it bears on what we took of a book. */
export type PastExecution = {
  readonly tokenId: string;
  readonly side: Side;
  readonly limitPriceMicros: PriceMicros;
  readonly executedAt: Date;
  readonly book: BookUsed;
  readonly sizes: ReadonlyMap<number, ShareMicros>;
};

type PastRow = {
  readonly token_id: string;
  readonly side: Side;
  readonly limit_price_micros: bigint;
  readonly executed_at: Date;
  readonly book: BookUsed;
  readonly levels: readonly number[] | null;
  readonly sizes: readonly bigint[] | null;
};

/** Executions since an instant that met a book, in the order in which they happened. */
export async function readExecutionsSince(sql: Sql, since: Date): Promise<PastExecution[]> {
  const rows = await sql.query<PastRow>(
    `select o.token_id, o.side, o.limit_price_micros, o.executed_at, o.book, f.levels, f.sizes
     from paper.paper_order o, lateral (
       select array_agg(level order by level) as levels, array_agg(size_micros order by level) as sizes
       from paper.paper_fill where order_id = o.order_id) f
     where o.executed_at >= $1 and o.book is not null
     order by o.executed_at, o.due_at, o.received_at, o.order_id`,
    [since],
  );
  return rows.map((row) => ({
    tokenId: row.token_id,
    side: row.side,
    limitPriceMicros: price(row.limit_price_micros),
    executedAt: row.executed_at,
    book: row.book,
    sizes: new Map(row.levels?.map((level, i) => [level, shares(row.sizes?.[i] ?? 0n)])),
  }));
}

/** The paper outbox, for the relay. */
export const paperOutbox = (db: Database) => outbox.store(db);
