import type { Leader, TradingMode } from '@slipstream/proto';
import type { StopLine } from '../core/capital-stop.ts';

/** The trailing lines of the leaders' slices, as committed. */
export type Stops = {
  put(line: StopLine): void;
  of(mode: TradingMode, leaderId: string): StopLine | null;
  all(): Iterable<StopLine>;
  clear(): void;
};

export function createStops(): Stops {
  const lines = new Map<string, StopLine>();
  return {
    put: (line) => void lines.set(`${line.mode} ${line.leaderId}`, line),
    of: (mode, leaderId) => lines.get(`${mode} ${leaderId}`) ?? null,
    all: () => lines.values(),
    clear: () => lines.clear(),
  };
}

/** When a person last cleared this leader's stop in this mode. */
export function clearedAtOf(leader: Pick<Leader, 'stopClearedAt'> | null, mode: TradingMode): Date | null {
  const at = leader?.stopClearedAt[mode] ?? null;
  return at === null ? null : new Date(at);
}
