import type { Sql } from '@slipstream/db';
import { usd } from '@slipstream/money';
import type { CapitalStop, TradingMode } from '@slipstream/proto';
import type { StopLine } from '../core/capital-stop.ts';

export const stopRow = (line: StopLine) => ({
  mode: line.mode,
  scope: line.scope,
  leader_id: line.leaderId,
  base_micros: `${line.baseMicros}`,
  peak_micros: `${line.peakMicros}`,
  profit_micros: `${line.profitMicros}`,
  as_of: line.asOf,
  cleared_at: line.clearedAt,
  tripped_at: line.trip?.at ?? null,
  action: line.trip?.action ?? null,
});

type StopRow = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly leaderId: string;
  readonly baseMicros: bigint;
  readonly peakMicros: bigint;
  readonly profitMicros: bigint;
  readonly asOf: Date;
  readonly clearedAt: Date | null;
  readonly trippedAt: Date | null;
  readonly action: CapitalStop['action'] | null;
};

const READ = `
select mode, scope, leader_id as "leaderId", base_micros as "baseMicros", peak_micros as "peakMicros",
  profit_micros as "profitMicros", as_of as "asOf", cleared_at as "clearedAt", tripped_at as "trippedAt", action
from decider.capital_stop`;

/** The line of every leader: one row for each that ever had a slice. */
export async function readStops(sql: Sql): Promise<readonly StopLine[]> {
  const rows = await sql.query<StopRow>(READ);
  return rows.map(({ trippedAt, action, ...row }) => ({
    ...row,
    baseMicros: usd(row.baseMicros),
    peakMicros: usd(row.peakMicros),
    profitMicros: usd(row.profitMicros),
    trip: trippedAt === null || action === null ? null : { at: trippedAt, action },
  }));
}
