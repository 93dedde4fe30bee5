import { type Group, groupIdOf, inDueOrder, laneIn } from '../core/group.ts';

/** The groups that take parts or wait for market data, as committed: the database holds the same. */
export type OpenGroups = {
  /** Takes the group as it stands now; one that is DONE, or waits in a bucket, is forgotten here. */
  put(group: Group): void;
  /** The latest OPEN group of each mode, leader, token and side. */
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

  const forget = (id: string, tokenId: string): void => {
    const ids = waiting.get(tokenId);
    if (ids?.delete(id) === true && ids.size === 0) waiting.delete(tokenId);
  };
  const wait = (id: string, tokenId: string): void => {
    const ids = waiting.get(tokenId);
    if (ids === undefined) waiting.set(tokenId, new Set([id]));
    else ids.add(id);
  };

  return {
    put: (group) => {
      const [id, lane] = [groupIdOf(group), laneIn(group.mode, group)];
      if (group.status === 'DONE' || group.status === 'BUFFERED') groups.delete(id);
      else groups.set(id, group);
      if (group.status === 'OPEN' && group.source === 'TRADES') byLane.set(lane, group);
      else if (byLane.get(lane)?.groupKey === group.groupKey) byLane.delete(lane);
      if (group.status === 'WAITING') wait(id, group.tokenId);
      else forget(id, group.tokenId);
    },
    byLane: () => byLane,
    due: (now) =>
      [...groups.values()].filter((group) => group.wakeAt.getTime() <= now.getTime()).sort(inDueOrder),
    waitingOn: (tokenId) => [...(waiting.get(tokenId) ?? [])].flatMap((id) => groups.get(id) ?? []),
    awaited: () => [...waiting.keys()],
    all: () => [...groups.values()],
    clear: () => {
      groups.clear();
      byLane.clear();
      waiting.clear();
    },
  };
}
