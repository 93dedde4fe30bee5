import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from './errors.ts';

/** PostgreSQL's code while it listens already and is not ready yet, as for a moment after every start. */
const STARTING = '57P03';
const START_WAIT_MS = 30_000;
const ASK_AGAIN_MS = 50;

/**
 * Does the first work on a server, as soon as it has finished starting.
 *
 * Errors: whatever `work` rejects with, the server's "is starting up" included when that takes too long.
 */
export async function onceStarted<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== STARTING || performance.now() > deadline) throw error;
      await wait(ASK_AGAIN_MS);
    }
  }
}
