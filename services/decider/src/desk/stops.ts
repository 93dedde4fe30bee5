import type { Leader, TradingMode } from '@slipstream/proto';
import type { StopLine } from '../core/capital-stop.ts';
import { type AccountName, accountKeyOf } from '../core/route.ts';

/** The trailing lines of the leaders' slices in each account, as committed. */
export type Stops = {
  put(line: StopLine): void;
  of(account: AccountName, leaderId: string): StopLine | null;
  all(): Iterable<StopLine>;
  clear(): void;
};

/** Names a line among all: a leader has one in each account. */
export const lineKeyOf = (account: AccountName, leaderId: string): string =>
  `${accountKeyOf(account)} ${leaderId}`;

export function createStops(): Stops {
  const lines = new Map<string, StopLine>();
  return {
    put: (line) => void lines.set(lineKeyOf(line, line.leaderId), line),
    of: (account, leaderId) => lines.get(lineKeyOf(account, leaderId)) ?? null,
    all: () => lines.values(),
    clear: () => lines.clear(),
  };
}

/** When a person last cleared this leader's stop in this mode, for every account of it. */
export function clearedAtOf(leader: Pick<Leader, 'stopClearedAt'> | null, mode: TradingMode): Date | null {
  const at = leader?.stopClearedAt[mode] ?? null;
  return at === null ? null : new Date(at);
}
