import type { Sql } from '@slipstream/db';
import { usd } from '@slipstream/money';
import type { MissedBy, MissReason, TradeOutcomes } from '@slipstream/proto/http';
import { shareOf } from '../../core/quality.ts';
import { type Asked, valuesOf, WITH_SEEN } from './seen.ts';

type Fate = 'FULLY' | 'PARTLY' | 'MISSED';

/** What became of each part, and of each trade out of its parts. A repeated part has the attempt that executed. */
const WITH_TRADES = `${WITH_SEEN}, decided as (
  select distinct on (about.trade_id) about.trade_id, a.decision, a.reasons, a.status, a.order_reason, a.final,
    a.filled_size_micros
  from attempt a cross join lateral unnest(a.trade_ids) as about (trade_id)
  order by about.trade_id, a.decision, a.decided_at desc
), part as (
  select s.leader_id, s.base_id, s.part, s.notional_micros, d.trade_id is not null as decided,
    case when coalesce(d.filled_size_micros, 0) = 0 then 'MISSED' when d.status = 'FILLED' then 'FULLY' else 'PARTLY'
      end as fate,
    case when d.trade_id is null then array['NOT_DECIDED_YET'] when d.decision = 'SKIP' then d.reasons
      when d.final then array[coalesce(d.order_reason, 'NOTHING_FILLED')] else array['NOT_EXECUTED_YET'] end as reasons
  from seen s left join decided d on d.trade_id = s.trade_id
), trade as (
  select leader_id, base_id, sum(notional_micros) as notional_micros, bool_and(decided) as decided,
    case when bool_and(fate = 'FULLY') then 'FULLY' when bool_and(fate = 'MISSED') then 'MISSED' else 'PARTLY' end as fate,
    jsonb_agg(to_jsonb(reasons) order by part) -> 0 as reasons
  from part group by leader_id, base_id
)`;

type OutcomeRow = {
  readonly leader_id: string;
  readonly fate: Fate;
  readonly trades: number;
  readonly notional_micros: bigint;
  readonly decided_trades: number;
  readonly decided_notional_micros: bigint;
};

const OUTCOMES = `${WITH_TRADES}
  select leader_id, fate, count(*)::int as trades, sum(notional_micros)::bigint as notional_micros,
    (count(*) filter (where decided))::int as decided_trades,
    coalesce(sum(notional_micros) filter (where decided), 0)::bigint as decided_notional_micros
  from trade group by leader_id, fate`;

type Tally = TradeOutcomes['seen'];

const tally = (trades: number, notional: bigint): Tally => ({ trades, notionalMicros: usd(notional) });

const total = (tallies: readonly Tally[]): Tally =>
  tallies.reduce(
    (sum, one) => tally(sum.trades + one.trades, sum.notionalMicros + one.notionalMicros),
    tally(0, 0n),
  );

function outcomesOf(rows: readonly OutcomeRow[]): TradeOutcomes {
  const of = (...fates: readonly Fate[]): Tally =>
    total(
      rows.filter(({ fate }) => fates.includes(fate)).map((row) => tally(row.trades, row.notional_micros)),
    );
  const seen = of('FULLY', 'PARTLY', 'MISSED');
  const missed = of('MISSED');
  return {
    seen,
    decided: total(rows.map((row) => tally(row.decided_trades, row.decided_notional_micros))),
    copiedFully: of('FULLY'),
    copiedPartly: of('PARTLY'),
    missed,
    missedTradesBps: shareOf(BigInt(missed.trades), BigInt(seen.trades)),
    missedNotionalBps: shareOf(missed.notionalMicros, seen.notionalMicros),
  };
}

/** What became of each leader's trades. A leader without any has zeros. */
export async function readOutcomes(sql: Sql, asked: Asked): Promise<(leader: string) => TradeOutcomes> {
  const rows = Map.groupBy(
    await sql.query<OutcomeRow>(OUTCOMES, valuesOf(asked)),
    ({ leader_id }) => leader_id,
  );
  return (leader) => outcomesOf(rows.get(leader) ?? []);
}

type ReasonRow = {
  readonly reason: MissReason;
  readonly trades: number;
  readonly notional_micros: bigint;
  readonly also_trades: number;
};

const MISSED_BY = `${WITH_TRADES}
  select r.reason, (count(*) filter (where r.place = 1))::int as trades,
    coalesce(sum(t.notional_micros) filter (where r.place = 1), 0)::bigint as notional_micros,
    (count(*) filter (where r.place > 1))::int as also_trades
  from trade t cross join lateral jsonb_array_elements_text(t.reasons) with ordinality as r (reason, place)
  where t.fate = 'MISSED' group by r.reason order by trades desc, also_trades desc, r.reason collate "C"`;

/** Why trades were missed, the most frequent first reason first. Asked for one leader, or for several as one. */
export async function readMissedBy(sql: Sql, asked: Asked): Promise<MissedBy[]> {
  const rows = await sql.query<ReasonRow>(MISSED_BY, valuesOf(asked));
  return rows.map((row) => ({
    reason: row.reason,
    trades: row.trades,
    notionalMicros: usd(row.notional_micros),
    alsoTrades: row.also_trades,
  }));
}
