import type { Activity } from './activity.ts';
import type { Repeated, StoppableClock, Timer } from './clock.ts';
import { type Deadline, DeadlineQueue } from './deadline-queue.ts';
import type { Logger } from './log.ts';
import { checkPeriod, runLoop } from './loop.ts';

/** The machine's clock may be set while we wait, so that it is read again at least this often. */
const LOOK_AGAIN_MS = 30_000;

/**
 * The clock of a running system. Due deadlines start in order of (due, key) and do not wait for one another; errors
 * are logged. Waits of any length are safe, and so is a machine whose clock is set forward.
 */
export function wallClock(activity: Activity, log: Logger): StoppableClock {
  const deadlines = new DeadlineQueue();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let alarm: NodeJS.Timeout | undefined;

  const keep = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const runDeadline = async ({ key, run }: Deadline): Promise<void> => {
    try {
      await activity.run(run, `at ${key}`);
    } catch (error) {
      log.error({ key, error }, 'deadline.failed');
    }
  };
  const setAlarm = (): void => {
    clearTimeout(alarm);
    const first = deadlines.first();
    if (first === undefined || stopping.signal.aborted) return;
    alarm = setTimeout(runDue, Math.min(Math.max(first.dueMs - Date.now(), 0), LOOK_AGAIN_MS));
  };
  function runDue(): void {
    // One reading of the clock bounds this pass: what a deadline arms for now comes in the next one.
    const nowMs = Date.now();
    for (let due = deadlines.takeDue(nowMs); due !== undefined; due = deadlines.takeDue(nowMs))
      keep(runDeadline(due));
    setAlarm();
  }
  const repeat = (
    name: string,
    periodMs: number,
    first: 'at-once' | 'after-period',
    run: Repeated,
  ): Timer => {
    checkPeriod(name, periodMs);
    const cancelled = new AbortController();
    const signal = AbortSignal.any([stopping.signal, cancelled.signal]);
    keep(runLoop({ name, periodMs, first, run, activity, log }, signal));
    return { cancel: () => cancelled.abort() };
  };

  return {
    kind: 'wall',
    now: () => new Date(),
    at: (due, key, run) => {
      const deadline: Deadline = { dueMs: due.getTime(), key, run };
      if (!stopping.signal.aborted) deadlines.set(deadline);
      if (deadlines.first() === deadline) setAlarm();
      return { cancel: () => void deadlines.remove(deadline) };
    },
    poll: (name, periodMs, run) => repeat(name, periodMs, 'at-once', run),
    every: (name, periodMs, run) => repeat(name, periodMs, 'after-period', run),
    stop: async () => {
      stopping.abort();
      clearTimeout(alarm);
      deadlines.clear();
      await Promise.all(running);
    },
  };
}
