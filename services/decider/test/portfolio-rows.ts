import { PAPER_SCOPE, type TradingMode } from '@slipstream/proto';
import { CONDITION, LEADER, NOW, TOKEN } from './builders.ts';

type Sql = { query<R>(text: string, params?: readonly unknown[]): Promise<R[]> };

/** Writes what the portfolio would have written. */
export const portfolioRows = (sql: Sql) => ({
  execution: (attemptId: string, final: boolean): Promise<unknown> =>
    sql.query(
      `insert into portfolio.attempt_execution (attempt_id, mode, scope, intent_id, order_id, leader_id, token_id, status,
        filled_size_micros, filled_notional_micros, fee_micros, booked_fills, final, booked_at, hops)
       values ($1, 'PAPER', $2, 'ci', 'po', $3, $4, 'FILLED', 0, 0, 0, 0, $5, $6, '{}')`,
      [attemptId, PAPER_SCOPE, LEADER, TOKEN, final, NOW],
    ),

  account: (cash: bigint, version: bigint, mode: TradingMode = 'PAPER', scope = PAPER_SCOPE) =>
    sql.query(
      `insert into portfolio.account (mode, scope, cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version,
        updated_at) values ($5, $1, $2, $2, 0, 0, $3, $4)
       on conflict (mode, scope) do update set cash_micros = excluded.cash_micros, version = excluded.version`,
      [scope, cash, version, NOW, mode],
    ),

  position: (
    tokenId: string,
    size: bigint,
    mark: bigint | null,
    version: bigint,
    mode: TradingMode = 'PAPER',
    scope = PAPER_SCOPE,
  ) =>
    sql.query(
      `insert into portfolio.position (mode, scope, leader_id, token_id, condition_id, shares_micros, cost_micros,
        realized_pnl_micros, fees_micros, episode, opened_at, mark_micros, mark_at, mark_source, version, updated_at)
       values ($1, $2, $3, $4, $5, $6, 0, 0, 0, 1, $7::timestamptz, $8,
        case when $8::bigint is not null then $7::timestamptz end,
        case when $8::bigint is not null then 'BOOK' end, $9, $7::timestamptz)
       on conflict (mode, scope, leader_id, token_id) do update
        set shares_micros = excluded.shares_micros, mark_micros = excluded.mark_micros, mark_at = excluded.mark_at,
         mark_source = excluded.mark_source, version = excluded.version`,
      [mode, scope, LEADER, tokenId, CONDITION, size, NOW, mark, version],
    ),

  /** Realised less fees plus unrealised is the profit; null is not known. */
  snapshot: (
    bucketTime: string,
    [realized, unrealized, fees, peak]: readonly [bigint, bigint | null, bigint, bigint],
    leaderId: string | null = null,
    mode: TradingMode = 'PAPER',
  ) =>
    sql.query(
      `insert into portfolio.portfolio_snapshot (mode, scope, leader_id, bucket_time, cash_micros, exposure_micros,
        equity_micros, realized_pnl_micros, unrealized_pnl_micros, fees_micros, peak_profit_micros, open_positions,
        unpriced_positions, taken_at)
       values ($1, $2, $3, $4, 0, 0, null, $5, $6, $7, $8, 0, 0, now())`,
      [mode, PAPER_SCOPE, leaderId, bucketTime, realized, unrealized, fees, peak],
    ),
});
