import { isDeepStrictEqual } from 'node:util';
import { type Database, isUniqueViolation } from '@slipstream/db';
import type {
  ConfigDocument,
  LeaderConfig,
  LiveTradingState,
  ModeConfig,
  Switches,
  TradingMode,
} from '@slipstream/proto';
import type {
  ChangeConfig,
  ChangeLeader,
  ChangeLeaderConfig,
  ChangeSwitches,
  CopyConfig,
  FollowLeader,
  LeaderItem,
} from '@slipstream/proto/http';
import type { Announcer } from './announce.ts';
import type { Caller } from './caller.ts';
import { changeConfiguration, changeLeaderConfiguration, copyConfiguration } from './configuration.ts';
import { leaderDocument } from './core/leader-document.ts';
import { leaderIdOf, shortLabelOf, wholeLeaderIdOf } from './core/leader-id.ts';
import { conflict, unknown } from './errors.ts';
import { oneAtATime } from './one-at-a-time.ts';
import {
  insertLeader,
  logChange,
  readLeader,
  readOwners,
  readSwitches,
  updateLeader,
  writeSwitches,
} from './store/settings.ts';

/**
 * Every change of settings: the database first, then the bucket, then the answer. Changes are stored one after the
 * other and told in the same order; while the bus is away they are stored all the same, and told later.
 */
export type Settings = {
  readonly changeSwitches: (change: ChangeSwitches, caller: Caller) => Promise<Switches>;
  readonly follow: (wanted: FollowLeader, caller: Caller) => Promise<LeaderItem>;
  readonly changeLeader: (id: string, change: ChangeLeader, caller: Caller) => Promise<LeaderItem>;
  readonly clearStop: (id: string, mode: TradingMode, caller: Caller) => Promise<LeaderItem>;
  readonly changeConfig: (change: ChangeConfig, caller: Caller) => Promise<ModeConfig>;
  readonly changeLeaderConfig: (
    id: string,
    change: ChangeLeaderConfig,
    caller: Caller,
  ) => Promise<LeaderConfig>;
  readonly copyConfig: (change: CopyConfig, caller: Caller) => Promise<ModeConfig>;
};

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
    entriesPaused: false,
    stopClearedAt: { PAPER: null, LIVE: null },
    walletsAddedAt: {},
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

/** Whether a document is the same but for who changed it last, and when. */
const isSame = <T extends { version: number }>(a: T, b: T): boolean => isDeepStrictEqual(a, b);

/** What stands against live trading going from one state to another: ON only from SHADOW. OFF always goes. */
function requireRollout(from: LiveTradingState, to: LiveTradingState): void {
  if (from === 'OFF' && to === 'ON')
    throw conflict(
      'liveTradingState',
      'Live trading goes through SHADOW first: watch it there before it is ON.',
    );
}

const changeSwitchesRow = (
  db: Database,
  change: ChangeSwitches,
  author: string,
  at: Date,
): Promise<Switches> =>
  db.tx(async (sql) => {
    const before = await readSwitches(sql, 'for update');
    const wanted: Switches = {
      ...before,
      copyEngineEnabled: change.copyEngineEnabled ?? before.copyEngineEnabled,
      liveTradingState: change.liveTradingState ?? before.liveTradingState,
      entriesPaused: change.entriesPaused ?? before.entriesPaused,
      livePauseClearedAt: change.clearLivePause === true ? at.toISOString() : before.livePauseClearedAt,
    };
    requireRollout(before.liveTradingState, wanted.liveTradingState);
    if (isSame(wanted, before)) return before;
    const after = {
      ...wanted,
      version: before.version + 1,
      changedAt: at.toISOString(),
      changedBy: author,
    };
    await writeSwitches(sql, after);
    await logChange(sql, { what: 'switches', key: 'global', author, at, before, after });
    return after;
  });

