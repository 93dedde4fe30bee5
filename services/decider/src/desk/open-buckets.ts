import type { Buffering } from '@slipstream/proto';
import { bucketOf, type WaitingGroups } from '../core/bucket-groups.ts';
import { wakeAt } from '../core/buffer.ts';
import type { Group } from '../core/group.ts';

/** The groups that wait in buckets, as committed: the database holds the same. */
export type OpenBuckets = {
  /** Takes the group as it stands now; one that is not BUFFERED has left its bucket. */
  put(group: Group): void;
  waiting(): WaitingGroups;
  /** When each bucket must be looked at, by its name. */
  wakes(rulesOf: (group: Group) => Buffering | null): readonly (readonly [name: string, at: Date])[];
  count(): number;
  clear(): void;
};

/** A bucket is named for its first group: one that changed its lane by a change of rules stays whole. */
const nameOf = ({ mode, buffered, groupKey }: Group): string => `${mode} ${buffered?.bucketKey ?? groupKey}`;

export function createOpenBuckets(laneOf: (group: Group) => string): OpenBuckets {
  const buckets = new Map<string, Group[]>();
  const leave = (name: string, group: Group): void => {
    const rest = (buckets.get(name) ?? []).filter(({ groupKey }) => groupKey !== group.groupKey);
    if (rest.length === 0) buckets.delete(name);
    else buckets.set(name, rest);
  };
  return {
    put: (group) => {
      const name = nameOf(group);
      leave(name, group);
      if (group.status === 'BUFFERED') buckets.set(name, [...(buckets.get(name) ?? []), group]);
    },
    waiting: () => {
      const lanes = new Map<string, readonly Group[]>();
      for (const [name, groups] of buckets)
        for (const first of groups.slice(0, 1)) {
          const lane = laneOf(first);
          // Two that a change of rules has put into one lane stay two; the later one only waits for its end.
          lanes.set(lanes.has(lane) ? `${lane} ${name}` : lane, groups);
        }
      return lanes;
    },
    wakes: (rulesOf) =>
      [...buckets].flatMap(([name, groups]) => {
        const [first] = groups;
        const [bucket, rules] = [bucketOf(groups), first === undefined ? null : rulesOf(first)];
        return bucket === null || rules === null ? [] : [[name, wakeAt(bucket, rules)] as const];
      }),
    count: () => buckets.size,
    clear: () => buckets.clear(),
  };
}
