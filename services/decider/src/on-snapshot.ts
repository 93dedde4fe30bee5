import { type Handler, newTrace } from '@slipstream/bus';
import { usd } from '@slipstream/money';
import type { PortfolioSnapshot } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { advance, isStopped, type StopLine } from './core/capital-stop.ts';
import { exitsOf } from './core/exits.ts';
import { type Group, groupIdOf } from './core/group.ts';
import type { Accounts, Outcome } from './decide-groups.ts';
import type { Desk } from './desk/desk.ts';
import { clearedAtOf, type Stops } from './desk/stops.ts';
import type { Figures } from './figures.ts';
import type { Settings } from './watched/watch-settings.ts';

export type SnapshotPorts = {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: Pick<Desk, 'pass' | 'settle'>;
  readonly settings: Pick<Settings, 'rules' | 'leader'>;
  readonly stops: Pick<Stops, 'of'>;
  /** Which of these groups exist already, by `groupIdOf`. */
  readonly readKnown: (groups: readonly Group[]) => Promise<ReadonlySet<string>>;
  readonly readAccounts: () => Promise<Accounts>;
  readonly decideGroups: (groups: readonly Group[], accounts: Accounts) => Outcome;
  readonly figures: Pick<Figures, 'decided'>;
};

/** The lines that these figures move, each figure after the other; only of leaders who have a stop. */
function moved(io: SnapshotPorts, snapshots: readonly PortfolioSnapshot[]): readonly StopLine[] {
  const lines = new Map<string, StopLine>();
  for (const { mode, scope, leaderId, realizedPnlMicros, unrealizedPnlMicros, bucketTime } of snapshots) {
    if (leaderId === null || unrealizedPnlMicros === null) continue;
    const rules = io.settings.rules(mode, leaderId)?.capitalStop;
    if (rules === undefined || !rules.enabled) continue;
    const key = `${mode} ${leaderId}`;
    const profitMicros = usd(realizedPnlMicros + unrealizedPnlMicros);
    const profit = { mode, scope, leaderId, profitMicros, asOf: new Date(bucketTime) };
    const before = lines.get(key) ?? io.stops.of(mode, leaderId);
    lines.set(key, advance(before, profit, rules, clearedAtOf(io.settings.leader(leaderId), mode)));
  }
  return [...lines.values()];
}

/**
 * Consumes `copy.portfolio.snapshot.*`: moves the trailing line of each leader who has a capital stop, and sells what
 * we hold from one whose stop has tripped and closes.
 *
 * Redelivery-safe: a figure that is not newer than the line's last one changes nothing, and an exit has a name.
 */
export const onSnapshots =
  (io: SnapshotPorts, partition: number): Handler<PortfolioSnapshot> =>
  async (batch) => {
    await io.desk.pass(async () => {
      const stops = moved(
        io,
        batch.map(({ message }) => message),
      );
      if (stops.length === 0) return;
      const tripped = stops.filter((line) => {
        const rules = io.settings.rules(line.mode, line.leaderId)?.capitalStop;
        const clearedAt = clearedAtOf(io.settings.leader(line.leaderId), line.mode);
        return rules !== undefined && isStopped(line, rules, clearedAt);
      });
      const accounts = tripped.length === 0 ? null : await io.readAccounts();
      const valued = accounts?.();
      const now = io.clock.now();
      const wanted = tripped.flatMap((line) =>
        exitsOf(line, valued?.get(line.mode)?.holdingsOf(line.leaderId) ?? [], now, partition, newTrace),
      );
      const known = await io.readKnown(wanted);
      const exits = wanted.filter((group) => !known.has(groupIdOf(group)));
      const outcome: Outcome =
        accounts === null || exits.length === 0
          ? { groups: [], decided: [] }
          : io.decideGroups(exits, accounts);
      const { groups, decided } = outcome;
      await io.desk.settle({ parts: [], holdings: [], groups, decided, stops, at: now });
      io.figures.decided(decided);
    });
  };
