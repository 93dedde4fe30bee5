import type { Bus, Reader } from '@slipstream/bus';
import { type Database, isOutage, openSession, outboxOf } from '@slipstream/db';
import { formatMicros } from '@slipstream/money';
import { deciderLeaderTrades, deciderSnapshots, PAPER_SCOPE, type TradingMode } from '@slipstream/proto';
import type { Clock, Service } from '@slipstream/runtime';
import { bucketLaneOf } from './core/bucket-groups.ts';
import type { Group } from './core/group.ts';
import { bookState } from './core/guardrails.ts';
import { accountsIn, type Scopes } from './core/route.ts';
import { type Accounts, decideGroups, readAccounts } from './decide-groups.ts';
import { createDesk } from './desk/desk.ts';
import { createOpenBuckets } from './desk/open-buckets.ts';
import { createOpenGroups } from './desk/open-groups.ts';
import { createReservations } from './desk/reservations.ts';
import { createStops } from './desk/stops.ts';
import { createFigures } from './figures.ts';
import { onGroupsDue } from './on-group-due.ts';
import { onLeaderTrades } from './on-leader-trade.ts';
import { onExitsDue, onSnapshots } from './on-snapshot.ts';
import { createPartitions } from './partitions/partitions.ts';
import { createReaders } from './partitions/readers.ts';
import { type AccountReader, createAccountReader } from './store/account.ts';
import { readReservations } from './store/attempts.ts';
import { Conflict, commitTo, readVersion } from './store/commit.ts';
import { readFacts, readKnown, readOpenGroups } from './store/groups.ts';
import { readStops } from './store/stops.ts';
import { createBookAsker } from './watched/ask-for-books.ts';
import { createExposures } from './watched/keep-exposures.ts';
import { createMarkets, type Markets } from './watched/keep-markets.ts';
import { type Settings, watchSettings } from './watched/watch-settings.ts';

/** How soon the desk tries again to read what is true, after a failure. */
const MEND_EVERY_MS = 1_000;
/** How often exits that did not get us out are looked at. */
const EXITS_EVERY_MS = 20_000;
/** Whoever holds this partition also reads the snapshots, and makes the exits. */
const SNAPSHOT_PARTITION = 0;

export type DeciderParts = {
  readonly service: Service;
  readonly db: Database;
  /** For the session that holds our partitions. */
  readonly databaseUrl: string;
  readonly bus: Bus;
  readonly scopes: Scopes;
};

/** Whether the market's data is here, and a book that may be decided on, or the news that there is none. */
const answeredBy =
  (settings: Settings, markets: Markets, clock: Clock) =>
  ({ mode, leaderId, tokenId }: Group): boolean => {
    const rules = settings.rules(mode, leaderId);
    if (rules === null || markets.market(tokenId) === null) return false;
    const book = markets.book(tokenId, clock.now());
    return bookState(book, rules.facts.guardrails.bookFreshnessMs) !== 'unusable';
  };

/** What the tables say; the accounts are then read anew, too. The version first, so that it is never too new. */
const recallFrom =
  (db: Database, scopes: Scopes, accounts: AccountReader) => async (partitions: readonly number[]) => {
    accounts.forget();
    const version = await readVersion(db);
    const [groups, reservations, stops] = await Promise.all([
      readOpenGroups(db, partitions),
      readReservations(db, accountsIn(scopes, scopes.keys())),
      readStops(db),
    ]);
    return { version, groups, reservations, stops };
  };

/** What is known and kept in memory: everything that decisions are made from and that the desk keeps true. */
async function openMemory(
  { service, db, bus, scopes }: DeciderParts,
  onNews: (tokenId: string | null) => void,
) {
  const { clock, activity, log, metrics } = service;
  const relay = bus.relay(outboxOf('decider').store(db));
  service.onStop('relay', relay.stop);
  const settings = await watchSettings(bus, log, scopes);
  service.onStop('settings', settings.stop);
  const bufferingOf = ({ mode, leaderId }: Group) => settings.rules(mode, leaderId)?.buffering ?? null;
  return {
    ...{ clock, activity, log, scopes, relay, settings, bufferingOf },
    groups: createOpenGroups(),
    buckets: createOpenBuckets((group) =>
      bucketLaneOf(group, bufferingOf(group)?.nettingMode ?? 'sameSideOnly'),
    ),
    reservations: createReservations(),
    stops: createStops(),
    exposures: createExposures(),
    accounts: createAccountReader(db),
    figures: createFigures(metrics),
    markets: createMarkets(onNews),
    books: await createBookAsker(bus, { clock, activity, log }),
  };
}

