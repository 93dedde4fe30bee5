import { isDeepStrictEqual } from 'node:util';
import type { Bucket } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import { type Leader, type ModeConfig, type Switches, TradingMode } from '@slipstream/proto';
import { PAGE_LIMIT_MAX } from '@slipstream/proto/http';
import type { Logger } from '@slipstream/runtime';
import { leaderDocument } from './core/leader-document.ts';
import { HttpProblem } from './errors.ts';
import { readLeaders, readModeConfig, readSwitches } from './store/settings.ts';

/** Pages of leaders that one reconciliation reads: far more leaders than anybody follows. */
const LEADER_PAGES_MAX = 200;

export type Buckets = {
  readonly switches: Bucket<Switches>;
  readonly config: Bucket<ModeConfig>;
  readonly leaders: Bucket<Leader>;
};

/** Tells the other services of settings through the buckets that they watch. */
export type Announcer = {
  /** Errors: HttpProblem 503 when the bus does not answer; the change is stored and is announced later. */
  readonly switches: (switches: Switches) => Promise<void>;
  readonly leader: (leader: Leader) => Promise<void>;
  /** Writes every document that is missing in the buckets or differs from the database. Gives how many. */
  readonly reconcile: () => Promise<number>;
  /** Reconciles if an announcement has failed since the last time. */
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

export function openAnnouncer(io: {
  readonly db: Database;
  readonly buckets: Buckets;
  readonly log: Logger;
}): Announcer {
  const { db, buckets, log } = io;
  let behind = false;

  const reconcile = async (): Promise<number> => {
    let written = await putIfOther(buckets.switches, 'global', await readSwitches(db));
    for (const mode of TradingMode.options) {
      const config = await readModeConfig(db, mode);
      if (config !== null) written += await putIfOther(buckets.config, `mode.${mode}`, config);
    }
    for (const leader of await allLeaders(db))
      written += await putIfOther(buckets.leaders, leader.leaderId, leader);
    behind = false;
    return written;
  };
  const announce = async (what: string, put: () => Promise<unknown>): Promise<void> => {
    try {
      await put();
    } catch (error) {
      behind = true;
      log.error({ what, error }, 'settings.not-announced');
      throw new HttpProblem(
        503,
        'The change is stored, and will take effect as soon as the message bus answers again.',
        { headers: { 'retry-after': '2' } },
      );
    }
  };
  return {
    switches: (switches) => announce('switches', () => buckets.switches.put('global', switches)),
    leader: (leader) => announce('leader', () => buckets.leaders.put(leader.leaderId, leader)),
    reconcile,
    mend: async () => {
      if (behind) log.info({ written: await reconcile() }, 'settings.reconciled');
    },
  };
}
