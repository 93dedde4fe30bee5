import type { Logger } from './log.ts';

/** All stopping together; a supervisor kills after 10 s, so that we end by ourselves before. */
export const STOP_GRACE_MS = 8_000;

export type StopList = {
  add(name: string, stop: () => Promise<void> | void): void;
  /** Runs every stop in reverse order, failures included. True when all ended well within the grace. */
  run(graceMs?: number): Promise<boolean>;
};

/** What must be stopped, in the order in which it was opened. */
export function createStopList(log: Logger): StopList {
  const stops: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  let current = 'nothing';
  const stopAll = async (): Promise<boolean> => {
    let well = true;
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) {
      current = next.name;
      try {
        await next.stop();
      } catch (error) {
        well = false;
        log.error({ part: next.name, error }, 'service.stop.failed');
      }
    }
    return well;
  };
  return {
    add: (name, stop) => void stops.push({ name, stop }),
    run: async (graceMs = STOP_GRACE_MS) => {
      const { promise: late, resolve } = Promise.withResolvers<'late'>();
      const timer = setTimeout(() => resolve('late'), graceMs);
      const ended = await Promise.race([stopAll(), late]);
      clearTimeout(timer);
      if (ended !== 'late') return ended;
      log.error({ part: current, graceMs, notStopped: stops.map(({ name }) => name) }, 'service.stop.late');
      return false;
    },
  };
}
