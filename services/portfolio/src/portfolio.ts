import { type Bus, type Delivery, encode, newTrace, type Relay } from '@slipstream/bus';
import { type Database, outboxOf } from '@slipstream/db';
import {
  copyPortfolioSnapshot,
  copyPortfolioState,
  type Fill,
  type ModeConfig,
  type OrderEvent,
  PAPER_SCOPE,
  type PortfolioState,
} from '@slipstream/proto';
import type { CheckResult, Service } from '@slipstream/runtime';
import { type Bookkeeper, createBookkeeper, type KnownAccount } from './bookkeeper.ts';
import { bucketOf } from './core/bucket.ts';
import type { Difference } from './core/compare.ts';
import { depositOf } from './core/entry.ts';
import { accountFigures, type Holdings, holdersOf } from './core/holdings.ts';
import type { AccountId } from './core/post.ts';
import type { Mark } from './core/value.ts';
import { createInterest, type InterestPorts } from './interest.ts';
import { LiveBooks, type LiveBooksPorts } from './live-books.ts';
import { LiveWallets } from './live-wallets.ts';
import { createMarks } from './marks.ts';
import { observations } from './observations.ts';
import { onAccountState } from './on-account-state.ts';
import { onFill } from './on-fill.ts';
import { onMarketResolved } from './on-market-resolved.ts';
import { onOrderEvent } from './on-order-event.ts';
import { createStatePublisher } from './publish-state.ts';
import { createSettings } from './settings.ts';
import { moveOrders } from './store/executions.ts';
import { lockAccount, readAccounts } from './store/ledger.ts';
import { writeMarks } from './store/positions.ts';
import { keepResolutions } from './store/settlements.ts';
import { readLatestBucket, type StoredSlice, writeSnapshots } from './store/snapshots.ts';
import { createSnapshots, type SnapshotPorts } from './take-snapshots.ts';

const PAPER_ACCOUNT: AccountId = { mode: 'PAPER', scope: PAPER_SCOPE };
/** The ledger's name for the cash that PAPER begins with: booked once, whatever the configuration says later. */
const INITIAL_REF = 'paper:initial';

const outbox = outboxOf('portfolio');

export type PortfolioParts = {
  readonly service: Service;
  readonly db: Database;
  readonly relay: Pick<Relay, 'push'>;
  readonly interest: InterestPorts['bucket'];
  readonly publish: Bus['publish'];
};

type MarkOf = (tokenId: string) => Mark | null;

const snapshotMessage = (
  { mode, scope }: AccountId,
  bucket: Date,
  { leaderId, figures, peakProfitMicros }: StoredSlice,
) => {
  const bucketTime = bucket.toISOString();
  const trace = newTrace(`snapshot:${mode}:${scope}:${leaderId ?? '-'}:${bucketTime}`);
  const snapshot = { mode, scope, leaderId, bucketTime, ...figures, peakProfitMicros };
  return encode(copyPortfolioSnapshot, snapshot, trace);
};

/** Stores what a snapshot says, with the marks that it was taken with, so that the tables agree with it. */
const storeSnapshot =
  (db: Database, now: () => Date, markOf: MarkOf): SnapshotPorts['store'] =>
  (account, bucket, slices, announce) =>
    db.tx(async (sql) => {
      await lockAccount(sql, account.id, now());
      const marked = [...account.holdings.open.values()].flatMap(({ holding }) => {
        const mark = markOf(holding.tokenId);
        return mark === null ? [] : [{ holding, mark }];
      });
      await writeMarks(sql, account.id, marked);
      // What changed for a leader in one mode may be unheard of in the other.
      const own = slices.filter(
        ({ leaderId }) => leaderId === null || account.holdings.leaders.has(leaderId),
      );
      const stored = await writeSnapshots(sql, account.id, bucket, own, now());
      return outbox.append(sql, stored.map(announce));
    });

