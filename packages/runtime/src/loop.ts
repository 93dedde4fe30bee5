import type { Activity } from './activity.ts';
import type { Repeated } from './clock.ts';
import type { Logger } from './log.ts';
import { pause } from './pause.ts';

export type Loop = {
  readonly name: string;
  readonly periodMs: number;
  /** Whether the first run comes at once or after one period. */
  readonly first: 'at-once' | 'after-period';
  readonly run: Repeated;
  readonly activity: Activity;
  readonly log: Logger;
};

/** @throws RangeError for a period that would spin or never come. */
export function checkPeriod(name: string, periodMs: number): void {
  if (!Number.isFinite(periodMs) || periodMs < 1)
    throw new RangeError(`${name} wants a period of 1 ms or more`);
}

/** Waits until the monotonic clock of the machine shows `instantMs`, in as many pauses as that takes. */
async function waitUntil(instantMs: number, signal: AbortSignal): Promise<void> {
  for (
    let left = instantMs - performance.now();
    left > 0 && !signal.aborted;
    left = instantMs - performance.now()
  )
    await pause(left, signal);
}

/**
 * Runs again and again until the signal aborts, one period from start to start, never overlapping itself: a run that
 * took longer is followed at once by the next. An error is logged as `loop.failed` and the loop goes on.
 */
export async function runLoop(loop: Loop, signal: AbortSignal): Promise<void> {
  checkPeriod(loop.name, loop.periodMs);
  let dueMs = performance.now() + (loop.first === 'at-once' ? 0 : loop.periodMs);
  while (!signal.aborted) {
    await waitUntil(dueMs, signal);
    if (signal.aborted) return;
    dueMs = performance.now() + loop.periodMs;
    try {
      await loop.activity.run(() => loop.run(signal), `loop ${loop.name}`);
    } catch (error) {
      if (!signal.aborted) loop.log.error({ loop: loop.name, error }, 'loop.failed');
    }
  }
}
