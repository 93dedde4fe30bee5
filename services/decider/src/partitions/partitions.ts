import type { Session, SessionOptions } from '@slipstream/db';
import { type Logger, pause } from '@slipstream/runtime';

/** How often a decider looks whether partitions are free, or owed to another one. */
const LOOK_EVERY_MS = 500;
/** The two classes of advisory locks: one exclusive lock per partition, and one that every decider shares. */
const PARTITION_LOCK = 72_707_380;
const PRESENCE_LOCK = 72_707_381;

const PRESENT = `
select count(*)::int as present from pg_locks
where locktype = 'advisory' and classid = ${PRESENCE_LOCK} and objid = 0 and objsubid = 2 and granted
  and database = (select oid from pg_database where datname = current_database())`;

export type PartitionPorts = {
  readonly count: number;
  readonly openSession: (onLost: SessionOptions['onLost']) => Promise<Session>;
  /** Called before a partition is given up and after one is taken; resolves when it is so. */
  readonly onHeld: (partitions: readonly number[]) => Promise<void>;
  readonly log: Logger;
};

/** The partitions whose one active consumer we are. */
export type Partitions = {
  held(): readonly number[];
  /** Takes what it can get, and from then on its share as others come and go. */
  begin(): Promise<void>;
  stop(): Promise<void>;
};

/** The locks that one session has; they end with it. */
function locksOf(session: Session) {
  /** More than is held while the rest is being put down. */
  const locked = new Set<number>();
  return {
    close: session.close,
    present: async (): Promise<number> => {
      const [row] = await session.query<{ present: number }>(PRESENT);
      return row?.present ?? 1;
    },
    take: async (partition: number): Promise<boolean> => {
      if (locked.has(partition)) return true;
      const [row] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [
        PARTITION_LOCK,
        partition,
      ]);
      if (row?.taken === true) locked.add(partition);
      return row?.taken === true;
    },
    /** To be called once those that are not held any more have been put down. */
    letGoAllBut: async (held: readonly number[]): Promise<void> => {
      for (const partition of [...locked].filter((one) => !held.includes(one))) {
        await session.query('select pg_advisory_unlock($1, $2)', [PARTITION_LOCK, partition]);
        locked.delete(partition);
      }
    },
  };
}
type Locks = ReturnType<typeof locksOf>;

/**
 * Holds partitions by advisory locks of one database session: the server lets them go the moment the session dies, so
 * that another decider takes over without any time-out to wait for. Deciders that are there count one another by a
 * lock that all share; who holds more than his part gives the rest away.
 *
 * A session that is lost takes its partitions with it: they are put down before anything else is done.
 */
export function createPartitions({ count, openSession, onHeld, log }: PartitionPorts): Partitions {
  let locks: Locks | null = null;
  let held: readonly number[] = [];
  /** Whether the last change has been carried out; one that failed is carried out again. */
  let told = true;
  const stopping = new AbortController();
  let looking: Promise<void> = Promise.resolve();

  const change = async (next: readonly number[]): Promise<void> => {
    held = next;
    told = false;
    log.info({ partitions: next }, 'partitions.held');
    await onHeld(next);
    told = true;
  };
  const enter = async (): Promise<Locks> => {
    const session = await openSession(() => {
      locks = null;
      log.warn({ partitions: held }, 'partitions.lost');
    });
    await session.query('select pg_advisory_lock_shared($1, 0)', [PRESENCE_LOCK]);
    locks = locksOf(session);
    return locks;
  };
  const takeUpTo = async (on: Locks, share: number): Promise<void> => {
    const taken: number[] = [];
    for (let partition = 0; partition < count && held.length + taken.length < share; partition += 1)
      if (!held.includes(partition) && (await on.take(partition))) taken.push(partition);
    if (taken.length > 0) await change([...held, ...taken].sort((a, b) => a - b));
  };
  const look = async (): Promise<void> => {
    if (locks === null && held.length > 0) await change([]);
    else if (!told) await change(held);
    const on = locks ?? (await enter());
    const share = Math.ceil(count / Math.max(1, await on.present()));
    if (held.length > share) await change(held.slice(0, share));
    else if (held.length < share) await takeUpTo(on, share);
    await on.letGoAllBut(held);
  };
  const tryLook = (): Promise<void> =>
    look().catch((error: unknown) => log.warn({ error }, 'partitions.look-failed'));
  const keepLooking = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(LOOK_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await tryLook();
    }
  };

  return {
    held: () => held,
    begin: async () => {
      const first = tryLook();
      looking = first.then(keepLooking);
      await first;
    },
    stop: async () => {
      stopping.abort();
      await looking;
      try {
        await change([]);
      } finally {
        await locks?.close();
      }
    },
  };
}
