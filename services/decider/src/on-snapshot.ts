import { type Handler, newTrace } from '@slipstream/bus';
import { usd } from '@slipstream/money';
import type { PortfolioSnapshot, TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import { advance, isStopped, type StopLine } from './core/capital-stop.ts';
import { exitsOf, type Held } from './core/exits.ts';
import { type Group, groupIdOf } from './core/group.ts';
import type { Accounts, Outcome } from './decide-groups.ts';
import type { Desk } from './desk/desk.ts';
import { clearedAtOf, lineKeyOf, type Stops } from './desk/stops.ts';
import type { Figures } from './figures.ts';
import type { Settings } from './watched/watch-settings.ts';

export type SnapshotPorts = {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: Pick<Desk, 'pass' | 'settle'>;
  readonly settings: Pick<Settings, 'rules' | 'leader'>;
  readonly stops: Pick<Stops, 'of' | 'all'>;
  /** Which of these groups exist already, by `groupIdOf`. */
  readonly readKnown: (groups: readonly Group[]) => Promise<ReadonlySet<string>>;
  /** Of these modes. */
  readonly readAccounts: (modes: ReadonlySet<TradingMode>) => Promise<Accounts>;
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
    const key = lineKeyOf({ mode, scope }, leaderId);
    const profitMicros = usd(realizedPnlMicros + unrealizedPnlMicros);
    const profit = { mode, scope, leaderId, profitMicros, asOf: new Date(bucketTime) };
    const before = lines.get(key) ?? io.stops.of({ mode, scope }, leaderId);
    lines.set(key, advance(before, profit, rules, clearedAtOf(io.settings.leader(leaderId), mode)));
  }
  return [...lines.values()];
}

/** Those of the lines whose stop holds now. */
const stopped = (io: SnapshotPorts, lines: Iterable<StopLine>): StopLine[] =>
  [...lines].filter((line) => {
    const rules = io.settings.rules(line.mode, line.leaderId)?.capitalStop;
    const clearedAt = clearedAtOf(io.settings.leader(line.leaderId), line.mode);
    return rules !== undefined && isStopped(line, rules, clearedAt);
  });

/** Decides the exits that these lines ask for now, and stores them together with the lines that have moved. */
async function exit(
  io: SnapshotPorts,
  partition: number,
  tripped: readonly StopLine[],
  moved: readonly StopLine[],
): Promise<void> {
  const accounts =
    tripped.length === 0 ? null : await io.readAccounts(new Set(tripped.map(({ mode }) => mode)));
  const valued = accounts?.() ?? [];
  const heldBy = ({ mode, scope, leaderId }: StopLine): readonly Held[] =>
    valued.find((account) => account.mode === mode && account.scope === scope)?.holdingsOf(leaderId) ?? [];
  const now = io.clock.now();
  const wanted = tripped.flatMap((line) => exitsOf(line, heldBy(line), now, partition, newTrace));
  const known = await io.readKnown(wanted);
  const exits = wanted.filter((group) => !known.has(groupIdOf(group)));
  if (exits.length === 0 && moved.length === 0) return;
  const outcome: Outcome =
    accounts === null || exits.length === 0 ? { groups: [], decided: [] } : io.decideGroups(exits, accounts);
  const { groups, decided } = outcome;
  await io.desk.settle({ parts: [], holdings: [], groups, decided, stops: moved, at: now });
  io.figures.decided(decided);
}

/**
 * Consumes `copy.portfolio.snapshot.*`: moves the trailing line of each leader who has a capital stop, and sells what
 * we hold from one whose stop has tripped and closes, in the account where it has tripped.
 *
 * Redelivery-safe: a figure that is not newer than the line's last one changes nothing, and an exit has a name.
 */
export const onSnapshots =
  (io: SnapshotPorts, partition: number): Handler<PortfolioSnapshot> =>
  async (batch) => {
    const snapshots = batch.map(({ message }) => message);
    await io.desk.pass(async () => {
      const stops = moved(io, snapshots);
      if (stops.length > 0) await exit(io, partition, stopped(io, stops), stops);
    });
  };

/**
 * Runs every so often: asks again for exits that did not get us out. No figure comes for what we hold while its price
 * stands still, and an order that met no bid is over.
 */
export const onExitsDue = (io: SnapshotPorts, partition: number) => async (): Promise<void> => {
  const wanted = (): StopLine[] => stopped(io, io.stops.all()).filter(({ trip }) => trip?.action === 'close');
  if (wanted().length > 0) await io.desk.pass(() => exit(io, partition, wanted(), []));
};
