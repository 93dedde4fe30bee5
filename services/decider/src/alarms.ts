import type { Clock, Timer } from '@slipstream/runtime';
import type { Group } from './core/group.ts';

/** One deadline per open group. */
export type Alarms = {
  /** Arms the group's next instant in place of the one before; a DONE group has none. */
  set(group: Group): void;
  clear(): void;
};

export function createAlarms(clock: Pick<Clock, 'at'>, onDue: () => Promise<void>): Alarms {
  const timers = new Map<string, Timer>();
  return {
    set: ({ groupKey, status, wakeAt }) => {
      timers.get(groupKey)?.cancel();
      if (status === 'DONE') timers.delete(groupKey);
      else timers.set(groupKey, clock.at(wakeAt, `group ${groupKey}`, onDue));
    },
    clear: () => {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
