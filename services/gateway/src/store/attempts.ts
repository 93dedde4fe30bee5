import type { Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import {
  type Hops,
  type OrderStatus,
  type ReasonCode,
  type ReasonDetail,
  type Side,
  type SourceType,
  TradingMode,
} from '@slipstream/proto';
import type { CopyAttemptDetail, CopyAttemptItem, CopyAttemptsQuery } from '@slipstream/proto/http';
import { averagePrice, slippage } from '../core/copy-quality.ts';
import {
  instantOrNull,
  leaderJoin,
  MARKET_COLUMNS,
  marketColumn,
  marketJoin,
  priceOrNull,
  sharesOrNull,
  usdOrNull,
} from './columns.ts';
import { Conditions } from './conditions.ts';
import { readFillsOfOrder } from './fills.ts';
import { leaderMeant } from './leader-filter.ts';
import { afterTime, type Page, pageByTime, rowsToRead } from './page.ts';
import { readTradesById } from './trades.ts';

type Row = {
  readonly attempt_id: string;
  readonly mode: TradingMode;
  readonly leader_id: string;
  readonly label: string | null;
  readonly token_id: string;
  readonly condition_id: string;
  readonly market: string | null;
  readonly outcome: string | null;
  readonly side: Side;
  readonly decision: 'EXECUTE' | 'SKIP';
  readonly reasons: ReasonCode[];
  readonly details: ReasonDetail[];
  readonly source_type: SourceType;
  readonly trade_ids: string[];
  readonly leader_size_micros: bigint;
  readonly leader_notional_micros: bigint;
  readonly leader_price_micros: bigint;
  readonly target_notional_micros: bigint | null;
  readonly target_size_micros: bigint | null;
  readonly limit_price_micros: bigint | null;
  readonly intent_id: string | null;
  readonly config_version: number;
  readonly occurred_at: Date;
  readonly detected_at: Date;
  readonly opened_at: Date;
  readonly decided_at: Date;
  readonly hops: Hops;
  readonly order_id: string | null;
  readonly order_status: OrderStatus | null;
  readonly order_reason: ReasonCode | null;
  readonly filled_size_micros: bigint | null;
  readonly filled_notional_micros: bigint | null;
  readonly fee_micros: bigint | null;
  readonly order_at: Date | null;
  readonly executed_at: Date | null;
  readonly booked_at: Date | null;
};

type DetailRow = Row & {
  readonly group_key: string;
  readonly correlation_id: string;
  readonly inputs: unknown;
};

/** What a list shows of an attempt; the inputs are large and stay where they are. */
const COLUMNS = [
  'attempt_id, mode, leader_id, token_id, condition_id, side, decision, reasons, details, source_type, trade_ids',
  'leader_size_micros, leader_notional_micros, leader_price_micros, target_notional_micros, target_size_micros',
  'limit_price_micros, intent_id, config_version, occurred_at, detected_at, opened_at, decided_at, hops',
].join(', ');

const shown = (attempt: string): string => `
  select ${attempt}.*, coalesce(e.hops, ${attempt}.hops) as hops, e.order_id, e.status as order_status,
    e.reason as order_reason, e.filled_size_micros, e.filled_notional_micros, e.fee_micros,
    e.order_at, e.executed_at, e.booked_at, l.label, ${MARKET_COLUMNS}
  from ${attempt}
  left join portfolio.attempt_execution e on e.attempt_id = ${attempt}.attempt_id
  ${leaderJoin(attempt)}
  ${marketJoin(attempt)}`;

function itemOf(row: Row): CopyAttemptItem {
  const filledSizeMicros = shares(row.filled_size_micros ?? 0n);
  const filledNotionalMicros = usd(row.filled_notional_micros ?? 0n);
  const leaderPriceMicros = price(row.leader_price_micros);
  const averagePriceMicros = averagePrice(filledNotionalMicros, filledSizeMicros);
  return {
    id: row.attempt_id,
    tradingMode: row.mode,
    leader: row.leader_id,
    leaderLabel: row.label,
    tokenId: row.token_id,
    conditionId: row.condition_id,
    market: row.market,
    outcome: row.outcome,
    side: row.side,
    decision: row.decision,
    reasons: row.reasons,
    details: row.details,
    sourceType: row.source_type,
    partCount: row.trade_ids.length,
    tradeIds: row.trade_ids,
    leaderPriceMicros,
    leaderSizeMicros: shares(row.leader_size_micros),
    leaderNotionalMicros: usd(row.leader_notional_micros),
    targetNotionalMicros: usdOrNull(row.target_notional_micros),
    targetSizeMicros: sharesOrNull(row.target_size_micros),
    limitPriceMicros: priceOrNull(row.limit_price_micros),
    filledSizeMicros,
    filledNotionalMicros,
    averagePriceMicros,
    feeMicros: usd(row.fee_micros ?? 0n),
    slippageMicros: slippage(row.side, averagePriceMicros, leaderPriceMicros),
    copyLagMs: row.executed_at === null ? null : row.executed_at.getTime() - row.occurred_at.getTime(),
    intentId: row.intent_id,
    orderId: row.order_id,
    orderStatus: row.order_status,
    orderReason: row.order_reason,
    configVersion: row.config_version,
    times: {
      occurredAt: row.occurred_at.toISOString(),
      detectedAt: row.detected_at.toISOString(),
      openedAt: row.opened_at.toISOString(),
      decidedAt: row.decided_at.toISOString(),
      orderAt: instantOrNull(row.order_at),
      executedAt: instantOrNull(row.executed_at),
      bookedAt: instantOrNull(row.booked_at),
    },
    hops: row.hops,
  };
}

/** Combinations of reasons that are looked at: far more than the checks of one stage can give together. */
const COMBINATIONS_MAX = 2_000;

const ORDER = 'order by decided_at desc, attempt_id desc';

/**
 * The rows of one mode that have a reason, alone or among others. Reasons are stored as a list, which no index can
 * search and keep in the order of time; but few different lists ever occur. So they are stepped through along the index
 * (mode, reasons, decided_at, attempt_id), and each that holds the reason is read in order.
 */
const withReason = (mode: string, reason: string, where: string, limit: string): string => `
  with recursive combination (reasons, n) as (
    (select reasons, 1 from decider.copy_attempt where mode = ${mode} order by reasons limit 1)
    union all
    select next.reasons, n + 1 from combination cross join lateral (
      select c.reasons from decider.copy_attempt c
      where c.mode = ${mode} and c.reasons > combination.reasons order by c.reasons limit 1
    ) next where n < ${COMBINATIONS_MAX}
  )
  select same.* from combination cross join lateral (
    select ${COLUMNS} from decider.copy_attempt a ${where} and a.reasons = combination.reasons ${ORDER} ${limit}
  ) same where combination.reasons @> array[${reason}] ${ORDER} ${limit}`;

/**
 * One page of attempts, newest decision first.
 *
 * Each mode is read along its own index and the two are merged, since one scan over both could not keep the order;
 * names and outcomes are joined to the rows of the page alone.
 */
export async function readAttempts(sql: Sql, asked: CopyAttemptsQuery): Promise<Page<CopyAttemptItem>> {
  const where = new Conditions();
  where
    .when(await leaderMeant(sql, asked.leader), (p) => `leader_id = ${p}`)
    .when(asked.decision, (p) => `decision = ${p}`)
    .when(asked.market, (p) => `${marketColumn(asked.market ?? '')} = ${p}`);
  afterTime(where, 'attempts', 'decided_at', 'attempt_id', asked);
  // What is copied has no reasons.
  if (asked.decision === 'EXECUTE' && asked.reason !== undefined) return { items: [], next: null };
  const limit = `limit ${where.value(rowsToRead(asked))}`;
  const reason = asked.reason === undefined ? null : where.value(asked.reason);
  const modes = asked.tradingMode === undefined ? TradingMode.options : [asked.tradingMode];
  const perMode = modes.map((name) => {
    const mode = where.value(name);
    const conditions = where.where(`mode = ${mode}`);
    return reason === null
      ? `(select ${COLUMNS} from decider.copy_attempt ${conditions} ${ORDER} ${limit})`
      : `(${withReason(mode, reason, conditions, limit)})`;
  });
  const rows = await sql.query<Row>(
    `with page as (select * from (${perMode.join(' union all ')}) each_mode ${ORDER} ${limit})
    ${shown('page')} order by page.decided_at desc, page.attempt_id desc`,
    where.values,
  );
  return pageByTime('attempts', rows, asked, itemOf, (row) => [row.decided_at, row.attempt_id]);
}

/** One attempt with the inputs of its decision, its leader trades and its fills; null when there is none. */
export async function readAttempt(sql: Sql, id: string): Promise<CopyAttemptDetail | null> {
  const [row] = await sql.query<DetailRow>(
    `with attempt as (
      select ${COLUMNS}, group_key, correlation_id, inputs from decider.copy_attempt where attempt_id = $1
    ) ${shown('attempt')}`,
    [id],
  );
  if (row === undefined) return null;
  const [trades, fills] = await Promise.all([
    readTradesById(sql, row.trade_ids),
    row.order_id === null ? [] : readFillsOfOrder(sql, row.order_id),
  ]);
  return {
    ...itemOf(row),
    groupKey: row.group_key,
    correlationId: row.correlation_id,
    inputs: row.inputs,
    trades,
    fills,
  };
}
