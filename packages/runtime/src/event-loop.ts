import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CheckResult } from './check-result.ts';

const RESOLUTION_MS = 20;
/** The window over which the delay is looked at: two halves, so that a reset never shows an empty one. */
const HALF_WINDOW_MS = 5_000;
const LAG_MOST_MS = 1_000;
const NS_PER_MS = 1e6;

/** Watches how late the event loop is, since a process that cannot run its timers is not ready, whatever else holds. */
export function watchEventLoop(): { readonly check: () => CheckResult; readonly stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let before = 0;
  delay.enable();
  const turn = setInterval(() => {
    before = delay.max / NS_PER_MS;
    delay.reset();
  }, HALF_WINDOW_MS).unref();
  return {
    check: () => {
      // The monitor measures the whole interval, its own resolution included; an empty one reports nothing of use.
      const lagMs = Math.max(
        0,
        Math.round(Math.max(before, delay.count > 0 ? delay.max / NS_PER_MS : 0) - RESOLUTION_MS),
      );
      return { ok: lagMs <= LAG_MOST_MS, detail: { lagMs } };
    },
    stop: () => {
      clearInterval(turn);
      delay.disable();
    },
  };
}
