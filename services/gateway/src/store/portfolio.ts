import type { Database, Sql } from '@slipstream/db';
import { most, shares, type UsdMicros, usd } from '@slipstream/money';
import { PAPER_SCOPE, type TradingMode } from '@slipstream/proto';
import {
  POSITIONS_SHOWN_MAX,
  type PortfolioReply,
  type PositionItem,
  type SnapshotItem,
  type SnapshotsQuery,
} from '@slipstream/proto/http';
import { averageCost } from '../core/copy-quality.ts';
import { keyCursor } from '../cursor.ts';
import { instantOrNull, leaderJoin, MARKET_COLUMNS, marketJoin, priceOrNull, usdOrNull } from './columns.ts';
import { Conditions } from './conditions.ts';
import { leaderMeant } from './leader-filter.ts';
import { type Page, pageByKey, rowsToRead } from './page.ts';

type AccountRow = {
  readonly cash_micros: bigint;
  readonly deposited_micros: bigint;
  readonly realized_pnl_micros: bigint;
  readonly fees_micros: bigint;
  readonly version: bigint;
  readonly updated_at: Date;
};

type TotalsRow = {
  readonly open_positions: number;
  readonly unpriced_positions: number;
  readonly worth_micros: bigint;
  readonly cost_micros: bigint;
};

type PositionRow = {
  readonly leader_id: string | null;
  readonly label: string | null;
  readonly token_id: string;
  readonly condition_id: string;
  readonly market: string | null;
  readonly outcome: string | null;
  readonly shares_micros: bigint;
  readonly cost_micros: bigint;
  readonly realized_pnl_micros: bigint;
  readonly fees_micros: bigint;
  readonly mark_micros: bigint | null;
  readonly mark_at: Date | null;
  readonly mark_source: string | null;
  readonly value_micros: bigint | null;
  readonly opened_at: Date;
  readonly updated_at: Date;
};

/** Floored per position; in wide numbers, since shares × mark can pass 64 bits. */
const VALUE = 'div(p.shares_micros::numeric * p.mark_micros, 1000000)::bigint';
const HELD = 'p.mode = $1 and p.scope = $2 and p.shares_micros <> 0';

const readAccount = (sql: Sql, mode: TradingMode): Promise<AccountRow[]> =>
  sql.query(
    `select cash_micros, deposited_micros, realized_pnl_micros, fees_micros, version, updated_at
    from portfolio.account where mode = $1 and scope = $2`,
    [mode, PAPER_SCOPE],
  );

const readTotals = (sql: Sql, mode: TradingMode): Promise<TotalsRow[]> =>
  sql.query(
    `select count(*)::int as open_positions, (count(*) filter (where p.mark_micros is null))::int as unpriced_positions,
      coalesce(sum(${VALUE}), 0)::bigint as worth_micros, coalesce(sum(p.cost_micros), 0)::bigint as cost_micros
    from portfolio.position p where ${HELD}`,
    [mode, PAPER_SCOPE],
  );

const readPositions = (sql: Sql, mode: TradingMode): Promise<PositionRow[]> =>
  sql.query(
    `select p.leader_id, l.label, p.token_id, p.condition_id, ${MARKET_COLUMNS}, p.shares_micros, p.cost_micros,
      p.realized_pnl_micros, p.fees_micros, p.mark_micros, p.mark_at, p.mark_source, ${VALUE} as value_micros,
      p.opened_at, p.updated_at
    from portfolio.position p ${leaderJoin('p')} ${marketJoin('p')}
    where ${HELD} order by value_micros desc nulls first, p.token_id, p.leader_id limit $3`,
    [mode, PAPER_SCOPE, POSITIONS_SHOWN_MAX],
  );

/** The most profit after fees that the account has had at the end of a minute. */
async function readPeakProfit(sql: Sql, mode: TradingMode): Promise<bigint> {
  const [row] = await sql.query<{ peak_profit_micros: bigint }>(
    `select peak_profit_micros from portfolio.portfolio_snapshot
    where mode = $1 and scope = $2 and leader_id is null order by bucket_time desc limit 1`,
    [mode, PAPER_SCOPE],
  );
  return row?.peak_profit_micros ?? 0n;
}

/** The peak holds equity itself, so that what equity is below it is never less than nothing. */
function peakOf(depositedMicros: UsdMicros | null, peakProfit: bigint, equityMicros: UsdMicros | null) {
  if (depositedMicros === null) return { peakEquityMicros: null, drawdownMicros: null };
  const stored = usd(depositedMicros + peakProfit);
  if (equityMicros === null) return { peakEquityMicros: stored, drawdownMicros: null };
  const peakEquityMicros = most(stored, equityMicros);
  return { peakEquityMicros, drawdownMicros: usd(peakEquityMicros - equityMicros) };
}

