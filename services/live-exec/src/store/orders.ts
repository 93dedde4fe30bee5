import { type Insert, type OutboxMessage, type OutboxRow, outboxOf, type Sql } from '@slipstream/db';
import type { OrderStatus, ReasonCode, Side, Trace } from '@slipstream/proto';
import type { LiveOrder, StoredSignature } from '../core/order.ts';
import { hourOf } from './facts.ts';

export const liveOutbox = outboxOf('live');

const COLUMNS = [
  ['idempotency_key', 'text'],
  ['order_id', 'text'],
  ['scope', 'text'],
  ['state', 'text'],
  ['intent_id', 'text'],
  ['attempt_id', 'text'],
  ['leader_id', 'text'],
  ['token_id', 'text'],
  ['condition_id', 'text'],
  ['side', 'text'],
  ['status', 'text'],
  ['version', 'integer'],
  ['reason', 'text'],
  ['code', 'text'],
  ['order_type', 'text'],
  ['limit_price_micros', 'bigint'],
  ['leader_price_micros', 'bigint'],
  ['price_micros', 'bigint'],
  ['size_micros', 'bigint'],
  ['maker_micros', 'bigint'],
  ['taker_micros', 'bigint'],
  ['reserved_cash_micros', 'bigint'],
  ['reserved_shares_micros', 'bigint'],
  ['filled_size_micros', 'bigint'],
  ['filled_notional_micros', 'bigint'],
  ['fee_micros', 'bigint'],
  ['fill_count', 'integer'],
  ['signed', 'jsonb'],
  ['sends', 'integer'],
  ['claimed_at', 'timestamptz'],
  ['expires_at', 'timestamptz'],
  ['ask_at', 'timestamptz'],
  ['settled_at', 'timestamptz'],
  ['book', 'jsonb'],
  ['trace', 'jsonb'],
] as const;

const rowOf = (o: LiveOrder): readonly unknown[] => [
  o.idempotencyKey,
  o.orderId,
  o.scope,
  o.state,
  o.intentId,
  o.attemptId,
  o.leaderId,
  o.tokenId,
  o.conditionId,
  o.side,
  o.status,
  o.version,
  o.reason,
  o.code,
  o.orderType,
  o.limitPriceMicros,
  o.leaderPriceMicros,
  o.priceMicros,
  o.sizeMicros,
  o.makerMicros,
  o.takerMicros,
  o.reservedCashMicros,
  o.reservedSharesMicros,
  o.filledSizeMicros,
  o.filledNotionalMicros,
  o.feeMicros,
  o.fillCount,
  o.signed,
  o.sends,
  o.claimedAt,
  o.expiresAt,
  o.askAt,
  o.settledAt,
  o.book,
  o.trace,
];

type Row = {
  readonly idempotency_key: string;
  readonly order_id: string;
  readonly scope: string;
  readonly state: 'SHADOW' | 'ON';
  readonly intent_id: string;
  readonly attempt_id: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly side: Side;
  readonly status: OrderStatus;
  readonly version: number;
  readonly reason: ReasonCode | null;
  readonly code: string | null;
  readonly order_type: LiveOrder['orderType'];
  readonly limit_price_micros: bigint;
  readonly leader_price_micros: bigint;
  readonly price_micros: bigint;
  readonly size_micros: bigint;
  readonly maker_micros: bigint;
  readonly taker_micros: bigint;
  readonly reserved_cash_micros: bigint;
  readonly reserved_shares_micros: bigint;
  readonly filled_size_micros: bigint;
  readonly filled_notional_micros: bigint;
  readonly fee_micros: bigint;
  readonly fill_count: number;
  readonly signed: StoredSignature | null;
  readonly sends: number;
  readonly claimed_at: Date;
  readonly expires_at: Date;
  readonly ask_at: Date | null;
  readonly settled_at: Date | null;
  readonly book: unknown;
  readonly trace: Trace;
};

