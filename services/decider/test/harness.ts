import type { Delivery, OutboxRow } from '@slipstream/bus';
import { newTrace } from '@slipstream/bus';
import { type ShareMicros, shares, usd } from '@slipstream/money';
import { type LeaderTrade, type LiveOverride, PAPER_SCOPE, type TradingMode } from '@slipstream/proto';
import { createMetrics, fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { type Group, holdingKey } from '../src/core/group.ts';
import { bookState } from '../src/core/guardrails.ts';
import type { BookFacts, ConfigFacts, DecisionInputs, MarketFacts } from '../src/core/inputs.ts';
import { type Accounts, decideGroups, readAccounts } from '../src/decide-groups.ts';
import { createDesk } from '../src/desk.ts';
import { createFigures } from '../src/figures.ts';
import type { Sources } from '../src/load-inputs.ts';
import { onGroupsDue } from '../src/on-group-due.ts';
import { onLeaderTrades } from '../src/on-leader-trade.ts';
import { createOpenGroups } from '../src/open-groups.ts';
import { createReservations } from '../src/reservations.ts';
import type { AccountRead } from '../src/store/account.ts';
import type { Decided } from '../src/store/attempts.ts';
import type { Change } from '../src/store/commit.ts';
import { BOOK, CONFIG, NOW, someInputs } from './builders.ts';

const CASH = usd(10_000_000_000n);

export const anAccount = (
  over: Partial<NonNullable<AccountRead['account']>> = {},
): AccountRead['account'] => ({
  version: 1n,
  cashMicros: CASH,
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
  let seq = 0n;
  const write = (change: Change): readonly OutboxRow[] => {
    for (const part of change.parts) {
      if (groupOf.has(part.tradeId)) throw new Error(`unique: ${part.tradeId}`);
      groupOf.set(part.tradeId, part.groupKey);
    }
    for (const holding of change.holdings)
      held.set(holdingKey(holding.leaderId, holding.tokenId), holding.sizeMicros);
    for (const group of change.groups) groups.set(group.groupKey, group);
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
  return { groupOf, held, groups, attempts, write };
}

type World = {
  account: AccountRead['account'];
  finalAttempts: readonly string[];
  book: BookFacts | null;
  market: MarketFacts | null;
  config: ConfigFacts | null;
  switches: DecisionInputs['switches'];
  windowMs: number;
  /** Fails the next commit, before or after it has happened. */
  failure: 'before' | 'after' | null;
  recalls: number;
};

const aWorld = (windowMs: number): World => {
  const { market, switches } = someInputs();
  return {
    account: anAccount(),
    finalAttempts: [],
    book: BOOK,
    market,
    config: CONFIG,
    switches,
    windowMs,
    failure: null,
    recalls: 0,
  };
};

/** The stores: what is written stays, and the next write can be made to fail. */
function storesOf(world: World, seen: string[]) {
  const tables = fakeTables();
  const commit = async (change: Change): Promise<readonly OutboxRow[]> => {
    const { failure } = world;
    world.failure = null;
    if (failure === 'before') throw new Error('the database is away');
    const { parts, groups, decided } = change;
    seen.push(`commit ${parts.length} parts, ${groups.length} groups, ${decided.length} attempts`);
    const rows = tables.write(change);
    if (failure === 'after') throw new Error('the answer was lost');
    return rows;
  };
  const recall = async () => {
    world.recalls += 1;
    const open = [...tables.groups.values()].filter((group) => group.status !== 'DONE');
    const groups = open.map(
      (group): Group => ({ ...group, status: 'OPEN', wakeAt: group.dueAt, waitingSince: null }),
    );
    return { groups, reservations: [] };
  };
  const readFacts = async (trades: readonly LeaderTrade[]) => ({
    grouped: new Set(trades.flatMap((t) => (tables.groupOf.has(t.tradeId) ? [t.tradeId] : []))),
    held: tables.held,
  });
  return { tables, commit, recall, readFacts };
}

/** Everything that is read or told, from the world and into `seen`. */
function portsOf(world: World, seen: string[]) {
  const changed = { changedAt: NOW.toISOString(), changedBy: 'test' };
  const liveOverride: LiveOverride = 'INHERIT';
  const person = {
    label: 'L',
    wallets: [],
    enabled: true,
    liveOverride,
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
    reservations: createReservations(),
    accounts: {
      read: async (): Promise<AccountRead> => ({
        account: world.account,
        finalAttempts: world.finalAttempts,
      }),
    },
    settings: {
      switches: () => world.switches && { ...world.switches, ...changed },
      leader: (leaderId: string) => ({ leaderId, ...person }),
      mode: () =>
        world.config && { facts: world.config, aggregationWindowMs: world.windowMs, blacklists: () => false },
      configured: () => new Set<TradingMode>(['PAPER']),
    },
    markets: { ...markets },
    books: { ask: (tokenId: string): void => void seen.push(`ask ${tokenId}`) },
    scopes: new Map<TradingMode, string>([['PAPER', PAPER_SCOPE]]),
    relay: {
      push: (rows: readonly OutboxRow[]): void =>
        void seen.push(`push ${rows.map((row) => row.subject).join(' ')}`),
    },
  };
}

/** The handlers on hand-written stores, a fake clock and a market that a test may change. */
export function createHarness(windowMs = 250) {
  const seen: string[] = [];
  const world = aWorld(windowMs);
  const ports = portsOf(world, seen);
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
    readAccounts: () => readAccounts(ports),
    decideGroups: (due: readonly Group[], accounts: Accounts) => decideGroups(ports, due, accounts),
  };
  const onDue = onGroupsDue(handling);
  const onTrades = onLeaderTrades(handling);
  const deliver = (...trades: readonly LeaderTrade[]): Promise<void> =>
    onTrades(
      trades.map((trade) => aDelivery(trade)),
      new AbortController().signal,
    );
  const decisions = () => [...tables.attempts.values()].map(({ attempt }) => attempt);
  return { clock: ports.clock, tables, seen, world, ports, desk, figures, onDue, deliver, decisions };
}
