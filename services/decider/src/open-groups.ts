import { type Group, inDueOrder, laneOf } from './core/group.ts';

/** The groups that are not decided yet, as committed: the database holds the same. */
export type OpenGroups = {
  /** Takes the group as it stands now; a DONE one is forgotten. */
  put(group: Group): void;
  /** The latest OPEN group of each leader, token and side. */
  byLane(): ReadonlyMap<string, Group>;
  /** Those that must be looked at now, in the order in which they are decided. */
  due(now: Date): readonly Group[];
  waitingOn(tokenId: string): readonly Group[];
  /** Tokens that some group waits for. */
  awaited(): readonly string[];
  /** All of them, in no order. */
  all(): readonly Group[];
  clear(): void;
};

export function createOpenGroups(): OpenGroups {
  const groups = new Map<string, Group>();
  const byLane = new Map<string, Group>();
  const waiting = new Map<string, Set<string>>();

  const forget = ({ groupKey, tokenId }: Group): void => {
    const keys = waiting.get(tokenId);
    if (keys?.delete(groupKey) === true && keys.size === 0) waiting.delete(tokenId);
  };
  const wait = ({ groupKey, tokenId }: Group): void => {
    const keys = waiting.get(tokenId);
    if (keys === undefined) waiting.set(tokenId, new Set([groupKey]));
    else keys.add(groupKey);
  };

  return {
    put: (group) => {
      const lane = laneOf(group);
      if (group.status === 'DONE') groups.delete(group.groupKey);
      else groups.set(group.groupKey, group);
      if (group.status === 'OPEN') byLane.set(lane, group);
      else if (byLane.get(lane)?.groupKey === group.groupKey) byLane.delete(lane);
      if (group.status === 'WAITING') wait(group);
      else forget(group);
    },
    byLane: () => byLane,
    due: (now) =>
      [...groups.values()].filter((group) => group.wakeAt.getTime() <= now.getTime()).sort(inDueOrder),
    waitingOn: (tokenId) =>
      [...(waiting.get(tokenId) ?? [])].flatMap((groupKey) => groups.get(groupKey) ?? []),
    awaited: () => [...waiting.keys()],
    all: () => [...groups.values()],
    clear: () => {
      groups.clear();
      byLane.clear();
      waiting.clear();
    },
  };
}
