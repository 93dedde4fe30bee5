import type { Sql } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { PAPER_SCOPE, type Side, type TradingMode } from '@slipstream/proto';
import type { LedgerItem, LedgerQuery } from '@slipstream/proto/http';
import { keyCursor } from '../cursor.ts';
import { marketColumn, priceOrNull } from './columns.ts';
import { Conditions } from './conditions.ts';
import { leaderMeant } from './leader-filter.ts';
import { type Page, pageByKey, rowsToRead } from './page.ts';

type Row = {
  readonly entry_id: bigint;
  readonly mode: TradingMode;
  readonly scope: string;
  readonly ref_id: string;
  readonly entry_type: LedgerItem['entryType'];
  readonly leader_id: string | null;
  readonly token_id: string | null;
  readonly condition_id: string | null;
  readonly side: Side | null;
  readonly share_delta_micros: bigint;
  readonly cash_delta_micros: bigint;
  readonly fee_micros: bigint;
  readonly price_micros: bigint | null;
  readonly attempt_id: string | null;
  readonly order_id: string | null;
  readonly occurred_at: Date;
  readonly booked_at: Date;
};

const itemOf = (row: Row): LedgerItem => ({
  entryId: row.entry_id.toString(),
  tradingMode: row.mode,
  scope: row.scope,
  refId: row.ref_id,
  entryType: row.entry_type,
  leader: row.leader_id,
  tokenId: row.token_id,
  conditionId: row.condition_id,
  side: row.side,
  shareDeltaMicros: shares(row.share_delta_micros),
  cashDeltaMicros: usd(row.cash_delta_micros),
  feeMicros: usd(row.fee_micros),
  priceMicros: priceOrNull(row.price_micros),
  attemptId: row.attempt_id,
  orderId: row.order_id,
  occurredAt: row.occurred_at.toISOString(),
  bookedAt: row.booked_at.toISOString(),
});

/** Entry ids are 64-bit: 18 digits at most reach the database. */
const ENTRY_ID = /^\d{1,18}$/;

/** One page of bookings, the latest booked first. */
export async function readLedger(sql: Sql, asked: LedgerQuery): Promise<Page<LedgerItem>> {
  const where = new Conditions();
  where
    .when(asked.tradingMode ?? 'PAPER', (p) => `mode = ${p}`)
    .when(PAPER_SCOPE, (p) => `scope = ${p}`)
    .when(asked.entryType, (p) => `entry_type = ${p}`)
    .when(await leaderMeant(sql, asked.leader), (p) => `leader_id = ${p}`)
    .when(asked.market, (p) => `${marketColumn(asked.market ?? '')} = ${p}`)
    .when(asked.since, (p) => `booked_at >= ${p}::timestamptz`)
    .when(asked.until, (p) => `booked_at < ${p}::timestamptz`);
  if (asked.after !== undefined)
    where.also(`entry_id < ${where.value(keyCursor.decode('ledger', asked.after, ENTRY_ID))}::bigint`);
  const rows = await sql.query<Row>(
    `select entry_id, mode, scope, ref_id, entry_type, leader_id, token_id, condition_id, side, share_delta_micros,
      cash_delta_micros, fee_micros, price_micros, attempt_id, order_id, occurred_at, booked_at
    from portfolio.ledger_entry ${where.where()} order by entry_id desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByKey('ledger', rows, asked, itemOf, (row) => row.entry_id.toString());
}
