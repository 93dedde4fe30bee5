import { type Database, isUniqueViolation } from '@slipstream/db';
import type { Switches } from '@slipstream/proto';
import type { ChangeLeader, ChangeSwitches, FollowLeader, LeaderItem } from '@slipstream/proto/http';
import type { Announcer } from './announce.ts';
import { leaderDocument } from './core/leader-document.ts';
import { leaderIdOf, shortLabelOf, wholeLeaderIdOf } from './core/leader-id.ts';
import { conflict, HttpProblem, unknown } from './errors.ts';
import type { Caller } from './route.ts';
import {
  insertLeader,
  logChange,
  readLeader,
  readOwners,
  readSwitches,
  updateLeader,
  writeSwitches,
} from './store/settings.ts';

/** Changes that may wait for one another; more at once than this are refused. */
const CHANGES_WAITING_MAX = 1_000;

/** Every change of settings: the database first, then the bucket, then the answer; one after the other. */
export type Settings = {
  readonly changeSwitches: (change: ChangeSwitches, caller: Caller) => Promise<Switches>;
  readonly follow: (wanted: FollowLeader, caller: Caller) => Promise<LeaderItem>;
  readonly changeLeader: (id: string, change: ChangeLeader, caller: Caller) => Promise<LeaderItem>;
  /** Announces what could not be announced when it was changed. */
  readonly mend: () => Promise<void>;
};

/** Runs one after the other, so that what the bucket says last is what the database says last. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= CHANGES_WAITING_MAX)
      throw new HttpProblem(503, 'Too many changes are waiting; try again in a moment.');
    waiting += 1;
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine.finally(() => {
      waiting -= 1;
    });
  };
}

function newLeader(
  wanted: FollowLeader,
  id: string,
  wallets: readonly string[],
  author: string,
  at: Date,
): LeaderItem {
  const [first = ''] = wallets;
  return {
    id,
    label: wanted.label ?? shortLabelOf(first),
    wallets: [...wallets].sort(),
    enabled: wanted.enabled ?? true,
    liveOverride: 'INHERIT',
    followedAt: at.toISOString(),
    version: 1,
    changedAt: at.toISOString(),
    changedBy: author,
  };
}

async function insertFollowed(
  db: Database,
  wanted: FollowLeader,
  author: string,
  at: Date,
): Promise<LeaderItem> {
  const wallets = [...new Set(wanted.wallets)];
  const [first = ''] = wallets;
  return db.tx(async (sql) => {
    const [owner] = await readOwners(sql, wallets);
    if (owner !== undefined)
      throw conflict(
        'wallets',
        `The wallet ${owner.wallet} belongs to the leader ${owner.leader_id} already.`,
      );
    const shortId = leaderIdOf(first);
    const id = (await readLeader(sql, shortId)) === null ? shortId : wholeLeaderIdOf(first);
    const leader = newLeader(wanted, id, wallets, author, at);
    await insertLeader(sql, leader);
    await logChange(sql, { what: 'leader', key: id, author, at, before: null, after: leader });
    return leader;
  });
}

const changeSwitchesRow = (
  db: Database,
  change: ChangeSwitches,
  author: string,
  at: Date,
): Promise<Switches> =>
  db.tx(async (sql) => {
    const before = await readSwitches(sql, 'for update');
    const copyEngineEnabled = change.copyEngineEnabled ?? before.copyEngineEnabled;
    if (copyEngineEnabled === before.copyEngineEnabled) return before;
    const after: Switches = {
      ...before,
      copyEngineEnabled,
      version: before.version + 1,
      changedAt: at.toISOString(),
      changedBy: author,
    };
    await writeSwitches(sql, after);
    await logChange(sql, { what: 'switches', key: 'global', author, at, before, after });
    return after;
  });

const changeLeaderRow = (
  db: Database,
  id: string,
  change: ChangeLeader,
  author: string,
  at: Date,
): Promise<LeaderItem> =>
  db.tx(async (sql) => {
    const before = await readLeader(sql, id, 'for update');
    if (before === null) throw unknown('id', 'leader');
    const enabled = change.enabled ?? before.enabled;
    const label = change.label ?? before.label;
    if (enabled === before.enabled && label === before.label) return before;
    const after: LeaderItem = {
      ...before,
      enabled,
      label,
      version: before.version + 1,
      changedAt: at.toISOString(),
      changedBy: author,
    };
    await updateLeader(sql, after);
    await logChange(sql, { what: 'leader', key: id, author, at, before, after });
    return after;
  });

/** Errors: HttpProblem 404, 409, and 503 when a change is stored and could not be announced yet. */
export function openSettings(io: {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly now: () => Date;
}): Settings {
  const { db, announcer, now } = io;
  const alone = oneAtATime();
  return {
    changeSwitches: (change, { author }) =>
      alone(async () => {
        if (change.liveTradingState !== undefined && change.liveTradingState !== 'OFF')
          throw conflict('liveTradingState', 'Live trading is not available in this version: it stays OFF.');
        const switches = await changeSwitchesRow(db, change, author, now());
        await announcer.switches(switches);
        return switches;
      }),
    follow: (wanted, { author }) =>
      alone(async () => {
        const leader = await insertFollowed(db, wanted, author, now()).catch((error: unknown) => {
          if (isUniqueViolation(error))
            throw conflict('wallets', 'One of the wallets belongs to a leader already.');
          throw error;
        });
        await announcer.leader(leaderDocument(leader));
        return leader;
      }),
    changeLeader: (id, change, { author }) =>
      alone(async () => {
        const leader = await changeLeaderRow(db, id, change, author, now());
        await announcer.leader(leaderDocument(leader));
        return leader;
      }),
    mend: () => alone(announcer.mend),
  };
}
