import { createMetrics, idleActivity, type Service, silentLogger, wallClock } from '@slipstream/runtime';

export type TestService = { readonly service: Service; readonly stop: () => Promise<void> };

/** A service on the wall clock that keeps what is to be stopped and says nothing. */
export function aService(name: string): TestService {
  const log = silentLogger();
  const clock = wallClock(idleActivity, log);
  const stops: (() => Promise<void> | void)[] = [];
  return {
    service: {
      name,
      clock,
      activity: idleActivity,
      log,
      metrics: createMetrics(name),
      health: {
        check: () => undefined,
        report: async () => ({ service: name, ready: true, detail: null, checks: {} }),
      },
      signal: new AbortController().signal,
      onStop: (_what, stop) => void stops.push(stop),
      ready: () => undefined,
    },
    stop: async () => {
      await clock.stop();
      for (const stop of stops.reverse()) await stop();
    },
  };
}
