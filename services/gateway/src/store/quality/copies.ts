import type { Sql } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { type FillRate, SLIPPAGE_EDGES_MICROS, type SlippageSummary } from '@slipstream/proto/http';
import { type Bucket, buckets, costPerShare, shareOf } from '../../core/quality.ts';
import { usdOrNull } from '../columns.ts';
import { type Asked, byLeader, countsBetween, valuesOf, WITH_SEEN } from './seen.ts';

type Row = {
  readonly leader_id: string;
  readonly copies: number;
  readonly size_micros: bigint;
  readonly notional_micros: bigint;
  readonly fee_micros: bigint;
  readonly cost_micros: bigint;
  readonly quantiles: readonly (bigint | null)[] | null;
  readonly worst: bigint | null;
  readonly counts: readonly number[];
  readonly orders_ended: number;
  readonly target_micros: bigint;
  readonly filled_micros: bigint;
};

/**
 * A copy's slippage per share is the one that the list of attempts shows: our average price, floored, against the
 * leader's. Its cost is exact to the micro, rounded up; multiplied by a millionth, since a division of numerics rounds.
 */
const COPIES = `${WITH_SEEN}, copy as (
  select o.*, case o.side when 'BUY' then 1 else -1 end as sign,
    div(o.filled_notional_micros::numeric * 1000000, nullif(o.filled_size_micros, 0)) as price_micros
  from own o where o.decision = 'EXECUTE'
), priced as materialized (
  select c.leader_id, c.final, c.target_notional_micros, c.filled_size_micros, c.filled_notional_micros, c.fee_micros,
    (c.sign * (c.price_micros - c.leader_price_micros))::bigint as slippage,
    ceil(c.sign * (c.filled_notional_micros - c.leader_price_micros::numeric * c.filled_size_micros * 0.000001))::bigint
      as cost
  from copy c
)
select leader_id, count(slippage)::int as copies, sum(filled_size_micros)::bigint as size_micros,
  sum(filled_notional_micros)::bigint as notional_micros, sum(fee_micros)::bigint as fee_micros,
  sum(cost)::bigint as cost_micros, percentile_disc(array[0.5, 0.9]) within group (order by slippage) as quantiles,
  max(slippage) as worst, ${countsBetween('slippage', SLIPPAGE_EDGES_MICROS)} as counts,
  (count(*) filter (where final))::int as orders_ended,
  coalesce(sum(target_notional_micros) filter (where final), 0)::bigint as target_micros,
  coalesce(sum(filled_notional_micros) filter (where final), 0)::bigint as filled_micros
from priced group by leader_id`;

/** Slippage with its histogram, and how much of their targets the orders filled. */
type Copies = {
  readonly summary: SlippageSummary;
  readonly histogram: readonly Bucket<bigint>[];
  readonly fills: FillRate;
};

function copiesOf(row: Row | undefined): Copies {
  const sizeMicros = shares(row?.size_micros ?? 0n);
  const costOfDelayMicros = usd(row?.cost_micros ?? 0n);
  const target = row?.target_micros ?? 0n;
  const filled = row?.filled_micros ?? 0n;
  const [median, p90] = row?.quantiles ?? [];
  return {
    summary: {
      copies: row?.copies ?? 0,
      sizeMicros,
      notionalMicros: usd(row?.notional_micros ?? 0n),
      feeMicros: usd(row?.fee_micros ?? 0n),
      costOfDelayMicros,
      meanMicros: costPerShare(costOfDelayMicros, sizeMicros),
      medianMicros: usdOrNull(median ?? null),
      p90Micros: usdOrNull(p90 ?? null),
      worstMicros: usdOrNull(row?.worst ?? null),
    },
    histogram: buckets<bigint>(SLIPPAGE_EDGES_MICROS, row?.counts ?? []),
    fills: {
      ordersEnded: row?.orders_ended ?? 0,
      targetNotionalMicros: usd(target),
      filledNotionalMicros: usd(filled),
      fillRateBps: shareOf(filled, target),
    },
  };
}

/** At what prices each leader was copied, and how much. A leader without copies has zeros, and nothing for prices. */
export async function readCopies(sql: Sql, asked: Asked): Promise<(leader: string) => Copies> {
  const rows = byLeader(await sql.query<Row>(COPIES, valuesOf(asked)));
  return (leader) => copiesOf(rows.get(leader));
}