const orderFrom = (r: Row): LiveOrder => ({
  idempotencyKey: r.idempotency_key,
  orderId: r.order_id,
  scope: r.scope,
  state: r.state,
  intentId: r.intent_id,
  attemptId: r.attempt_id,
  leaderId: r.leader_id,
  tokenId: r.token_id,
  conditionId: r.condition_id,
  side: r.side,
  status: r.status,
  version: r.version,
  reason: r.reason,
  code: r.code,
  orderType: r.order_type,
  limitPriceMicros: r.limit_price_micros,
  leaderPriceMicros: r.leader_price_micros,
  priceMicros: r.price_micros,
  sizeMicros: r.size_micros,
  makerMicros: r.maker_micros,
  takerMicros: r.taker_micros,
  reservedCashMicros: r.reserved_cash_micros,
  reservedSharesMicros: r.reserved_shares_micros,
  filledSizeMicros: r.filled_size_micros,
  filledNotionalMicros: r.filled_notional_micros,
  feeMicros: r.fee_micros,
  fillCount: r.fill_count,
  signed: r.signed,
  sends: r.sends,
  claimedAt: r.claimed_at,
  expiresAt: r.expires_at,
  askAt: r.ask_at,
  settledAt: r.settled_at,
  book: r.book,
  trace: r.trace,
});

const NAMES = COLUMNS.map(([name]) => name).join(', ');

/**
 * Writes orders that are claimed, and those that were planned or refused, with what they announce and what they spend.
 * Errors: a unique violation when one of them is there already, which the caller has excluded under the wallet's lock.
 */
export const insertOrders = (
  sql: Sql,
  orders: readonly LiveOrder[],
  spent: Insert,
  announce: (order: LiveOrder) => OutboxMessage,
): Promise<readonly OutboxRow[]> =>
  liveOutbox.append(sql, orders.map(announce), [
    spent,
    { table: 'live.live_order', columns: COLUMNS, rows: orders.map(rowOf) },
  ]);

/** One order; null when there is none of that id. */
export async function readOrder(sql: Sql, orderId: string): Promise<LiveOrder | null> {
  const [row] = await sql.query<Row>(`select ${NAMES} from live.live_order where order_id = $1`, [orderId]);
  return row === undefined ? null : orderFrom(row);
}

const MOVE = `
  moved as (
    update live.live_order set status = $3, version = $4, reason = $5, code = $6, reserved_cash_micros = $7,
      reserved_shares_micros = $8, filled_size_micros = $9, filled_notional_micros = $10, fee_micros = $11,
      fill_count = $12, ask_at = $13, settled_at = $14
    where order_id = $1 and version = $2 returning scope
  ), given_back as (
    update live.spending s set notional_micros = greatest(0, s.notional_micros - $16::bigint)
    from moved where s.scope = moved.scope and s.hour = $15 and $16::bigint <> 0
  )`;

/**
 * Stores an order's next step with what it announces, and gives dollars back to the limit of the day of its claim, all
 * at once; null, and nothing is done, when somebody else has moved the order on since it was read.
 */
export const moveOrder = (
  sql: Sql,
  { version: before }: LiveOrder,
  order: LiveOrder,
  givenBackMicros: bigint,
  announce: OutboxMessage,
): Promise<OutboxRow | null> =>
  liveOutbox.appendIf(
    sql,
    {
      ctes: MOVE,
      from: 'moved',
      params: [
        order.orderId,
        before,
        order.status,
        order.version,
        order.reason,
        order.code,
        order.reservedCashMicros,
        order.reservedSharesMicros,
        order.filledSizeMicros,
        order.filledNotionalMicros,
        order.feeMicros,
        order.fillCount,
        order.askAt,
        order.settledAt,
        hourOf(order.claimedAt),
        givenBackMicros,
      ],
    },
    announce,
  );

/**
 * When the exchange is asked next about an order that stays as it was read, and what was last answered to it; false when it
 * has moved on since.
 */
export async function putOff(
  sql: Sql,
  { orderId, version, code }: LiveOrder,
  askAt: Date | null,
): Promise<boolean> {
  const rows = await sql.query<{ order_id: string }>(
    'update live.live_order set ask_at = $3, code = $4 where order_id = $1 and version = $2 returning order_id',
    [orderId, version, askAt, code],
  );
  return rows.length > 0;
}