/** Changes a leader as `wanted` says. A change that changes nothing is no change. Errors: 404, a taken wallet. */
const changeLeaderRow = (
  db: Database,
  id: string,
  wanted: (before: LeaderItem) => LeaderItem,
  author: string,
  at: Date,
): Promise<LeaderItem> =>
  db.tx(async (sql) => {
    const before = await readLeader(sql, id, 'for update');
    if (before === null) throw unknown('id', 'leader');
    const next = wanted(before);
    if (isSame(next, before)) return before;
    const after: LeaderItem = {
      ...next,
      version: before.version + 1,
      changedAt: at.toISOString(),
      changedBy: author,
    };
    await updateLeader(sql, after);
    await logChange(sql, { what: 'leader', key: id, author, at, before, after });
    return after;
  });

/** The wallets as wanted: one that is new is followed from now on, so that its history is not copied. */
function walletsAfter(before: LeaderItem, wanted: readonly string[], at: Date) {
  const wallets = [...new Set(wanted)].sort();
  const since = (wallet: string): string | undefined =>
    before.wallets.includes(wallet) ? before.walletsAddedAt[wallet] : at.toISOString();
  const added = wallets.flatMap((wallet) => {
    const from = since(wallet);
    return from === undefined ? [] : [[wallet, from] as const];
  });
  return { wallets, walletsAddedAt: Object.fromEntries(added) };
}

const leaderAfter =
  (change: ChangeLeader, at: Date) =>
  (before: LeaderItem): LeaderItem => ({
    ...before,
    enabled: change.enabled ?? before.enabled,
    label: change.label ?? before.label,
    liveOverride: change.liveOverride ?? before.liveOverride,
    entriesPaused: change.entriesPaused ?? before.entriesPaused,
    ...(change.wallets === undefined ? {} : walletsAfter(before, change.wallets, at)),
  });

const takenWallet = (error: unknown): never => {
  if (isUniqueViolation(error)) throw conflict('wallets', 'One of the wallets belongs to a leader already.');
  throw error;
};

/** Errors: HttpProblem 404, 409, and 503 when a change is stored and could not be announced yet. */
export function openSettings(io: {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly now: () => Date;
}): Settings {
  const { db, announcer, now } = io;
  const storing = oneAtATime();
  /** Stores, and tells in the order of storing, without keeping the next change from being stored meanwhile. */
  const changed = async <T>(store: () => Promise<T>, tell: (stored: T) => Promise<void>): Promise<T> => {
    const { stored, told } = await storing(async () => {
      const done = await store();
      return { stored: done, told: tell(done) };
    });
    await told;
    return stored;
  };
  const stamp = (author: string) => ({ author, at: now() });
  const changedLeader = (store: () => Promise<LeaderItem>): Promise<LeaderItem> =>
    changed(
      () => store().catch(takenWallet),
      (leader) => announcer.leader(leaderDocument(leader)),
    );
  const changedConfig = <T extends ConfigDocument>(store: () => Promise<T>): Promise<T> =>
    changed(store, announcer.config);
  return {
    changeSwitches: (change, { author }) =>
      changed(() => changeSwitchesRow(db, change, author, now()), announcer.switches),
    follow: (wanted, { author }) => changedLeader(() => insertFollowed(db, wanted, author, now())),
    changeLeader: (id, change, { author }) =>
      changedLeader(() => {
        const at = now();
        return changeLeaderRow(db, id, leaderAfter(change, at), author, at);
      }),
    clearStop: (id, mode, { author }) =>
      changedLeader(() => {
        const at = now();
        const cleared = (before: LeaderItem): LeaderItem => ({
          ...before,
          stopClearedAt: { ...before.stopClearedAt, [mode]: at.toISOString() },
        });
        return changeLeaderRow(db, id, cleared, author, at);
      }),
    changeConfig: (change, { author }) => changedConfig(() => changeConfiguration(db, change, stamp(author))),
    changeLeaderConfig: (id, change, { author }) =>
      changedConfig(() => changeLeaderConfiguration(db, id, change, stamp(author))),
    copyConfig: (change, { author }) => changedConfig(() => copyConfiguration(db, change, stamp(author))),
  };
}
