import { type Bus, encode, newTrace, type Relay } from '@slipstream/bus';
import { type Database, outboxOf } from '@slipstream/db';
import {
  copyPortfolioSnapshot,
  copyPortfolioState,
  type ModeConfig,
  PAPER_SCOPE,
  type PortfolioState,
} from '@slipstream/proto';
import type { CheckResult, Service } from '@slipstream/runtime';
import { type Bookkeeper, createBookkeeper, type KnownAccount } from './bookkeeper.ts';
import { bucketOf } from './core/bucket.ts';
import { depositOf } from './core/entry.ts';
import { accountFigures, holdersOf } from './core/holdings.ts';
import type { AccountId } from './core/post.ts';
import type { Mark } from './core/value.ts';
import { createInterest, type InterestPorts } from './interest.ts';
import { createMarks } from './marks.ts';
import { observations } from './observations.ts';
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
      const stored = await writeSnapshots(sql, account.id, bucket, slices, now());
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
    onOrders: onOrderEvent({ move: (facts) => db.tx((sql) => moveOrders(sql, facts, now())) }),
    onResolutions: onMarketResolved({
      log,
      keep: (resolutions) => db.tx((sql) => keepResolutions(sql, resolutions, now())),
      accounts: () => bookkeeper.accounts().map(({ id }) => id),
      book: bookkeeper.book,
      drop: wanted.drop,
    }),
    recall: (): Promise<void> => takeUp(db, books, now()),
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
    /** What the status page shows of the service. */
    figures: () => {
      const holdings = account()?.holdings;
      const known = holdings === undefined ? null : accountFigures(holdings, marks.of);
      return {
        version: holdings === undefined ? null : holdings.account.version.toString(),
        openPositions: known?.openPositions ?? null,
        unpricedPositions: known?.unpricedPositions ?? null,
      };
    },
    /** An account appears when the configuration says how much cash it begins with; until then nothing is wrong. */
    healthy: (): CheckResult => ({
      ok: true,
      detail: account() === undefined ? 'awaits the configuration' : 'known',
    }),
  };
}