function positionOf(row: PositionRow, now: Date): PositionItem {
  const costMicros = usd(row.cost_micros);
  const valueMicros = usdOrNull(row.value_micros);
  const sharesMicros = shares(row.shares_micros);
  return {
    leader: row.leader_id,
    leaderLabel: row.label,
    tokenId: row.token_id,
    conditionId: row.condition_id,
    market: row.market,
    outcome: row.outcome,
    sharesMicros,
    costMicros,
    averageCostMicros: averageCost(costMicros, sharesMicros),
    markMicros: priceOrNull(row.mark_micros),
    markAt: instantOrNull(row.mark_at),
    markAgeMs: row.mark_at === null ? null : Math.max(now.getTime() - row.mark_at.getTime(), 0),
    markSource: row.mark_source,
    valueMicros,
    unrealizedPnlMicros: valueMicros === null ? null : usd(valueMicros - costMicros),
    realizedPnlMicros: usd(row.realized_pnl_micros),
    feesMicros: usd(row.fees_micros),
    openedAt: row.opened_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** What is known only when both are. */
const sum = (a: UsdMicros | null, b: UsdMicros | null): UsdMicros | null =>
  a === null || b === null ? null : usd(a + b);

/** One mode's account, figures and positions, all as of one instant of the database. */
export const readPortfolio = (db: Database, mode: TradingMode, now: Date): Promise<PortfolioReply> =>
  db.tx(
    async (sql) => {
      const [account] = await readAccount(sql, mode);
      const [totals] = await readTotals(sql, mode);
      const positions = await readPositions(sql, mode);
      const peakProfit = await readPeakProfit(sql, mode);
      const unpriced = totals?.unpriced_positions ?? 0;
      const exposureMicros = usd(totals?.worth_micros ?? 0n);
      const worthMicros = unpriced === 0 ? exposureMicros : null;
      const cashMicros = usdOrNull(account?.cash_micros ?? null);
      const depositedMicros = usdOrNull(account?.deposited_micros ?? null);
      const equityMicros = sum(cashMicros, worthMicros);
      const realizedPnlMicros = usdOrNull(account?.realized_pnl_micros ?? null);
      const unrealizedPnlMicros =
        worthMicros === null ? null : usd(worthMicros - (totals?.cost_micros ?? 0n));
      return {
        tradingMode: mode,
        scope: PAPER_SCOPE,
        cashMicros,
        depositedMicros,
        exposureMicros,
        equityMicros,
        ...peakOf(depositedMicros, peakProfit, equityMicros),
        realizedPnlMicros,
        unrealizedPnlMicros,
        totalPnlMicros: sum(realizedPnlMicros, unrealizedPnlMicros),
        feesMicros: usdOrNull(account?.fees_micros ?? null),
        openPositions: totals?.open_positions ?? 0,
        unpricedPositions: unpriced,
        version: account?.version.toString() ?? null,
        updatedAt: instantOrNull(account?.updated_at ?? null),
        asOf: now.toISOString(),
        positions: positions.map((row) => positionOf(row, now)),
      };
    },
    { isolation: 'repeatable read', readOnly: true },
  );

/** A series has one row per minute, so that its time alone says where a page ended. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

type SnapshotRow = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly leader_id: string | null;
  readonly bucket_time: Date;
  readonly cash_micros: bigint;
  readonly exposure_micros: bigint;
  readonly equity_micros: bigint | null;
  readonly realized_pnl_micros: bigint;
  readonly unrealized_pnl_micros: bigint | null;
  readonly fees_micros: bigint;
  readonly open_positions: number;
  readonly unpriced_positions: number;
};

const snapshotOf = (row: SnapshotRow): SnapshotItem => ({
  tradingMode: row.mode,
  scope: row.scope,
  leader: row.leader_id,
  bucketTime: row.bucket_time.toISOString(),
  cashMicros: usd(row.cash_micros),
  exposureMicros: usd(row.exposure_micros),
  equityMicros: usdOrNull(row.equity_micros),
  realizedPnlMicros: usd(row.realized_pnl_micros),
  unrealizedPnlMicros: usdOrNull(row.unrealized_pnl_micros),
  feesMicros: usd(row.fees_micros),
  openPositions: row.open_positions,
  unpricedPositions: row.unpriced_positions,
});

/** One page of the series of the whole account, or of one leader's slice, newest first. */
export async function readSnapshots(sql: Sql, asked: SnapshotsQuery): Promise<Page<SnapshotItem>> {
  const leader = await leaderMeant(sql, asked.leader);
  const where = new Conditions();
  where.when(asked.tradingMode ?? 'PAPER', (p) => `mode = ${p}`).when(PAPER_SCOPE, (p) => `scope = ${p}`);
  if (leader === undefined) where.also('leader_id is null');
  where.when(leader, (p) => `leader_id = ${p}`);
  where
    .when(asked.since, (p) => `bucket_time >= ${p}::timestamptz`)
    .when(asked.until, (p) => `bucket_time < ${p}::timestamptz`);
  if (asked.after !== undefined)
    where.also(
      `bucket_time < ${where.value(keyCursor.decode('snapshots', asked.after, INSTANT))}::timestamptz`,
    );
  const rows = await sql.query<SnapshotRow>(
    `select mode, scope, leader_id, bucket_time, cash_micros, exposure_micros, equity_micros, realized_pnl_micros,
      unrealized_pnl_micros, fees_micros, open_positions, unpriced_positions
    from portfolio.portfolio_snapshot ${where.where()} order by bucket_time desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByKey('snapshots', rows, asked, snapshotOf, (row) => row.bucket_time.toISOString());
}
