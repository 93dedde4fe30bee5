/**
 * A few works at once, in turn: each waits for the one before it in its lane, and one that fails does not stop the next.
 * With one lane they run one after the other, in the order of asking.
 */
export function createLanes(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const lanes: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve());
  let turn = 0;
  return (work) => {
    turn = (turn + 1) % count;
    const next = Promise.resolve(lanes[turn]).then(work);
    lanes[turn] = next.catch(() => undefined);
    return next;
  };
}
