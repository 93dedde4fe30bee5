import type { TradingMode } from '@slipstream/proto';
import type { Clock } from '@slipstream/runtime';
import type { Group } from './core/group.ts';
import type { Accounts, Outcome } from './decide-groups.ts';
import type { Desk } from './desk/desk.ts';
import type { OpenBuckets } from './desk/open-buckets.ts';
import type { OpenGroups } from './desk/open-groups.ts';
import type { Figures } from './figures.ts';

/** Groups of one transaction: past this a larger one is no faster, only longer. */
const DECIDE_BATCH_MAX = 500;

export type GroupDuePorts = {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: Pick<Desk, 'pass' | 'settle' | 'arm' | 'isSound'>;
  readonly buckets: Pick<OpenBuckets, 'count'>;
  readonly groups: Pick<OpenGroups, 'due'>;
  /** Of these modes. */
  readonly readAccounts: (modes: ReadonlySet<TradingMode>) => Promise<Accounts>;
  readonly decideGroups: (groups: readonly Group[], accounts: Accounts) => Outcome;
  readonly figures: Pick<Figures, 'decided'>;
};

/**
 * Decides every group and bucket that is due, in (due, group key) order, many in one transaction.
 *
 * One pass serves all deadlines that fall due while it runs. A decided group is DONE or waits for a later instant, so
 * that the pass ends. Repeat-safe: an attempt has a unique key, and one that is there already was decided before.
 * Errors: what reading and committing throw; the desk then reads everything again and arms what is still open.
 */
export function onGroupsDue(io: GroupDuePorts): () => Promise<void> {
  let running = false;

  const next = (): readonly Group[] => io.groups.due(io.clock.now()).slice(0, DECIDE_BATCH_MAX);
  const decideOnce = async (due: readonly Group[]): Promise<void> => {
    const accounts = await io.readAccounts(new Set(due.map(({ mode }) => mode)));
    const { groups, decided } = io.decideGroups(due, accounts);
    if (groups.length === 0) return;
    await io.desk.settle({ parts: [], holdings: [], groups, decided, stops: [], at: io.clock.now() });
    io.figures.decided(decided);
  };
  const decideAll = async (): Promise<void> => {
    let due = next();
    // Buckets are looked at with every batch; a deadline of theirs may come when no group is due.
    if (due.length === 0 && io.buckets.count() > 0) await decideOnce([]);
    for (; due.length > 0; due = next()) await decideOnce(due);
    io.desk.arm();
    running = false;
  };

  return async () => {
    if (running || !io.desk.isSound()) return;
    running = true;
    try {
      await io.desk.pass(decideAll);
    } finally {
      running = false;
    }
  };
}
