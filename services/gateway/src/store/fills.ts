import type { Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import { intentIdOf, paperOrderIdOf, type Side } from '@slipstream/proto';
import type { FillItem, FillsQuery } from '@slipstream/proto/http';
import { MARKET_COLUMNS, marketColumn, marketJoin } from './columns.ts';
import { Conditions } from './conditions.ts';
import { leaderMeant } from './leader-filter.ts';
import { afterTime, type Page, pageByTime, rowsToRead } from './page.ts';

/** An order takes one fill per level of a book, and books have fewer levels than this. */
const FILLS_OF_ORDER_MAX = 500;

type Row = {
  readonly fill_id: string;
  readonly order_id: string;
  readonly attempt_id: string;
  readonly leader_id: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly market: string | null;
  readonly outcome: string | null;
  readonly side: Side;
  readonly price_micros: bigint;
  readonly size_micros: bigint;
  readonly notional_micros: bigint;
  readonly fee_micros: bigint;
  readonly executed_at: Date;
};

const SELECT = `
  select f.fill_id, f.order_id, o.attempt_id, o.leader_id, f.token_id, o.condition_id, f.side, f.price_micros,
    f.size_micros, f.notional_micros, f.fee_micros, f.executed_at, ${MARKET_COLUMNS}
  from paper.paper_fill f
  join paper.paper_order o on o.order_id = f.order_id
  ${marketJoin('f')}`;

const itemOf = (row: Row): FillItem => ({
  id: row.fill_id,
  tradingMode: 'PAPER',
  orderId: row.order_id,
  attemptId: row.attempt_id,
  leader: row.leader_id,
  tokenId: row.token_id,
  conditionId: row.condition_id,
  market: row.market,
  outcome: row.outcome,
  side: row.side,
  priceMicros: price(row.price_micros),
  sizeMicros: shares(row.size_micros),
  notionalMicros: usd(row.notional_micros),
  feeMicros: usd(row.fee_micros),
  executedAt: row.executed_at.toISOString(),
});

/** One page of our fills, newest first. Live trading has none in this version. */
export async function readFills(sql: Sql, asked: FillsQuery): Promise<Page<FillItem>> {
  if (asked.tradingMode === 'LIVE') return { items: [], next: null };
  const where = new Conditions();
  where
    .when(await leaderMeant(sql, asked.leader), (p) => `o.leader_id = ${p}`)
    .when(asked.market, (p) => `o.${marketColumn(asked.market ?? '')} = ${p}`);
  if (asked.attempt !== undefined)
    where.also(`f.order_id = ${where.value(paperOrderIdOf(intentIdOf(asked.attempt)))}`);
  afterTime(where, 'fills', 'f.executed_at', 'f.fill_id', asked);
  const rows = await sql.query<Row>(
    `${SELECT} ${where.where()} order by f.executed_at desc, f.fill_id desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByTime('fills', rows, asked, itemOf, (row) => [row.executed_at, row.fill_id]);
}

/** The fills of one order, in the order of the levels that they took. */
export async function readFillsOfOrder(sql: Sql, orderId: string): Promise<FillItem[]> {
  const rows = await sql.query<Row>(`${SELECT} where f.order_id = $1 order by f.level limit $2`, [
    orderId,
    FILLS_OF_ORDER_MAX,
  ]);
  return rows.map(itemOf);
}
