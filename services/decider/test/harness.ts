import type { Delivery, OutboxRow } from '@slipstream/bus';
import { newTrace } from '@slipstream/bus';
import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import {
  type Buffering,
  type CapitalStop,
  type LeaderTrade,
  LIVE_SCOPE,
  type LiveOverride,
  PAPER_SCOPE,
  type PortfolioSnapshot,
  type Switches,
  type TradingMode,
} from '@slipstream/proto';
import { createMetrics, fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { bucketLaneOf } from '../src/core/bucket-groups.ts';
import type { StopLine } from '../src/core/capital-stop.ts';
import { type Group, groupIdOf, holdingKey } from '../src/core/group.ts';
import { bookState } from '../src/core/guardrails.ts';
import type { BookFacts, ConfigFacts, MarketFacts } from '../src/core/inputs.ts';
import { type Accounts, decideGroups, readAccounts } from '../src/decide-groups.ts';
import { createDesk } from '../src/desk/desk.ts';
import { createOpenBuckets } from '../src/desk/open-buckets.ts';
import { createOpenGroups } from '../src/desk/open-groups.ts';
import { createReservations } from '../src/desk/reservations.ts';
import { createStops, lineKeyOf } from '../src/desk/stops.ts';
import { createFigures } from '../src/figures.ts';
import type { Sources } from '../src/load-inputs.ts';
import { onGroupsDue } from '../src/on-group-due.ts';
import { onLeaderTrades } from '../src/on-leader-trade.ts';
import { onSnapshots } from '../src/on-snapshot.ts';
import type { AccountRead } from '../src/store/account.ts';
import { type Decided, reservationOf } from '../src/store/attempts.ts';
import { type Change, type Committed, Conflict } from '../src/store/commit.ts';
import { aModeConfig, aTrade, BOOK, CONFIG, NOW, someInputs } from './builders.ts';

const CASH = usd(10_000_000_000n);
const { rules: RULES } = aModeConfig();

export const anAccount = (
  over: Partial<NonNullable<AccountRead['account']>> = {},
): AccountRead['account'] => ({
  version: 1n,
  cashMicros: CASH,
  depositedMicros: CASH,
  dayProfitMicros: usd(0n),
  weekProfitMicros: usd(0n),
  peakProfitMicros: usd(0n),
  positions: { of: () => shares(0n), all: () => [] },
  ...over,
});

const aDelivery = (message: LeaderTrade, deliveries = 1): Delivery<LeaderTrade> => ({
  message,
  trace: newTrace(message.tradeId),
  subject: `copy.leader.trade.${message.wallet}`,
  sequence: 1,
  deliveries,
  receivedAt: 1,
});

/** Tables in memory with the keys that matter: a part has one group, a group in a mode has one attempt. */
function fakeTables() {
  const groupOf = new Map<string, string>();
  const held = new Map<string, ShareMicros>();
  const groups = new Map<string, Group>();
  const attempts = new Map<string, Decided>();
  const stops = new Map<string, StopLine>();
  let seq = 0n;
  const write = (change: Change): readonly OutboxRow[] => {
    for (const part of change.parts) {
      const key = `${part.mode} ${part.tradeId}`;
      if (groupOf.has(key)) throw new Error(`unique: ${key}`);
      groupOf.set(key, part.groupKey);
    }
    for (const holding of change.holdings)
      held.set(holdingKey(holding.leaderId, holding.tokenId), holding.sizeMicros);
    for (const group of change.groups) groups.set(groupIdOf(group), group);
    for (const line of change.stops) stops.set(lineKeyOf(line, line.leaderId), line);
    return change.decided.flatMap((decided) => {
      const { attempt } = decided;
      if (attempts.has(attempt.attemptId)) return [];
      attempts.set(attempt.attemptId, decided);
      seq += 1n;
      return [
        {
          seq,
          channel: 'attempt',
          subject: attempt.groupKey,
          messageId: attempt.attemptId,
          headers: {},
          payload: '',
        },
      ];
    });
  };
  return { groupOf, held, groups, attempts, stops, write };
}

type World = {
  account: AccountRead['account'];
  /** Of further wallets, by their ids. */
  wallets: ReadonlyMap<string, AccountRead['account']>;
  finalAttempts: readonly string[];
  book: BookFacts | null;
  market: MarketFacts | null;
  config: ConfigFacts | null;
  buffering: Buffering;
  capitalStop: CapitalStop;
  switches: Omit<Switches, 'changedAt' | 'changedBy'> | null;
  modes: readonly TradingMode[];
  leaderEnabled: boolean;
  liveOverride: LiveOverride;
  stopClearedAt: string | null;
  leaderWorthMicros: UsdMicros | null;
  windowMs: number;
  /** Fails the next commit, before or after it has happened, or since another decider came before. */
  failure: 'before' | 'after' | 'another' | null;
  /** Commits that fail in this way; the last of them leaves `failure` null again. */
  failures: number;
  recalls: number;
};

const aWorld = (windowMs: number): World => {
  const { market } = someInputs();
  return {
    account: anAccount(),
    wallets: new Map(),
    finalAttempts: [],
    book: BOOK,
    market,
    config: CONFIG,
    buffering: RULES.buffering,
    capitalStop: RULES.capitalStop,
    switches: {
      copyEngineEnabled: true,
      livePauseClearedAt: null,
      entriesPaused: false,
      liveTradingState: 'OFF',
      version: 1,
    },
    modes: ['PAPER'],
    leaderEnabled: true,
    liveOverride: 'INHERIT',
    stopClearedAt: null,
    leaderWorthMicros: null,
    windowMs,
    failure: null,
    failures: 1,
    recalls: 0,
  };
};

/** The stores: what is written stays, and the next write can be made to fail. */
function storesOf(world: World, seen: string[]) {
  const tables = fakeTables();
  let version = 0n;
  const commit = async (change: Change, expected: bigint): Promise<Committed> => {
    const { failure } = world;
    if (failure !== null) world.failures -= 1;
    if (world.failures === 0) Object.assign(world, { failure: null, failures: 1 });
    if (failure === 'another') version += 1n;
    if (expected !== version) throw new Conflict('another decider');
    if (failure === 'before') throw new Error('the database is away');
    const { parts, groups, decided } = change;
    seen.push(`commit ${parts.length} parts, ${groups.length} groups, ${decided.length} attempts`);
    const rows = tables.write(change);
    version += 1n;
    if (failure === 'after') throw new Error('the answer was lost');
    return { rows, version };
  };
  const recall = async () => {
    world.recalls += 1;
    const open = [...tables.groups.values()].filter((group) => group.status !== 'DONE');
    const groups = open.map(
      (group): Group => ({
        ...group,
        status: group.status === 'BUFFERED' ? 'BUFFERED' : 'OPEN',
        wakeAt: group.dueAt,
        waitingSince: null,
      }),
    );
    const reservations = [...tables.attempts.values()].flatMap((decided) => reservationOf(decided) ?? []);
    return { version, groups, reservations, stops: [...tables.stops.values()] };
  };
  const readFacts = async (trades: readonly LeaderTrade[]) => ({
    grouped: new Set(trades.flatMap((t) => (tables.groupOf.has(`PAPER ${t.tradeId}`) ? [t.tradeId] : []))),
    held: tables.held,
  });
  const readKnown = async (wanted: readonly Group[]) =>
    new Set(wanted.map(groupIdOf).filter((id) => tables.groups.has(id)));
  return { tables, commit, recall, readFacts, readKnown };
}

/** Everything that is read or told, from the world and into `seen`. */
function portsOf(world: World, seen: string[], wallets: readonly string[]) {
  const changed = { changedAt: NOW.toISOString(), changedBy: 'test' };
  const person = {
    label: 'L',
    wallets: [],
    entriesPaused: false,
    followedAt: NOW.toISOString(),
    version: 1,
  };
  const markets: Sources['markets'] = {
    book: () => world.book,
    market: () => world.market,
    mark: () => null,
  };
  return {
    clock: fakeClock(NOW),
    activity: idleActivity,
    log: silentLogger(),
    groups: createOpenGroups(),
    buckets: createOpenBuckets((group) => bucketLaneOf(group, world.buffering.nettingMode)),
    reservations: createReservations(),
    stops: createStops(),
    exposures: { worthOf: () => world.leaderWorthMicros },
    bufferingOf: () => world.buffering,
    accounts: {
      read: async (
        _mode: TradingMode,
        scope: string,
        { pending }: { readonly pending: readonly string[] },
      ): Promise<AccountRead> => ({
        account: world.wallets.has(scope) ? (world.wallets.get(scope) ?? null) : world.account,
        finalAttempts: world.finalAttempts.filter((attemptId) => pending.includes(attemptId)),
      }),
    },
    settings: {
      switches: () => world.switches && { ...world.switches, ...changed },
      leader: (leaderId: string) => ({
        ...person,
        leaderId,
        enabled: world.leaderEnabled,
        liveOverride: world.liveOverride,
        stopClearedAt: { PAPER: world.stopClearedAt, LIVE: world.stopClearedAt },
        walletsAddedAt: {},
      }),
      rules: () =>
        world.config && {
          facts: world.config,
          aggregationWindowMs: world.windowMs,
          buffering: world.buffering,
          capitalStop: world.capitalStop,
          blacklists: () => false,
        },
      configured: () => new Set(world.modes),
    },
    markets: { ...markets },
    books: { ask: (tokenId: string): void => void seen.push(`ask ${tokenId}`) },
    scopes: new Map<TradingMode, readonly string[]>([
      ['PAPER', [PAPER_SCOPE]],
      ['LIVE', wallets],
    ]),
    relay: {
      push: (rows: readonly OutboxRow[]): void =>
        void seen.push(`push ${rows.map((row) => row.subject).join(' ')}`),
    },
  };
}

/** The handlers on hand-written stores, a fake clock and a market that a test may change. */
export function createHarness(windowMs = 250, wallets: readonly string[] = [LIVE_SCOPE]) {
  const seen: string[] = [];
  const world = aWorld(windowMs);
  const ports = portsOf(world, seen, wallets);
  const { tables, ...stores } = storesOf(world, seen);
  const answered = (): boolean =>
    bookState(world.book, CONFIG.guardrails.bookFreshnessMs) !== 'unusable' && world.market !== null;
  const desk = createDesk({ ...ports, ...stores, onDue: () => onDue(), answered });
  const figures = createFigures(createMetrics('decider'));
  const handling = {
    ...ports,
    ...stores,
    desk,
    figures,
    readAccounts: (modes: ReadonlySet<TradingMode>) => readAccounts(ports, modes),
    decideGroups: (due: readonly Group[], accounts: Accounts) => decideGroups(ports, due, accounts),
  };
  const onDue = onGroupsDue(handling);
  const onTrades = onLeaderTrades(handling);
  const onSnapshot = onSnapshots(handling, 0);
  const deliver = (...trades: readonly LeaderTrade[]): Promise<void> =>
    onTrades(0)(
      trades.map((trade) => aDelivery(trade)),
      new AbortController().signal,
    );
  const snapshot = (...messages: readonly PortfolioSnapshot[]): Promise<void> =>
    onSnapshot(
      messages.map((message) => ({ ...aDelivery(aTrade(0)), message })),
      new AbortController().signal,
    );
  const decisions = () => [...tables.attempts.values()].map(({ attempt }) => attempt);
  return {
    clock: ports.clock,
    tables,
    seen,
    world,
    ports,
    desk,
    figures,
    onDue,
    deliver,
    snapshot,
    decisions,
  };
}
