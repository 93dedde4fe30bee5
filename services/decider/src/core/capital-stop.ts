import { most, portion, type UsdMicros, usd } from '@slipstream/money';
import type { CapitalStop, TradingMode } from '@slipstream/proto';

/** The trailing line of one leader's slice in one account. */
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

/** The line with its trip, where it lies too far under its highest point and did not lie there before. */
function judged(line: StopLine, { enabled, capitalMicros, trailBps, action }: CapitalStop): StopLine {
  if (line.trip !== null || !enabled) return line;
  const height = usd(capitalMicros + line.peakMicros - line.baseMicros);
  const fall = line.peakMicros - line.profitMicros;
  return fall > portion(height, trailBps, 'down') ? { ...line, trip: { at: line.asOf, action } } : line;
}

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
  if (line === null || (cleared && counts)) return judged(begin(profit, counts ? clearedAt : null), rules);
  if (profit.asOf.getTime() <= line.asOf.getTime()) return line;
  const { profitMicros, asOf } = profit;
  return judged({ ...line, peakMicros: most(line.peakMicros, profitMicros), profitMicros, asOf }, rules);
}

/** Whether the stop holds back new positions now: it has tripped, is still wanted, and nobody has cleared it since. */
export const isStopped = (
  line: StopLine | null,
  rules: Pick<CapitalStop, 'enabled'>,
  clearedAt: Date | null,
): boolean => rules.enabled && line?.trip != null && !isLater(clearedAt, line.clearedAt);
