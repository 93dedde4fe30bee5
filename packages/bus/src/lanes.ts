/**
 * Names the readers of one lane within a process: the first has the lane's own name, further ones a suffix, so that
 * each must keep up by itself.
 */
export function createLanes(): (lane: string) => string {
  const readers = new Map<string, number>();
  return (lane) => {
    const count = (readers.get(lane) ?? 0) + 1;
    readers.set(lane, count);
    return count === 1 ? lane : `${lane}#${count}`;
  };
}

/** What a reader that ended reports, so that nobody waits for it any more. */
export const LANE_LEFT = Number.MAX_SAFE_INTEGER;
