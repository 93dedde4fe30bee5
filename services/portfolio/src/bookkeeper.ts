import type { Database, Sql } from '@slipstream/db';
import { afterBooking, type Holdings, NO_HOLDINGS } from './core/holdings.ts';
import { type AccountId, type Changed, positionKey } from './core/post.ts';
import type { Mark } from './core/value.ts';
import { type Booked, type BookRequest, book } from './store/booking.ts';
import { readAccounts } from './store/ledger.ts';
import { readLeaderTotals, readOpen } from './store/positions.ts';

export type BookkeeperPorts = {
  readonly db: Pick<Database, 'tx' | 'query'>;
  readonly now: () => Date;
  readonly markOf: (tokenId: string) => Mark | null;
  /** Hears of every booking that changed something, after its commit. */
  readonly onBooked: (booked: Booked) => void;
};

export type KnownAccount = { readonly id: AccountId; readonly holdings: Holdings };

/** The one in this process who writes the ledger, one thing after the other, and knows what is held by heart. */
export type Bookkeeper = {
  /** Books in one transaction; `also` writes what belongs to it. */
  readonly book: (
    request: Pick<BookRequest, 'id' | 'entries' | 'settleConditions' | 'redeemed'>,
    also?: (sql: Sql, booked: Booked) => Promise<void>,
  ) => Promise<Booked>;
  /** Runs between bookings, so that what is held does not move meanwhile. */
  readonly between: <T>(work: () => Promise<T>) => Promise<T>;
  readonly accounts: () => readonly KnownAccount[];
  /** Reads everything from the tables. */
  readonly recall: () => Promise<void>;
};

const keyOf = (id: AccountId): string => `${id.mode} ${id.scope}`;

async function readHoldings(sql: Sql, id: AccountId, account: Holdings['account']): Promise<Holdings> {
  const open = await readOpen(sql, id);
  const totals = await readLeaderTotals(sql, id);
  return {
    account,
    open: new Map(open.map((held) => [positionKey(held.holding), held])),
    leaders: new Map(totals.map(({ leaderId, ...sums }) => [leaderId, sums])),
  };
}

/** The mark that a changed position gets: the book's middle, or the price at which we traded ourselves. */
function markAfter(change: Changed, markOf: (tokenId: string) => Mark | null): Mark | null {
  const { lastEntry, holding } = change;
  const known = markOf(holding.tokenId);
  if (known !== null || lastEntry.priceMicros === null) return known;
  return { priceMicros: lastEntry.priceMicros, at: lastEntry.occurredAt, source: 'fill' };
}

export function createBookkeeper(io: BookkeeperPorts): Bookkeeper {
  const known = new Map<string, KnownAccount>();
  let last: Promise<unknown> = Promise.resolve();

  const between = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };

  const load = async (): Promise<void> => {
    // One snapshot of the tables, so that sums and positions belong together.
    const read = await io.db.tx(
      async (sql) => {
        const accounts = await readAccounts(sql);
        const all: KnownAccount[] = [];
        for (const { id, account } of accounts)
          all.push({ id, holdings: await readHoldings(sql, id, account) });
        return all;
      },
      { isolation: 'repeatable read', readOnly: true },
    );
    known.clear();
    for (const account of read) known.set(keyOf(account.id), account);
  };

  const remember = async (booked: Booked, markFor: (change: Changed) => Mark | null): Promise<void> => {
    const holdings = known.get(keyOf(booked.id))?.holdings ?? NO_HOLDINGS;
    // A commit whose answer was lost, or another instance that overlaps with this one.
    if (holdings.account.version !== booked.versionBefore) return load();
    known.set(keyOf(booked.id), { id: booked.id, holdings: afterBooking(holdings, booked, markFor) });
  };

  return {
    between,
    recall: () => between(load),
    accounts: () => [...known.values()],
    book: (request, also) =>
      between(async () => {
        const markFor = (change: Changed): Mark | null => markAfter(change, io.markOf);
        const booked = await io.db.tx(async (sql) => {
          const posted = await book(sql, { ...request, markFor, now: io.now() });
          await also?.(sql, posted);
          return posted;
        });
        await remember(booked, markFor);
        if (booked.entries.length > 0) io.onBooked(booked);
        return booked;
      }),
  };
}
