import type { Clock, Timer } from '@slipstream/runtime';

/** Deadlines by name, all leading to the same look at what is due. */
export type Alarms = {
  /** Arms a deadline in place of the one before it; null takes it away. */
  set(key: string, due: Date | null): void;
  clear(): void;
};

export function createAlarms(clock: Pick<Clock, 'at'>, onDue: () => Promise<void>): Alarms {
  const timers = new Map<string, Timer>();
  return {
    set: (key, due) => {
      timers.get(key)?.cancel();
      if (due === null) timers.delete(key);
      else timers.set(key, clock.at(due, key, onDue));
    },
    clear: () => {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
