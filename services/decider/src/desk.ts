import { type OutboxRow, type Relay, stampHop } from '@slipstream/bus';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { createAlarms } from './alarms.ts';
import type { Group } from './core/group.ts';
import type { OpenGroups } from './open-groups.ts';
import type { Reservation, Reservations } from './reservations.ts';
import type { Change } from './store/commit.ts';

export type DeskPorts = {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly activity: Activity;
  readonly log: Logger;
  readonly groups: OpenGroups;
  readonly reservations: Reservations;
  /** What the tables say: the groups that are not decided, and what our open attempts hold back. */
  readonly recall: () => Promise<{
    readonly groups: readonly Group[];
    readonly reservations: readonly Reservation[];
  }>;
  readonly commit: (change: Change) => Promise<readonly OutboxRow[]>;
  readonly relay: Pick<Relay, 'push'>;
  /** Runs when a group must be looked at. */
  readonly onDue: () => Promise<void>;
  /** Whether what a waiting group waits for has come. */
  readonly answered: (group: Group) => boolean;
};

export type Desk = {
  /** One pass after the other, on a memory that is true; each sees the cash that the one before it left. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Commits, and only then remembers, publishes and arms. To be called within a pass. */
  settle(change: Change): Promise<void>;
  /** Reads everything where memory is not known to be true: at the start, and after a failure. */
  open(): Promise<void>;
  /** Market data came: for one token, or for all that somebody waits for. */
  news(tokenId: string | null): void;
  /** False before the first pass, and after a failure whose outcome is not known: the next pass reads everything first. */
  isSound(): boolean;
};

/** Runs one work after the other, in the order of asking; one that fails does not stop the next. */
function createLane(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

/**
 * What the decider has on its desk: open groups, their deadlines, and what is held back for decisions that are not
 * booked yet. The tables hold the same; memory follows them and never runs ahead.
 *
 * Errors: those of `recall`, of `commit` and of the work. After any of them memory is not believed any more.
 */
export function createDesk(io: DeskPorts): Desk {
  const { clock, groups, reservations } = io;
  const alarms = createAlarms(clock, io.onDue);
  const lane = createLane();
  let sound = false;
  /** What there was news of since the last commit of the pass under way; null while there is no pass. */
  let heard: Set<string | null> | null = null;

  const remember = (group: Group): void => {
    groups.put(group);
    alarms.set(group);
  };

  const mend = async (): Promise<void> => {
    const recalled = await io.recall();
    alarms.clear();
    groups.clear();
    reservations.clear();
    for (const reservation of recalled.reservations) reservations.add(reservation);
    for (const group of recalled.groups) remember(group);
    sound = true;
    io.log.info({ groups: recalled.groups.length, pending: recalled.reservations.length }, 'desk.recalled');
  };
  const onSoundMemory = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!sound) await mend();
    heard = new Set();
    try {
      return await work();
    } catch (error) {
      sound = false;
      throw error;
    } finally {
      heard = null;
    }
  };

  /**
   * Wakes the groups whose answer is there: of one token, or of all. One that finds it is not enough waits again, for
   * the next news.
   */
  const wake = (tokenId: string | null): void => {
    for (const token of tokenId === null ? groups.awaited() : [tokenId])
      for (const group of groups.waitingOn(token))
        if (io.answered(group)) remember({ ...group, wakeAt: clock.now() });
  };

  const pass: Desk['pass'] = (work) => io.activity.run(() => lane(() => onSoundMemory(work)), 'pass');

  return {
    pass,
    open: async () => {
      if (!sound) await pass(async () => undefined);
    },
    settle: async (change) => {
      const rows = await io.commit(change);
      io.relay.push(rows.map((row) => stampHop(row, 'intended')));
      for (const group of change.groups) remember(group);
      // News that came while this was decided and written down found the groups as they were before.
      const missed = [...(heard ?? [])];
      heard?.clear();
      for (const tokenId of missed) wake(tokenId);
    },
    news: (tokenId) => {
      heard?.add(tokenId);
      wake(tokenId);
    },
    isSound: () => sound,
  };
}
