import { most, portion, type UsdMicros, usd } from '@slipstream/money';
import type { CapitalStop, TradingMode } from '@slipstream/proto';

/** The trailing line of one leader's slice in one mode. */
export type StopLine = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly leaderId: string;
  /** His profit where the line began: nothing at first, later that of the first figure after a person cleared it. */
  readonly baseMicros: UsdMicros;
  /** Profit at its highest and at last, both since the beginning of following. */
  readonly peakMicros: UsdMicros;
  readonly profitMicros: UsdMicros;
  readonly asOf: Date;
  /** The clearing that the line began with. */
  readonly clearedAt: Date | null;
  readonly trip: { readonly at: Date; readonly action: CapitalStop['action'] } | null;
};

/** What his slice has made, realised and unrealised, at an instant. */
export type Profit = Pick<StopLine, 'mode' | 'scope' | 'leaderId' | 'profitMicros' | 'asOf'>;

const begin = (profit: Profit, clearedAt: Date | null): StopLine => {
  const baseMicros = clearedAt === null ? usd(0n) : profit.profitMicros;
  return {
    ...profit,
    baseMicros,
    peakMicros: most(baseMicros, profit.profitMicros),
    clearedAt,
    trip: null,
  };
};

const isLater = (a: Date | null, b: Date | null): boolean =>
  a !== null && (b === null || a.getTime() > b.getTime());

/**
 * The line after one more figure. Capital plus profit since its beginning makes the line; it trips where that falls
 * under its highest point by more than `trailBps` of it, and stays so until a person clears it.
 *
 * A figure that is older than the last one changes nothing: snapshots may come twice. Units: micros.
 */
export function advance(
  line: StopLine | null,
  profit: Profit,
  rules: CapitalStop,
  clearedAt: Date | null,
): StopLine {
  const cleared = isLater(clearedAt, line?.clearedAt ?? null);
  // What was measured before the clearing is what was cleared.
  const counts = !isLater(clearedAt, profit.asOf);
  if (line === null || (cleared && counts)) return begin(profit, clearedAt);
  if (profit.asOf.getTime() <= line.asOf.getTime()) return line;
  const peakMicros = most(line.peakMicros, profit.profitMicros);
  const next = { ...line, peakMicros, profitMicros: profit.profitMicros, asOf: profit.asOf };
  if (line.trip !== null || !rules.enabled) return next;
  const height = usd(rules.capitalMicros + peakMicros - line.baseMicros);
  const fall = peakMicros - profit.profitMicros;
  const tripped = fall > portion(height, rules.trailBps, 'down');
  return tripped ? { ...next, trip: { at: profit.asOf, action: rules.action } } : next;
}

/** Whether the stop holds back new positions now: it has tripped, is still wanted, and nobody has cleared it since. */
export const isStopped = (
  line: StopLine | null,
  rules: Pick<CapitalStop, 'enabled'>,
  clearedAt: Date | null,
): boolean => rules.enabled && line?.trip != null && !isLater(clearedAt, line.clearedAt);
