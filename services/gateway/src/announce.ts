import { isDeepStrictEqual } from 'node:util';
import type { Bucket } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { type ConfigDocument, configKeyOf, type Leader, type Switches, TradingMode } from '@slipstream/proto';
import { PAGE_LIMIT_MAX } from '@slipstream/proto/http';
import type { Logger } from '@slipstream/runtime';
import { leaderDocument } from './core/leader-document.ts';
import { HttpProblem } from './errors.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { readLeaderConfigs, readModeConfig } from './store/config.ts';
import { readLeaders, readSwitches } from './store/settings.ts';

/** Pages of leaders that one reconciliation reads: far more leaders than anybody follows. */
const LEADER_PAGES_MAX = 200;
/** A change is answered as stored and not announced yet after this; the announcement goes on. */
const ANNOUNCE_WAIT_MS = 2_000;

export type Buckets = {
  readonly switches: Bucket<Switches>;
  readonly config: Bucket<ConfigDocument>;
  readonly leaders: Bucket<Leader>;
};

/**
 * Tells the other services of settings through the buckets that they watch, one after the other in the order in which
 * it is asked, so that what a bucket says last is what it was told last.
 */
export type Announcer = {
  /** Errors: HttpProblem 503 when the bus does not answer; the change is stored and is announced later. */
  readonly switches: (switches: Switches) => Promise<void>;
  readonly leader: (leader: Leader) => Promise<void>;
  readonly config: (document: ConfigDocument) => Promise<void>;
  /** Writes every document that is missing in the buckets or differs from the database. Gives how many. */
  readonly reconcile: () => Promise<number>;
  /** Reconciles if an announcement has failed since the last time: for calling now and then. */
  readonly mend: () => Promise<void>;
};

async function putIfOther<T>(bucket: Bucket<T>, key: string, wanted: T): Promise<number> {
  if (isDeepStrictEqual(await bucket.get(key), wanted)) return 0;
  await bucket.put(key, wanted);
  return 1;
}

async function allLeaders(db: Database): Promise<Leader[]> {
  const leaders: Leader[] = [];
  let after: string | undefined;
  for (let page = 0; page < LEADER_PAGES_MAX; page++) {
    const { items, next } = await readLeaders(db, { limit: PAGE_LIMIT_MAX, after });
    leaders.push(...items.map(leaderDocument));
    if (next === null) return leaders;
    after = next;
  }
  throw new RangeError(`more than ${LEADER_PAGES_MAX * PAGE_LIMIT_MAX} leaders`);
}

const notYet = (): HttpProblem =>
  new HttpProblem(
    503,
    'The change is stored, and will take effect as soon as the message bus answers again.',
    {
      headers: { 'retry-after': '2' },
    },
  );

/** The work, or `notYet` when it takes too long; it goes on. */
async function soon(work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(notYet()), ANNOUNCE_WAIT_MS);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function reconciled(db: Database, buckets: Buckets): Promise<number> {
  let written = await putIfOther(buckets.switches, 'global', await readSwitches(db));
  const documents: ConfigDocument[] = await readLeaderConfigs(db, null);
  for (const mode of TradingMode.options) documents.push(await readModeConfig(db, mode));
  for (const document of documents)
    written += await putIfOther(buckets.config, configKeyOf(document.mode, document.leaderId), document);
  for (const leader of await allLeaders(db))
    written += await putIfOther(buckets.leaders, leader.leaderId, leader);
  return written;
}

export function openAnnouncer(io: {
  readonly db: Database;
  readonly buckets: Buckets;
  readonly log: Logger;
}): Announcer {
  const { db, buckets, log } = io;
  const telling = oneAtATime();
  let behind = false;

  const reconcile = async (): Promise<number> => {
    const written = await reconciled(db, buckets);
    behind = false;
    return written;
  };
  const announce = <T>(bucket: Bucket<T>, key: string, value: T): Promise<void> => {
    const told = telling(() => bucket.put(key, value)).then(
      () => undefined,
      (error: unknown) => {
        behind = true;
        log.error({ key, error }, 'settings.not-announced');
        throw notYet();
      },
    );
    return soon(told);
  };
  return {
    switches: (switches) => announce(buckets.switches, 'global', switches),
    leader: (leader) => announce(buckets.leaders, leader.leaderId, leader),
    config: (document) => announce(buckets.config, configKeyOf(document.mode, document.leaderId), document),
    reconcile: () => telling(reconcile),
    mend: () =>
      telling(async () => {
        if (behind) log.info({ written: await reconcile() }, 'settings.reconciled');
      }),
  };
}
