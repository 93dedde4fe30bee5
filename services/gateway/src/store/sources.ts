import type { Sql } from '@slipstream/db';
import { TradeSource } from '@slipstream/proto';
import type { SourceItem, SourcesReply } from '@slipstream/proto/http';

/** A source that does not show a trade within this after another showed it has missed it. */
const MISSED_AFTER_MS = 60_000;
/** Trades that one answer looks at, the latest. */
const TRADES_MAX = 100_000;

type Row = {
  readonly source: TradeSource;
  readonly trades: number;
  readonly first: number;
  readonly confirmed: number;
  readonly missed: number;
  readonly delay_p50: number | null;
  readonly delay_p99: number | null;
  readonly lag_p50: number | null;
  readonly lag_p99: number | null;
};

/** Every trade once for each source, with that source's sighting where there is one. */
const SELECT = `
  with trade as (
    select base_id, source as first_source from ingest.leader_trade
      where part = 1 and not baseline and occurred_at >= $1 order by occurred_at desc, trade_id desc limit $2
  ), seen as (
    select t.base_id, t.first_source, min(s.seen_at) as first_at
      from trade t join ingest.sighting s on s.base_id = t.base_id group by t.base_id, t.first_source
  ), told as (
    select src.source, t.first_source = src.source as is_first, t.first_at, s.seen_at,
        coalesce(s.seen_at <= t.first_at + $4 * interval '1 millisecond', false) as in_time,
        case when s.seen_at < s.occurred_at then 0 else extract(epoch from s.seen_at - s.occurred_at) * 1000 end as delay_ms,
        extract(epoch from s.seen_at - t.first_at) * 1000 as lag_ms
      from unnest($5::text[]) as src(source) cross join seen t
      left join ingest.sighting s on s.base_id = t.base_id and s.source = src.source
  )
  select source, count(*)::int as trades,
    count(*) filter (where is_first)::int as first,
    count(*) filter (where in_time and not is_first)::int as confirmed,
    count(*) filter (where not in_time and first_at < $3::timestamptz - $4 * interval '1 millisecond')::int as missed,
    round(percentile_cont(0.5) within group (order by delay_ms))::int as delay_p50,
    round(percentile_cont(0.99) within group (order by delay_ms))::int as delay_p99,
    round(percentile_cont(0.5) within group (order by lag_ms) filter (where not is_first))::int as lag_p50,
    round(percentile_cont(0.99) within group (order by lag_ms) filter (where not is_first))::int as lag_p99
  from told group by source`;

const itemOf = (source: TradeSource, row: Row | undefined, running: boolean | null): SourceItem => ({
  source,
  running,
  first: row?.first ?? 0,
  confirmed: row?.confirmed ?? 0,
  missed: row?.missed ?? 0,
  delayP50Ms: row?.delay_p50 ?? null,
  delayP99Ms: row?.delay_p99 ?? null,
  lagP50Ms: row?.lag_p50 ?? null,
  lagP99Ms: row?.lag_p99 ?? null,
});

/** What each source was worth since an instant. `running`: which of them run now; null where that is not known. */
export async function readSources(
  sql: Sql,
  since: Date,
  now: Date,
  running: ReadonlySet<string> | null,
): Promise<SourcesReply> {
  const rows = await sql.query<Row>(SELECT, [since, TRADES_MAX, now, MISSED_AFTER_MS, TradeSource.options]);
  const bySource = new Map(rows.map((row) => [row.source, row]));
  return {
    since: since.toISOString(),
    trades: rows[0]?.trades ?? 0,
    missedAfterMs: MISSED_AFTER_MS,
    items: TradeSource.options.map((source) =>
      itemOf(source, bySource.get(source), running === null ? null : running.has(source)),
    ),
  };
}
