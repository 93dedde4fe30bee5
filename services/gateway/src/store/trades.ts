import type { Sql } from '@slipstream/db';
import { price, shares, usd } from '@slipstream/money';
import {
  GROUP_PARTS_MAX,
  type Hops,
  PAPER_SCOPE,
  type Side,
  type TradeSource,
  type TradingMode,
} from '@slipstream/proto';
import type { TradeItem, TradesQuery } from '@slipstream/proto/http';
import { marketColumn, marketJoin } from './columns.ts';
import { Conditions } from './conditions.ts';
import { leaderMeant } from './leader-filter.ts';
import { afterTime, type Page, pageByTime, rowsToRead } from './page.ts';

type Row = {
  readonly trade_id: string;
  readonly part: number;
  readonly leader_id: string;
  readonly wallet: string;
  readonly token_id: string;
  readonly condition_id: string;
  readonly market: string | null;
  readonly outcome: string | null;
  readonly side: Side;
  readonly price_micros: bigint;
  readonly size_micros: bigint;
  readonly notional_micros: bigint;
  readonly transaction_hash: string;
  readonly source: TradeSource;
  readonly baseline: boolean;
  readonly occurred_at: Date;
  readonly detected_at: Date;
  readonly copies: readonly {
    readonly tradingMode: TradingMode;
    readonly state: TradeItem['copies'][number]['state'];
    readonly attemptId: string | null;
  }[];
  readonly hops: Hops;
};

const SELECT = `
  select t.trade_id, t.part, t.leader_id, t.wallet, t.token_id, t.condition_id, t.side, t.price_micros, t.size_micros,
    t.notional_micros, t.transaction_hash, t.source, t.baseline, t.occurred_at, t.detected_at, t.hops,
    m.body->>'question' as market, coalesce(m.body->>'outcome', t.outcome) as outcome,
    coalesce((
      select jsonb_agg(jsonb_build_object('tradingMode', g.mode, 'state', g.status, 'attemptId', a.attempt_id) order by g.mode desc)
      from decider.group_part p
      join decider.leader_group g on g.mode = p.mode and g.group_key = p.group_key
      left join decider.copy_attempt a on g.status = 'DONE' and a.mode = g.mode and a.leader_id = g.leader_id
        and a.scope = '${PAPER_SCOPE}' and a.group_key = coalesce(g.bucket_key, g.group_key)
      where p.trade_id = t.trade_id), '[]'::jsonb) as copies
  from ingest.leader_trade t
  ${marketJoin('t')}`;

const itemOf = (row: Row): TradeItem => ({
  id: row.trade_id,
  part: row.part,
  leader: row.leader_id,
  wallet: row.wallet,
  tokenId: row.token_id,
  conditionId: row.condition_id,
  market: row.market,
  outcome: row.outcome,
  side: row.side,
  priceMicros: price(row.price_micros),
  sizeMicros: shares(row.size_micros),
  notionalMicros: usd(row.notional_micros),
  transactionHash: row.transaction_hash,
  source: row.source,
  baseline: row.baseline,
  occurredAt: row.occurred_at.toISOString(),
  detectedAt: row.detected_at.toISOString(),
  copies: row.copies.map((copy) => ({ ...copy, reason: copy.state === 'BUFFERED' ? 'BUFFERED' : null })),
  hops: row.hops,
});

/** One page of leader trades, the latest to happen first. */
export async function readTrades(sql: Sql, asked: TradesQuery): Promise<Page<TradeItem>> {
  const where = new Conditions();
  where
    .when(await leaderMeant(sql, asked.leader), (p) => `t.leader_id = ${p}`)
    .when(asked.market, (p) => `t.${marketColumn(asked.market ?? '')} = ${p}`);
  afterTime(where, 'trades', 't.occurred_at', 't.trade_id', asked);
  const rows = await sql.query<Row>(
    `${SELECT} ${where.where()} order by t.occurred_at desc, t.trade_id desc limit ${where.value(rowsToRead(asked))}`,
    where.values,
  );
  return pageByTime('trades', rows, asked, itemOf, (row) => [row.occurred_at, row.trade_id]);
}

/** The parts of one group, in the order in which they happened. */
export async function readTradesById(sql: Sql, ids: readonly string[]): Promise<TradeItem[]> {
  const rows = await sql.query<Row>(
    `${SELECT} where t.trade_id = any($1::text[]) order by t.occurred_at, t.trade_id limit $2`,
    [ids, GROUP_PARTS_MAX],
  );
  return rows.map(itemOf);
}
