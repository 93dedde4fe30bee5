import type { Clock, Repeated, Timer } from './clock.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { checkPeriod } from './loop.ts';

/** Work that arms itself again for the same instant runs into this, rather than for ever. */
const RUNS_MOST = 100_000;

/** A clock for unit tests: it stands still, and what falls due runs, one after the other, while it is moved. */
export type FakeClock = Clock & {
  /** Moves on by so many milliseconds; everything due on the way runs at its own instant. Errors: those of the runs. */
  advance(ms: number): Promise<void>;
  /** Moves to an instant that is not in the past, in the same way. */
  set(instant: Date): Promise<void>;
  /** Keys of armed deadlines in the order in which they will run; polls and loops are `poll <name>`, `every <name>`. */
  pending(): readonly string[];
};

/** Opens a fake clock at an instant. Polls and loops keep their periods as on the wall clock; `kind` is `wall`. */
export function fakeClock(start: Date): FakeClock {
  const deadlines = new DeadlineQueue();
  let nowMs = start.getTime();

  const arm = (dueMs: number, key: string, run: () => Promise<void>): Timer => {
    const deadline = { dueMs: Math.max(dueMs, nowMs), key, run };
    deadlines.set(deadline);
    return { cancel: () => void deadlines.remove(deadline) };
  };
  const repeat = (key: string, firstMs: number, periodMs: number, run: Repeated): Timer => {
    checkPeriod(key, periodMs);
    const cancelled = new AbortController();
    const again = async (): Promise<void> => {
      const next = nowMs + periodMs;
      try {
        await run(cancelled.signal);
      } finally {
        if (!cancelled.signal.aborted) timer = arm(next, key, again);
      }
    };
    let timer = arm(firstMs, key, again);
    return {
      cancel: () => {
        cancelled.abort();
        timer.cancel();
      },
    };
  };
  const moveTo = async (endMs: number): Promise<void> => {
    if (endMs < nowMs) throw new RangeError('a clock does not go back');
    for (let runs = 0; runs < RUNS_MOST; runs += 1) {
      const due = deadlines.takeDue(endMs);
      if (due === undefined) {
        nowMs = endMs;
        return;
      }
      nowMs = Math.max(nowMs, due.dueMs);
      await due.run();
    }
    throw new RangeError(`more than ${RUNS_MOST} runs in one move of the fake clock`);
  };
  return {
    kind: 'wall',
    now: () => new Date(nowMs),
    at: (due, key, run) => arm(due.getTime(), key, run),
    poll: (name, periodMs, run) => repeat(`poll ${name}`, nowMs, periodMs, run),
    every: (name, periodMs, run) => repeat(`every ${name}`, nowMs + periodMs, periodMs, run),
    advance: (ms) => moveTo(nowMs + ms),
    set: (instant) => moveTo(instant.getTime()),
    pending: () => deadlines.keys(),
  };
}
