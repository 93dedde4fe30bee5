import type { Bus, Reader } from '@slipstream/bus';
import { type Database, isOutage, outboxOf } from '@slipstream/db';
import { formatMicros } from '@slipstream/money';
import { deciderLeaderTrades } from '@slipstream/proto';
import type { Clock, Service } from '@slipstream/runtime';
import { createBookAsker } from './ask-for-books.ts';
import type { Group } from './core/group.ts';
import { bookState } from './core/guardrails.ts';
import type { Scopes } from './core/route.ts';
import { type Accounts, decideGroups, readAccounts } from './decide-groups.ts';
import { createDesk } from './desk.ts';
import { createFigures } from './figures.ts';
import { createMarkets, type Markets } from './keep-markets.ts';
import { onGroupsDue } from './on-group-due.ts';
import { onLeaderTrades } from './on-leader-trade.ts';
import { createOpenGroups } from './open-groups.ts';
import { createReservations } from './reservations.ts';
import { type AccountReader, createAccountReader } from './store/account.ts';
import { readReservations } from './store/attempts.ts';
import { commitTo } from './store/commit.ts';
import { readFacts, readOpenGroups } from './store/groups.ts';
import { type Settings, watchSettings } from './watch-settings.ts';

/** How soon the desk tries again to read what is true, after a failure. */
const MEND_EVERY_MS = 1_000;

export type DeciderParts = {
  readonly service: Service;
  readonly db: Database;
  readonly bus: Bus;
  readonly scopes: Scopes;
};

/** Whether the market's data is here, and a book that may be decided on or the news that there is none, in some mode. */
const answeredBy =
  (settings: Settings, markets: Markets, clock: Clock) =>
  ({ tokenId, decidedModes }: Group): boolean => {
    const book = markets.book(tokenId, clock.now());
    const open = [...settings.configured()].filter((mode) => !decidedModes.includes(mode));
    const enough = open.some((mode) => {
      const config = settings.mode(mode);
      return config !== null && bookState(book, config.facts.guardrails.bookFreshnessMs) !== 'unusable';
    });
    return enough && markets.market(tokenId) !== null;
  };

/** What the tables say; the accounts are then read anew, too. */
const recallFrom = (db: Database, scopes: Scopes, accounts: AccountReader) => async () => {
  accounts.forget();
  return { groups: await readOpenGroups(db, scopes), reservations: await readReservations(db, scopes) };
};

/** The service apart from its connections: who hands what to whom, opened in the order in which it is needed. */
export async function openDecider({ service, db, bus, scopes }: DeciderParts) {
  const { clock, activity, log, metrics } = service;
  const groups = createOpenGroups();
  const reservations = createReservations();
  const accounts = createAccountReader(db);
  const figures = createFigures(metrics);

  const relay = bus.relay(outboxOf('decider').store(db));
  service.onStop('relay', relay.stop);
  const settings = await watchSettings(bus, log, scopes);
  service.onStop('settings', settings.stop);
  const markets = createMarkets((tokenId) => desk.news(tokenId));
  const books = await createBookAsker(bus, { clock, activity, log });

  const ports = {
    clock,
    activity,
    log,
    groups,
    reservations,
    accounts,
    settings,
    markets,
    books,
    scopes,
    relay,
  };
  const desk = createDesk({
    ...ports,
    recall: recallFrom(db, scopes, accounts),
    commit: commitTo(db),
    onDue: () => onDue(),
    answered: answeredBy(settings, markets, clock),
  });
  const handling = {
    ...ports,
    desk,
    figures,
    readAccounts: () => readAccounts(ports),
    decideGroups: (due: readonly Group[], accounts: Accounts) => decideGroups(ports, due, accounts),
  };
  const onDue = onGroupsDue(handling);
  const onTrades = onLeaderTrades({ ...handling, readFacts: (trades) => readFacts(db, trades) });

  service.onStop('markets', (await markets.follow(bus)).stop);
  await desk.open();
  clock.every('mend the desk', MEND_EVERY_MS, desk.open);
  service.health.check('desk', () => ({ ok: desk.isSound(), detail: { open: groups.all().length } }));
  service.health.check('configuration', () => ({ ok: settings.isKnown() }));

  return {
    /** Takes trades up as soon as switches and configuration are known: until then nothing can be decided. */
    begin: async (): Promise<void> => {
      await settings.known;
      if (service.signal.aborted) return;
      const trades: Reader = await bus.consume(deciderLeaderTrades, onTrades, { outageFrom: isOutage });
      service.onStop('trades', trades.stop);
    },
    figures: () => ({
      ...figures.totals(),
      ...markets.figures(),
      openGroups: groups.all().length,
      reservedCash: formatMicros(reservations.cashOf('PAPER')),
    }),
  };
}
