import type { Activity } from '../activity.ts';
import { createLaneBook, type MovedPositions } from './lane-book.ts';

/** An activity that is watched: the tape clock asks it whether the process is at rest. */
export type TrackedActivity = Activity & {
  /** Counts everything that happened; two equal readings mean that nothing did in between. */
  changes(): number;
  /** Something happened that is not work, such as a deadline being armed. */
  touch(): void;
  /** Our readers of this lane must reach this sequence before we are at rest. */
  need(lane: string, sequence: number): void;
  /** True when nothing is under way and every needed position is reached. */
  atRest(): boolean;
  /** Resolves as soon as `atRest` holds, at once if it does. */
  whenAtRest(): Promise<void>;
  /** Passes every barrier. Errors: that of the first barrier that fails, with its name. */
  passBarriers(): Promise<void>;
  hasBarriers(): boolean;
  /** Positions that moved since this was last called. */
  takeMoved(): MovedPositions;
  /** Why the process is not at rest, in words. */
  explain(): readonly string[];
};

/** Passes all barriers at once. Errors: that of the first which fails, with its name. */
async function passAll(barriers: ReadonlyMap<string, () => Promise<void>>): Promise<void> {
  const passing = [...barriers].map(async ([name, wait]) => {
    try {
      await wait();
    } catch (cause) {
      throw new Error(`barrier ${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  });
  await Promise.all(passing);
}

function countLabels(labels: Iterable<string>): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) =>
    count === 1 ? `busy with ${label}` : `busy with ${count} × ${label}`,
  );
}

/** Opens the books of what is under way in a process on a tape. */
export function createTrackedActivity(): TrackedActivity {
  const busy = new Map<object, string>();
  const lanes = createLaneBook();
  const barriers = new Map<string, () => Promise<void>>();
  let changes = 0;
  let rest: PromiseWithResolvers<void> | undefined;

  const atRest = (): boolean => busy.size === 0 && lanes.lagging().length === 0;
  const tellRest = (): void => {
    if (rest === undefined || !atRest()) return;
    rest.resolve();
    rest = undefined;
  };
  const begin = (label = 'work'): (() => void) => {
    const token = {};
    busy.set(token, label);
    changes += 1;
    return () => {
      if (busy.delete(token)) tellRest();
    };
  };
  return {
    begin,
    run: async (work, label) => {
      const end = begin(label);
      try {
        return await work();
      } finally {
        end();
      }
    },
    produced: (lane, sequence) => {
      changes += 1;
      lanes.produced(lane, sequence);
    },
    consumed: (reader, sequence) => {
      if (!lanes.consumed(reader, sequence)) return;
      changes += 1;
      tellRest();
    },
    barrier: (name, wait) => void barriers.set(name, wait),
    changes: () => changes,
    touch: () => {
      changes += 1;
    },
    need: lanes.need,
    atRest,
    whenAtRest: () => {
      if (atRest()) return Promise.resolve();
      rest ??= Promise.withResolvers<void>();
      return rest.promise;
    },
    hasBarriers: () => barriers.size > 0,
    passBarriers: () => passAll(barriers),
    takeMoved: lanes.takeMoved,
    explain: () => [...countLabels(busy.values()), ...lanes.lagging()],
  };
}
