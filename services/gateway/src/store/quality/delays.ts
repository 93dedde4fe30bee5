import type { Sql } from '@slipstream/db';
import { TradeSource } from '@slipstream/proto';
import {
  COPY_HOPS,
  COPY_LAG_EDGES_MS,
  type CopyHop,
  type CopyLag,
  type Quantiles,
  type SourceDelays,
} from '@slipstream/proto/http';
import { buckets } from '../../core/quality.ts';
import { type Asked, countsBetween, valuesOf, WITH_SEEN } from './seen.ts';

/** The whole way, beside its steps. */
const LAG = 'lag';

type Row = {
  readonly leader_id: string;
  /** Null: of all sources. */
  readonly source: TradeSource | null;
  /** The hop where the step ends, or `LAG`. */
  readonly step: string;
  readonly count: number;
  readonly quantiles: readonly number[];
  readonly counts: readonly number[];
};

const hop = (name: CopyHop): string => `(o.hops ->> '${name}')::bigint`;

/** Stamps are microseconds of the machine’s clock. */
const between = (from: CopyHop, to: CopyHop): string => `(${hop(to)} - ${hop(from)}) / 1000::float8`;

/** Each step with where it begins. */
const STEPS = COPY_HOPS.slice(1).map((to, i) => ({ from: COPY_HOPS[i] ?? 'event', to }));
const STAMPED = STEPS.filter(({ from }) => from !== 'event').map(
  ({ from, to }) => `('${to}', ${between(from, to)})`,
);

/** How long each trade was unseen, by the clock that the services decide with: tapes have no other. */
const UNSEEN = `select distinct on (base_id) leader_id, source, 'seen' as step, unseen_ms as ms
  from seen order by base_id, part`;

/** The steps of each attempt that passed both ends; of several trades the first one’s stamps are kept. */
const STEPPED = `select o.leader_id, o.source, s.step, s.ms
  from own o cross join lateral (values ${STAMPED.join(', ')}) as s (step, ms) where s.ms is not null`;

/** From the event to the booking: unseen by the one clock, then under way by the stamps, as the sum of the steps is. */
const LAGGED = `select o.leader_id, o.source, '${LAG}' as step, o.unseen_ms + ${between('seen', 'booked')} as ms
  from own o where o.filled_size_micros > 0 and ${hop('seen')} is not null and ${hop('booked')} is not null`;

const statement = (...parts: readonly string[]): string => `${WITH_SEEN},
  step as materialized (select leader_id, source, step, ms from (${parts.map((p) => `(${p})`).join(' union all ')}) u)
  select leader_id, source, step, count(*)::int as count,
    percentile_disc(array[0.5, 0.9, 0.99]) within group (order by ms) as quantiles,
    ${countsBetween('ms', COPY_LAG_EDGES_MS)} as counts
  from step group by grouping sets ((leader_id, source, step), (leader_id, step))`;

const DELAYS = statement(UNSEEN, STEPPED, LAGGED);
const COPY_LAGS = statement(LAGGED);

function quantilesOf(row: Row | undefined): Quantiles {
  const [p50Ms = null, p90Ms = null, p99Ms = null] = row?.quantiles ?? [];
  return { count: row?.count ?? 0, p50Ms, p90Ms, p99Ms };
}

const copyLagOf = (row: Row | undefined): CopyLag => ({
  ...quantilesOf(row),
  histogram: buckets<number>(COPY_LAG_EDGES_MS, row?.counts ?? []).map(({ from, below, count }) => ({
    fromMs: from,
    belowMs: below,
    copies: count,
  })),
});

/** How long the copies of one leader took, step by step for each source, and as a whole. */
export async function readDelays(
  sql: Sql,
  asked: Asked,
): Promise<{ readonly copyLag: CopyLag; readonly delays: SourceDelays[] }> {
  const rows = await sql.query<Row>(DELAYS, valuesOf(asked));
  const of = (source: TradeSource | null, step: string): Row | undefined =>
    rows.find((row) => row.source === source && row.step === step);
  return {
    copyLag: copyLagOf(of(null, LAG)),
    delays: TradeSource.options.map((source) => ({
      source,
      steps: STEPS.map(({ from, to }) => ({ from, to, ...quantilesOf(of(source, to)) })),
      copyLag: copyLagOf(of(source, LAG)),
    })),
  };
}

/** How long the copies of each leader took. */
export async function readCopyLags(sql: Sql, asked: Asked): Promise<(leader: string) => Quantiles> {
  const rows = await sql.query<Row>(COPY_LAGS, valuesOf(asked));
  const whole = new Map(rows.flatMap((row) => (row.source === null ? [[row.leader_id, row]] : [])));
  return (leader) => quantilesOf(whole.get(leader));
}