/** The state of the accounts on its way to whoever looks. */
function wireState({ service, publish }: PortfolioParts, accounts: Bookkeeper['accounts'], markOf: MarkOf) {
  const { clock, log } = service;
  const stateOf = ({ id, holdings }: KnownAccount, at: Date): PortfolioState => ({
    ...id,
    ...accountFigures(holdings, markOf),
    version: Number(holdings.account.version),
    at: at.toISOString(),
  });
  return createStatePublisher({
    clock,
    log,
    states: (at) => accounts().map((account) => stateOf(account, at)),
    send: (said) =>
      publish(copyPortfolioState, said, newTrace(`state:${said.mode}:${said.scope}:${said.version}`)),
  });
}

/** The ledger and those who hear of it: snapshots, state and interest. */
function wireBooks(parts: PortfolioParts, figures: ReturnType<typeof observations>) {
  const { service, db, relay, interest } = parts;
  const { clock, activity, log, signal, name } = service;
  const now = (): Date => clock.now();
  const wanted = createInterest({ bucket: interest, clock, activity, log, wantedBy: name });
  const marks = createMarks((tokenId) => {
    const holders = bookkeeper.accounts().flatMap(({ holdings }) => holdersOf(holdings, tokenId));
    if (holders.length > 0) snapshots.touch(holders);
  });
  const bookkeeper = createBookkeeper({
    db,
    now,
    markOf: marks.of,
    onBooked: (booked) => {
      figures.booked(booked);
      snapshots.touch(booked.changed.map(({ holding }) => holding.leaderId));
      state.changed();
      const held = booked.changed.filter(({ after }) => after.sharesMicros !== 0n);
      wanted.hold(held.map(({ holding }) => holding.tokenId));
    },
  });
  const snapshots = createSnapshots({
    clock,
    log,
    signal,
    markOf: marks.of,
    between: bookkeeper.between,
    accounts: bookkeeper.accounts,
    store: storeSnapshot(db, now, marks.of),
    announce: snapshotMessage,
    publish: relay.push,
    onTaken: figures.snapshots,
  });
  const state = wireState(parts, bookkeeper.accounts, marks.of);
  return { bookkeeper, marks, snapshots, state, wanted };
}

type Books = ReturnType<typeof wireBooks>;

/** A bucket that ended with changes while we were away gets its snapshot; the current one is due at its end. */
async function makeUp(db: Database, { bookkeeper, snapshots }: Books, now: Date): Promise<void> {
  const current = bucketOf(now);
  const leaders = bookkeeper.accounts().flatMap(({ holdings }) => [...holdings.leaders.keys()]);
  for (const { id, updatedAt } of await readAccounts(db)) {
    const changedIn = bucketOf(updatedAt);
    const latest = await readLatestBucket(db, id);
    if (changedIn >= current) snapshots.touch(leaders);
    else if (latest === null || latest < changedIn) await snapshots.makeUp(changedIn);
  }
}

/** Knows what is held before the first message is handled. */
async function takeUp(db: Database, books: Books, now: Date): Promise<void> {
  const { bookkeeper, wanted, state } = books;
  await bookkeeper.recall();
  await makeUp(db, books, now);
  for (const { holdings } of bookkeeper.accounts())
    wanted.hold([...holdings.open.values()].map(({ holding }) => holding.tokenId));
  if (bookkeeper.accounts().length > 0) state.changed();
}

/** The LIVE side: its wallets, and who hands them what the exchange says. */
function wireLive(parts: PortfolioParts, books: Books, moveOrders: LiveBooksPorts['moveOrders']) {
  const { db, service } = parts;
  const { clock, log } = service;
  const { bookkeeper, marks } = books;
  const wallets = new LiveWallets({ db, bookkeeper, onPayout: marks.onPayout, log });
  const baselineOf = (scope: string): Date | null => wallets.baselineOf(scope);
  const now = (): Date => clock.now();
  const ledger = new LiveBooks({ db, book: bookkeeper.book, now, baselineOf, moveOrders, log });
  return {
    wallets,
    onLiveFills: (batch: readonly Delivery<Fill>[]) => ledger.onFills(batch),
    onLiveOrders: (batch: readonly Delivery<OrderEvent>[]) => ledger.onOrders(batch),
    onLiveAccounts: onAccountState({
      baselineOf,
      begin: (state) => wallets.begin(state),
      redeem: (state) => wallets.redeem(state),
      check: (state) => wallets.check(state),
    }),
  };
}