/** The desk and the handlers around it. */
function openHandlers(memory: Awaited<ReturnType<typeof openMemory>>, db: Database, scopes: Scopes) {
  const { clock, settings, markets, accounts } = memory;
  const desk = createDesk({
    ...memory,
    recall: recallFrom(db, scopes, accounts),
    commit: commitTo(db),
    onDue: () => onDue(),
    answered: answeredBy(settings, markets, clock),
  });
  const handling = {
    ...memory,
    desk,
    readAccounts: (modes: ReadonlySet<TradingMode>) => readAccounts(memory, modes),
    decideGroups: (due: readonly Group[], read: Accounts) => decideGroups(memory, due, read),
  };
  const onDue = onGroupsDue(handling);
  const onTrades = onLeaderTrades({ ...handling, readFacts: (trades) => readFacts(db, trades) });
  const exiting = { ...handling, readKnown: (wanted: readonly Group[]) => readKnown(db, wanted) };
  const onSnapshot = onSnapshots(exiting, SNAPSHOT_PARTITION);
  return { desk, onTrades, onSnapshot, onExits: onExitsDue(exiting, SNAPSHOT_PARTITION) };
}

/** The service apart from its connections: who hands what to whom, opened in the order in which it is needed. */
export async function openDecider(parts: DeciderParts) {
  const { service, db, databaseUrl, bus, scopes } = parts;
  const { clock, log } = service;
  const memory = await openMemory(parts, (tokenId) => desk.news(tokenId));
  const { settings, groups, buckets, reservations, markets, exposures, figures } = memory;
  const { desk, onTrades, onSnapshot, onExits } = openHandlers(memory, db, scopes);

  service.onStop('markets', (await markets.follow(bus)).stop);
  service.onStop('exposures', (await exposures.follow(bus)).stop);
  settings.onRules(desk.arm);
  clock.every('mend the desk', MEND_EVERY_MS, desk.open);

  const openReaders = (partition: number): Promise<Reader>[] => {
    const durable = deciderLeaderTrades[partition];
    // Another decider was faster, again and again: the trade is good, and never a dead letter.
    const options = { outageFrom: (error: unknown) => isOutage(error) || error instanceof Conflict };
    return [
      ...(durable === undefined ? [] : [bus.consume(durable, onTrades(partition), options)]),
      ...(partition === SNAPSHOT_PARTITION ? [bus.consume(deciderSnapshots, onSnapshot, options)] : []),
    ];
  };
  const readers = createReaders(async (partition) => Promise.all(openReaders(partition)));
  const partitions = createPartitions({
    count: deciderLeaderTrades.length,
    openSession: (onLost) => openSession({ url: databaseUrl, name: `${service.name} partitions`, onLost }),
    onHeld: async (held) => {
      await readers.keep(held);
      await desk.hold(held);
      await readers.open(held);
    },
    log,
  });
  clock.every('exits', EXITS_EVERY_MS, async () => {
    if (partitions.held().includes(SNAPSHOT_PARTITION)) await onExits();
  });
  service.health.check('desk', () => ({ ok: desk.isSound(), detail: { open: groups.all().length } }));
  service.health.check('configuration', () => ({ ok: settings.isKnown() }));

  return {
    /** Takes trades up as soon as switches and configuration are known: until then nothing can be decided. */
    begin: async (): Promise<void> => {
      await settings.known;
      if (service.signal.aborted) return;
      service.onStop('partitions', partitions.stop);
      await partitions.begin();
    },
    figures: () => ({
      ...figures.totals(),
      ...markets.figures(),
      partitions: partitions.held().join(' '),
      openGroups: groups.all().length,
      openBuckets: buckets.count(),
      reservedCash: formatMicros(reservations.cashOf({ mode: 'PAPER', scope: PAPER_SCOPE })),
    }),
  };
}
