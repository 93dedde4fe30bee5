import type { Sql } from '@slipstream/db';
import type { TargetCuts } from '@slipstream/proto/http';
import { shareOf } from '../../core/quality.ts';
import { type Asked, valuesOf, WITH_SEEN } from './seen.ts';

type Row = { readonly sized: number; readonly cut: number };

/** Where the inputs of a decision, as the decider records them, say what it wanted before any cut. */
const SIZING = `c.inputs -> 'config' -> 'sizing'`;
const GROUP = `c.inputs -> 'group'`;
const sizing = (field: string): string => `(${SIZING} ->> '${field}')::numeric`;

/** What a rate in bps takes of the leader's notional, floored. */
const atRate = (field: string): string => `div(c.leader_notional_micros * ${sizing(field)}, 10000)`;

/** Our budget over the leader's own exposure, within its rates; the highest rate where the exposure is not known. */
const BUDGETED = `case when (c.inputs ->> 'leaderWorthMicros')::numeric > 0 and ${sizing('budgetMicros')} is not null
  then least(greatest(div(c.leader_notional_micros * ${sizing('budgetMicros')}, (c.inputs ->> 'leaderWorthMicros')::numeric),
    ${atRate('budgetRMinBps')}), ${atRate('budgetRMaxBps')}) else ${atRate('budgetRMaxBps')} end`;

/** The notional after rate and minimum, before the largest trade, bankroll and budget. Source: domain rules §3. */
const WANTED = `greatest(coalesce((${GROUP} -> 'flush' ->> 'scaledMicros')::numeric,
  case ${SIZING} ->> 'sizingMode' when 'budgetedDynamic' then ${BUDGETED} else ${atRate('copyPctNotionalBps')} end),
  ${sizing('minTradeNotionalMicros')})`;

/** Compared in shares, which both sides are sized in. A proportional sale is exact: nothing cuts it. */
const CUTS = `${WITH_SEEN}
  select count(*)::int as sized, (count(*) filter (where (a.side = 'BUY' or ${SIZING} ->> 'sellMode' = 'rate')
    and a.target_size_micros < div(${WANTED} * 1000000, nullif(a.leader_price_micros, 0))))::int as cut
  from own a join decider.copy_attempt c on c.attempt_id = a.attempt_id
  where a.target_size_micros is not null`;

/** How many targets were made smaller than the rules wanted them. Asked for one leader: it reads recorded inputs. */
export async function readTargetCuts(sql: Sql, asked: Asked): Promise<TargetCuts> {
  const [{ sized, cut } = { sized: 0, cut: 0 }] = await sql.query<Row>(CUTS, valuesOf(asked));
  return { sized, cut, cutBps: shareOf(BigInt(cut), BigInt(sized)) };
}