/** What the status page shows of the service. */
function figuresOfService(holdings: Holdings | undefined, markOf: MarkOf) {
  const known = holdings === undefined ? null : accountFigures(holdings, markOf);
  return {
    version: holdings === undefined ? null : holdings.account.version.toString(),
    openPositions: known?.openPositions ?? null,
    unpricedPositions: known?.unpricedPositions ?? null,
  };
}

/** What the status page shows of LIVE: nothing, while there is no wallet. */
function liveFigures(
  accounts: readonly KnownAccount[],
  parted: readonly Difference[],
): Readonly<Record<string, string | number>> {
  const wallets = accounts.filter(({ id }) => id.mode === 'LIVE');
  if (wallets.length === 0) return {};
  return {
    liveWallets: wallets.length,
    liveCashDifferenceMicros: parted.reduce((sum, { cashMicros }) => sum + cashMicros, 0n).toString(),
    liveTokensDiffering: parted.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
  };
}

/** The service apart from its connections: who hands what to whom. */
export function openPortfolio(parts: PortfolioParts) {
  const { service, db } = parts;
  const { clock, activity, log } = service;
  const now = (): Date => clock.now();
  const settings = createSettings();
  const measured = observations(service.metrics);
  const books = wireBooks(parts, measured);
  const { bookkeeper, marks, wanted } = books;
  const fills = onFill({ now, book: bookkeeper.book });
  const onOrders = onOrderEvent({ move: (facts) => db.tx((sql) => moveOrders(sql, facts, now())) });
  const { wallets, ...live } = wireLive(parts, books, onOrders);
  const account = (): KnownAccount | undefined => bookkeeper.accounts().find(({ id }) => id.mode === 'PAPER');

  const deposit = async (config: ModeConfig): Promise<void> => {
    const entry = depositOf(PAPER_ACCOUNT, INITIAL_REF, config.rules.paper.initialCashMicros, now());
    await bookkeeper.book({ id: PAPER_ACCOUNT, entries: [entry], settleConditions: [] });
  };

  return {
    settings,
    marks,
    account,
    onFills: async (batch: Parameters<typeof fills>[0]): Promise<void> => {
      const done = measured.batch();
      await fills(batch);
      done();
    },
    onOrders,
    ...live,
    onResolutions: onMarketResolved({
      log,
      keep: async (resolutions) => {
        const contradicted = await db.tx((sql) => keepResolutions(sql, resolutions, now()));
        wallets.markPaidOut(resolutions.filter(({ conditionId }) => !contradicted.includes(conditionId)));
        return contradicted;
      },
      accounts: () => bookkeeper.accounts().map(({ id }) => id),
      book: bookkeeper.book,
      drop: wanted.drop,
    }),
    recall: async (): Promise<void> => {
      await takeUp(db, books, now());
      await wallets.recall();
    },
    /** Books the initial cash as soon as the configuration says how much it is. */
    begin: (): void =>
      settings.whenKnown((config) => {
        activity
          .run(() => deposit(config), 'deposit')
          .catch((error: unknown) => {
            log.fatal({ error }, 'portfolio.deposit-failed');
            throw error;
          });
      }),
    figures: () => ({
      ...figuresOfService(account()?.holdings, marks.of),
      ...liveFigures(bookkeeper.accounts(), wallets.differences()),
    }),
    /** An account appears when the configuration says how much cash it begins with; until then nothing is wrong. */
    healthy: (): CheckResult => ({
      ok: true,
      detail: account() === undefined ? 'awaits the configuration' : 'known',
    }),
  };
}
