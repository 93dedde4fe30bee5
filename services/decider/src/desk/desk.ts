import { type Relay, stampHop } from '@slipstream/bus';
import type { Buffering } from '@slipstream/proto';
import { type Activity, type Clock, createLanes, type Logger } from '@slipstream/runtime';
import type { StopLine } from '../core/capital-stop.ts';
import { type Group, groupIdOf } from '../core/group.ts';
import { type Change, type Committed, Conflict } from '../store/commit.ts';
import { createAlarms } from './alarms.ts';
import type { OpenBuckets } from './open-buckets.ts';
import type { OpenGroups } from './open-groups.ts';
import type { Reservation, Reservations } from './reservations.ts';
import type { Stops } from './stops.ts';

/** Passes begun anew because another decider had committed in between; after that the work itself fails. */
const CONFLICTS_MAX = 10;

/** What the tables say: groups that are not decided, what our open attempts hold back, and the leaders' lines. */
type Recalled = {
  /** Of the desk, read before everything else: what is newer than it makes the next commit a conflict. */
  readonly version: bigint;
  readonly groups: readonly Group[];
  readonly reservations: readonly Reservation[];
  readonly stops: readonly StopLine[];
};

export type DeskPorts = {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly activity: Activity;
  readonly log: Logger;
  readonly groups: OpenGroups;
  readonly buckets: OpenBuckets;
  readonly reservations: Reservations;
  readonly stops: Stops;
  readonly recall: (partitions: readonly number[]) => Promise<Recalled>;
  readonly commit: (change: Change, version: bigint) => Promise<Committed>;
  readonly relay: Pick<Relay, 'push'>;
  /** How a bucket that this group began is flushed. */
  readonly bufferingOf: (group: Group) => Buffering | null;
  /** Runs when a group must be looked at. */
  readonly onDue: () => Promise<void>;
  /** Whether what a waiting group waits for has come. */
  readonly answered: (group: Group) => boolean;
};

export type Desk = {
  /** One pass after the other, on a memory that is true; each sees the cash that the one before it left. */
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Commits, and only then remembers, publishes and arms. To be called within a pass. Errors: `Conflict`. */
  settle(change: Change): Promise<void>;
  /** Whose groups are decided here from now on; what the tables say of them is read before the next pass. */
  hold(partitions: readonly number[]): Promise<void>;
  /** Reads everything where memory is not known to be true: at the start, and after a failure. */
  open(): Promise<void>;
  /** Arms the buckets as they are now. To be called within a pass. */
  arm(): void;
  /** Market data came: for one token, or for all that somebody waits for. */
  news(tokenId: string | null): void;
  /** False before the first pass, and after a failure whose outcome is not known: the next pass reads everything first. */
  isSound(): boolean;
};

/** A deadline for every group that has one and for every bucket. */
function createCalendar({ clock, groups, buckets, bufferingOf, answered, onDue }: DeskPorts) {
  const alarms = createAlarms(clock, onDue);
  let armedBuckets: readonly string[] = [];
  const remember = (group: Group): void => {
    groups.put(group);
    buckets.put(group);
    const rests = group.status === 'DONE' || group.status === 'BUFFERED';
    alarms.set(`group ${groupIdOf(group)}`, rests ? null : group.wakeAt);
  };
  const arm = (): void => {
    if (buckets.count() === 0 && armedBuckets.length === 0) return;
    const wakes = new Map(buckets.wakes(bufferingOf));
    for (const name of armedBuckets) if (!wakes.has(name)) alarms.set(`bucket ${name}`, null);
    for (const [name, at] of wakes) alarms.set(`bucket ${name}`, at);
    armedBuckets = [...wakes.keys()];
  };
  const clear = (): void => {
    alarms.clear();
    armedBuckets = [];
    groups.clear();
    buckets.clear();
  };
  /**
   * Wakes the groups whose answer is there: of one token, or of all. One that finds it is not enough waits again, for
   * the next news.
   */
  const wake = (tokenId: string | null): void => {
    for (const token of tokenId === null ? groups.awaited() : [tokenId])
      for (const group of groups.waitingOn(token))
        if (answered(group)) remember({ ...group, wakeAt: clock.now() });
  };
  return { remember, arm, clear, wake };
}
type Calendar = ReturnType<typeof createCalendar>;

/**
 * Puts what the tables say in place of what is in memory. Our own questions for a book are still asked, so that who waits
 * for one here does not begin anew: under frequent conflicts he would wait for ever.
 */
function replaceMemory(
  { groups, reservations, stops }: DeskPorts,
  calendar: Calendar,
  recalled: Recalled,
): void {
  const waiting = new Map(
    groups.all().flatMap((group) => (group.status === 'WAITING' ? [[groupIdOf(group), group] as const] : [])),
  );
  calendar.clear();
  reservations.clear();
  stops.clear();
  for (const line of recalled.stops) stops.put(line);
  for (const reservation of recalled.reservations) reservations.add(reservation);
  for (const group of recalled.groups) calendar.remember(waiting.get(groupIdOf(group)) ?? group);
  calendar.arm();
}

/**
 * What the decider has on its desk: open groups and buckets, their deadlines, and what is held back for decisions that
 * are not booked yet. The tables hold the same; memory follows them and never runs ahead. Several deciders share the
 * tables: whoever commits on a version that is not the last one reads everything and does the pass again.
 *
 * Errors: those of `recall`, of `commit` and of the work. After any of them memory is not believed any more.
 */
export function createDesk(io: DeskPorts): Desk {
  const calendar = createCalendar(io);
  const lane = createLanes(1);
  let partitions: readonly number[] = [];
  let version = 0n;
  let sound = false;
  /** What there was news of since the last commit of the pass under way; null while there is no pass. */
  let heard: Set<string | null> | null = null;

  const mend = async (): Promise<void> => {
    const recalled = await io.recall(partitions);
    replaceMemory(io, calendar, recalled);
    version = recalled.version;
    sound = true;
    io.log.info({ groups: recalled.groups.length, pending: recalled.reservations.length }, 'desk.recalled');
  };
  const onSoundMemory = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let conflicts = 0; ; conflicts += 1) {
      if (!sound) await mend();
      heard = new Set();
      try {
        return await work();
      } catch (error) {
        sound = false;
        if (!(error instanceof Conflict) || conflicts >= CONFLICTS_MAX) throw error;
        io.log.info({ conflicts }, 'desk.conflict');
      } finally {
        heard = null;
      }
    }
  };
  const settle: Desk['settle'] = async (change) => {
    const committed = await io.commit(change, version);
    version = committed.version;
    io.relay.push(committed.rows.map((row) => stampHop(row, 'intended')));
    for (const line of change.stops) io.stops.put(line);
    for (const group of change.groups) calendar.remember(group);
    calendar.arm();
    // News that came while this was decided and written down found the groups as they were before.
    const missed = [...(heard ?? [])];
    heard?.clear();
    for (const tokenId of missed) calendar.wake(tokenId);
  };
  const pass: Desk['pass'] = (work) => io.activity.run(() => lane(() => onSoundMemory(work)), 'pass');
  const open: Desk['open'] = async () => {
    if (!sound) await pass(async () => undefined);
  };
  const hold: Desk['hold'] = async (held) => {
    await lane(async () => {
      partitions = held;
      sound = false;
    });
    await open();
  };
  const news: Desk['news'] = (tokenId) => {
    heard?.add(tokenId);
    calendar.wake(tokenId);
  };
  return { pass, settle, hold, open, arm: calendar.arm, news, isSound: () => sound };
}
