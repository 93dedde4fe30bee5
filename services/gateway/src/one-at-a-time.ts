import { HttpProblem } from './errors.ts';

/** Pieces of work that may wait for one another; more at once than this are refused. */
const WAITING_MAX = 1_000;

/**
 * A lane: runs one after the other, in the order in which it was asked.
 *
 * Errors: HttpProblem 503 when too many wait; what the work throws, which the next one does not see.
 */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= WAITING_MAX)
      throw new HttpProblem(503, 'Too many changes are waiting; try again in a moment.');
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine.finally(() => {
      waiting -= 1;
    });
  };
}
