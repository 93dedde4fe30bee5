import { createMetrics, type FakeClock, idleActivity, type Service, silentLogger } from '@slipstream/runtime';

/** A service around a clock that a test moves; its timers, log and health are there and say nothing. */
export const aService = (name: string, clock: FakeClock): Service => ({
  name,
  clock,
  activity: idleActivity,
  log: silentLogger(),
  metrics: createMetrics(name),
  health: {
    check: () => undefined,
    report: async () => ({ service: name, ready: true, detail: null, checks: {} }),
  },
  signal: new AbortController().signal,
  onStop: () => undefined,
  ready: () => undefined,
});
