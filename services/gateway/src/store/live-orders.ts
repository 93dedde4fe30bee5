import type { Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import type { OrderStatus, ReasonCode, Side } from '@slipstream/proto';
import type { LiveOrderItem, LiveOrdersQuery } from '@slipstream/proto/http';
import { instantOrNull, MARKET_COLUMNS, marketColumn, marketJoin } from './columns.ts';
import { Conditions } from './conditions.ts';
import { leaderMeant } from './leader-filter.ts';
import { afterTime, type Page, pageByTime, rowsToRead } from './page.ts';

type StoredLook =
  | {
      readonly kind: 'seen';
      readonly at: string;
      readonly bookAgeMs: number;
      readonly filledSizeMicros: string;
      readonly filledNotionalMicros: string;
      readonly feeMicros: string | null;
    }
  | { readonly kind: 'not-seen'; readonly at: string; readonly why: string };

type Row = {
  readonly order_id: string;
  readonly idempotency_key: string;
  readonly state: 'SHADOW' | 'ON';
  readonly attempt_id: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly market: string | null;
  readonly outcome: string | null;
  readonly side: Side;
  readonly status: OrderStatus;
  readonly reason: ReasonCode | null;
  readonly code: string | null;
  readonly order_type: LiveOrderItem['orderType'];
  readonly limit_price_micros: bigint;
  readonly price_micros: bigint;
  readonly size_micros: bigint;
  readonly filled_size_micros: bigint;
  readonly filled_notional_micros: bigint;
  readonly fee_micros: bigint;
  readonly sends: number;
  readonly shadow: StoredLook | null;
  readonly claimed_at: Date;
  readonly settled_at: Date | null;
};

// The signed order stays where it is: nobody needs it to see what became of it.
const SELECT = `
  select o.order_id, o.idempotency_key, o.state, o.attempt_id, o.leader_id, o.token_id, o.condition_id, o.side, o.status,
    o.reason, o.code, o.order_type, o.limit_price_micros, o.price_micros, o.size_micros, o.filled_size_micros,
    o.filled_notional_micros, o.fee_micros, o.sends, o.shadow, o.claimed_at, o.settled_at, ${MARKET_COLUMNS}
  from live.live_order o ${marketJoin('o')}`;

const lookOf = (look: StoredLook | null): LiveOrderItem['shadow'] => {
  if (look === null || look.kind === 'not-seen') return look;
  return {
    ...look,
    filledSizeMicros: shares(BigInt(look.filledSizeMicros)),
    filledNotionalMicros: usd(BigInt(look.filledNotionalMicros)),
    feeMicros: look.feeMicros === null ? null : usd(BigInt(look.feeMicros)),
  };
};

const itemOf = (row: Row): LiveOrderItem => ({
  id: row.order_id,
  state: row.state,
  attemptId: row.attempt_id,
  leader: row.leader_id,
  tokenId: row.token_id,
  conditionId: row.condition_id,
  market: row.market,
  outcome: row.outcome,
  side: row.side,
  status: row.status,
  reason: row.reason,
  code: row.code,
  orderType: row.order_type,
  limitPriceMicros: price(row.limit_price_micros),
  priceMicros: price(row.price_micros),
  sizeMicros: shares(row.size_micros),
  filledSizeMicros: shares(row.filled_size_micros),
  filledNotionalMicros: usd(row.filled_notional_micros),
  feeMicros: usd(row.fee_micros),
  sends: row.sends,
  shadow: lookOf(row.shadow),
  claimedAt: row.claimed_at.toISOString(),
  settledAt: instantOrNull(row.settled_at),
});

/** One page of what became of live intents, newest first. */
export async function readLiveOrders(sql: Sql, asked: LiveOrdersQuery): Promise<Page<LiveOrderItem>> {
  const where = new Conditions();
  where
    .when(asked.status, (p) => `o.status = ${p}`)
    .when(asked.attempt, (p) => `o.attempt_id = ${p}`)
    .when(await leaderMeant(sql, asked.leader), (p) => `o.leader_id = ${p}`)
    .when(asked.market, (p) => `o.${marketColumn(asked.market ?? '')} = ${p}`);
  afterTime(where, 'live-orders', 'o.claimed_at', 'o.idempotency_key', asked);
  const rows = await sql.query<Row>(
    `${SELECT} ${where.where()} order by o.claimed_at desc, o.idempotency_key desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByTime('live-orders', rows, asked, itemOf, (row) => [row.claimed_at, row.idempotency_key]);
}
