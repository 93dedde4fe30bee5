import type { OutboxMessage, OutboxRow } from '@slipstream/db';
import { type Clock, type Logger, pause } from '@slipstream/runtime';
import type { Bookkeeper, KnownAccount } from './bookkeeper.ts';
import { bucketOf, endOf } from './core/bucket.ts';
import { accountFigures, leaderFigures } from './core/holdings.ts';
import type { AccountId } from './core/post.ts';
import type { Mark } from './core/value.ts';
import type { Slice, StoredSlice } from './store/snapshots.ts';

/** Tries of one bucket, in machine time. */
const TRIES_MAX = 5;
const RETRY_FIRST_MS = 200;

export type SnapshotPorts = {
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly markOf: (tokenId: string) => Mark | null;
  readonly between: Bookkeeper['between'];
  readonly accounts: () => readonly KnownAccount[];
  /** Stores marks, snapshots and their messages in one transaction; gives the messages that are new. */
  readonly store: (
    account: KnownAccount,
    bucket: Date,
    slices: readonly Slice[],
    announce: (slice: StoredSlice) => OutboxMessage,
  ) => Promise<readonly OutboxRow[]>;
  readonly announce: (id: AccountId, bucket: Date, slice: StoredSlice) => OutboxMessage;
  readonly publish: (rows: readonly OutboxRow[]) => void;
  readonly onTaken: (slices: number) => void;
};

export type Snapshots = {
  /** These slices have changed in the bucket of this instant: null is nobody's slice. */
  readonly touch: (leaderIds: Iterable<string | null>) => void;
  /** Takes the snapshot of a bucket that ended while nobody was there to take it. */
  readonly makeUp: (bucket: Date) => Promise<void>;
};

/** The account itself (null) and the leaders to be shown apart; what is nobody's is in the account alone. */
function slicesOf(
  { holdings }: KnownAccount,
  leaders: Iterable<string | null>,
  markOf: SnapshotPorts['markOf'],
): Slice[] {
  const own = [...new Set(leaders)].flatMap((leaderId) => (leaderId === null ? [] : [leaderId])).sort();
  return [
    { leaderId: null, figures: accountFigures(holdings, markOf) },
    ...own.map((leaderId) => ({ leaderId, figures: leaderFigures(holdings, leaderId, markOf) })),
  ];
}

/**
 * One snapshot per minute in which something changed: a booking, or the mark of something held. **A bucket without a
 * row repeats the one before.** A bucket is named for its first millisecond and shows the figures at its end.
 *
 * The first change in a bucket arms a deadline at its end, so that quiet minutes cost nothing, and a restart after a
 * week has at most one bucket to make up for. The cost depends on what is held, never on the ledger's length.
 */
export function createSnapshots(io: SnapshotPorts): Snapshots {
  let touched = new Set<string | null>();
  let armed = false;

  const takeOnce = async (bucket: Date, leaders: ReadonlySet<string | null>): Promise<void> => {
    for (const account of io.accounts()) {
      const slices = slicesOf(account, leaders, io.markOf);
      const rows = await io.store(account, bucket, slices, (slice) => io.announce(account.id, bucket, slice));
      io.publish(rows);
      io.onTaken(rows.length);
    }
  };

  const take = async (bucket: Date, leaders: ReadonlySet<string | null>): Promise<void> => {
    for (let tries = 1; !io.signal.aborted; tries++) {
      try {
        return await io.between(() => takeOnce(bucket, leaders));
      } catch (error) {
        io.log.error({ bucket: bucket.toISOString(), tries, error }, 'snapshot.failed');
        // Its changes then show in the next bucket.
        if (tries >= TRIES_MAX) return touch(leaders);
        await pause(RETRY_FIRST_MS * 2 ** tries, io.signal);
      }
    }
  };

  const touch = (leaderIds: Iterable<string | null>): void => {
    for (const leaderId of leaderIds) touched.add(leaderId);
    if (armed) return;
    armed = true;
    const bucket = bucketOf(io.clock.now());
    io.clock.at(endOf(bucket), 'snapshot', async () => {
      const leaders = touched;
      touched = new Set();
      armed = false;
      await take(bucket, leaders);
    });
  };

  return {
    touch,
    makeUp: (bucket) => {
      const all = io.accounts().flatMap(({ holdings }) => [...holdings.leaders.keys()]);
      return take(bucket, new Set(all));
    },
  };
}