/** Nothing is left to ask about these orders, unless they have moved on since they were read. */
export const askNoMore = async (sql: Sql, orders: readonly LiveOrder[]): Promise<void> => {
  if (orders.length === 0) return;
  await sql.query(
    `update live.live_order o set ask_at = null from unnest($1::text[], $2::integer[]) known(order_id, version)
     where o.order_id = known.order_id and o.version = known.version`,
    [orders.map(({ orderId }) => orderId), orders.map(({ version }) => version)],
  );
};

/** When the exchange is to be asked about an order, whatever became of it meanwhile; nobody is told. */
export const putAsk = async (sql: Sql, orderId: string, askAt: Date | null): Promise<void> => {
  await sql.query('update live.live_order set ask_at = $2 where order_id = $1', [orderId, askAt]);
};

/**
 * Counts a send before it is made, so that a process that dies there does not send without end. The order is another one
 * then: who has sent it before, and is only now answered, finds that it was sent again. Null, and nothing may be
 * sent, when it has moved on since it was read.
 */
export async function countSend(sql: Sql, order: LiveOrder, askAt: Date): Promise<LiveOrder | null> {
  const [row] = await sql.query<{ sends: number; version: number }>(
    `update live.live_order set ask_at = $3, sends = sends + 1, version = version + 1
     where order_id = $1 and version = $2 returning sends, version`,
    [order.orderId, order.version, askAt],
  );
  return row === undefined ? null : { ...order, ...row, askAt };
}

/** A send that the exchange held back was none: it has proved that it did not take the order. */
export const uncountSend = async (sql: Sql, orderId: string): Promise<void> => {
  await sql.query('update live.live_order set sends = greatest(0, sends - 1) where order_id = $1', [orderId]);
};

/**
 * Orders whose turn it is to be asked about. Each is put off by `leaseMs` in the same statement, so that a second
 * replica asks about others, and a question that is lost with its process comes up again.
 */
export const leaseDue = async (
  sql: Sql,
  scope: string,
  now: Date,
  leaseMs: number,
  limit: number,
): Promise<readonly LiveOrder[]> =>
  (
    await sql.query<Row>(
      `update live.live_order o set ask_at = $3 from (
         select order_id from live.live_order where scope = $1 and ask_at <= $2 order by ask_at limit $4
         for update skip locked) due
       where o.order_id = due.order_id returning ${NAMES.split(', ')
         .map((name) => `o.${name}`)
         .join(', ')}`,
      [scope, now, new Date(now.getTime() + leaseMs), limit],
    )
  ).map(orderFrom);

/** Marks orders that the exchange spoke of, so that it is asked about them soon. Gives how many were marked. */
export async function hearOf(
  sql: Sql,
  scope: string,
  heard: readonly { readonly orderId: string; readonly sizeMatchedMicros: bigint; readonly ended: boolean }[],
  askAt: Date,
): Promise<number> {
  const marked = await sql.query<{ order_id: string }>(
    `update live.live_order o set ask_at = $5
     from unnest($2::text[], $3::bigint[], $4::boolean[]) h(order_id, matched, ended)
     where o.scope = $1 and o.order_id = h.order_id and o.state = 'ON'
       and (o.filled_size_micros < h.matched or (h.ended and o.settled_at is null))
       and (o.ask_at is null or o.ask_at > $5)
     returning o.order_id`,
    [
      scope,
      heard.map(({ orderId }) => orderId),
      heard.map(({ sizeMatchedMicros }) => sizeMatchedMicros),
      heard.map(({ ended }) => ended),
      askAt,
    ],
  );
  return marked.length;
}

/** Orders cancelled at once. */
const OPEN_ORDERS_MAX = 1_000;

/** What may still rest at the exchange, for one leader or for all of them (null). */
export const openOrdersOf = async (
  sql: Sql,
  scope: string,
  leaderId: string | null,
): Promise<readonly string[]> =>
  (
    await sql.query<{ order_id: string }>(
      `select order_id from live.live_order where scope = $1 and ($2::text is null or leader_id = $2) and state = 'ON'
         and settled_at is null limit ${OPEN_ORDERS_MAX}`,
      [scope, leaderId],
    )
  ).map((row) => row.order_id);
