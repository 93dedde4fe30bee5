import { type Delivery, withHop } from '@slipstream/bus';
import type { Database, Sql } from '@slipstream/db';
import { usd } from '@slipstream/money';
import type { Fill, Hops, OrderEvent } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { Bookkeeper } from './bookkeeper.ts';
import type { LedgerEntry } from './core/entry.ts';
import { attributeLater, liveEntries, type OrderLink, refsOf } from './core/live-fill.ts';
import type { AccountId } from './core/post.ts';
import { addFills, type FillFacts, readOrderLinks, takeBackFills } from './store/executions.ts';
import { readEntries, readNobodysFills } from './store/ledger.ts';

/**
 * Deliveries of a fill whose order nobody has announced. With the waits of its durable that is about three seconds;
 * an order is announced before it is sent, so that only a delayed announcement is waited for.
 */
const DELIVERIES_AWAITING_ORDER = 4;
const MS_PER_SECOND = 1_000;

/** The account is not known yet, so that nobody can say what a fill changes. It comes again until it is. */
export class AwaitsBaseline extends Error {
  override name = 'AwaitsBaseline';
}

/** The order of a fill is not announced yet. */
class AwaitsOrder extends Error {
  override name = 'AwaitsOrder';
}

export type LiveBooksPorts = {
  readonly db: Pick<Database, 'query'>;
  readonly book: Bookkeeper['book'];
  readonly now: () => Date;
  /** When a wallet's account was first seen, which is where its ledger begins; null: not yet. */
  readonly baselineOf: (scope: string) => Date | null;
  /** Moves the attempts' orders. */
  readonly moveOrders: (batch: readonly Delivery<OrderEvent>[]) => Promise<void>;
  readonly log: Logger;
};

type Links = ReadonlyMap<string, OrderLink>;

const liveAccount = (scope: string): AccountId => ({ mode: 'LIVE', scope });

/** The exchange dates fills in whole seconds: one of the second in which the baseline was read is counted. */
const isBefore = (fill: Fill, baseline: Date): boolean =>
  Date.parse(fill.executedAt) < Math.floor(baseline.getTime() / MS_PER_SECOND) * MS_PER_SECOND;

const absolute = (n: bigint): bigint => (n < 0n ? -n : n);

/** What a booked fill, or one taken back, says about the attempt that it belongs to; null when it is nobody's. */
function factsOf(entry: LedgerEntry, links: Links, hops: Hops): FillFacts | null {
  const { holding, attemptId, orderId } = entry;
  const link = orderId === null ? undefined : links.get(orderId);
  if (attemptId === null || orderId === null || holding === null || link === undefined) return null;
  // The cash that moved, apart from the fee, is the notional.
  const notional = absolute(entry.cashDeltaMicros + entry.feeMicros);
  return {
    ...link,
    mode: entry.mode,
    scope: entry.scope,
    orderId,
    tokenId: holding.tokenId,
    hops,
    sizeMicros: absolute(entry.shareDeltaMicros),
    notionalMicros: notional,
    feeMicros: usd(absolute(entry.feeMicros)),
    bookedFills: 1,
    executedAt: entry.occurredAt,
  };
}

/** Writes what newly booked entries say about their attempts, in the transaction that booked them. */
async function writeFacts(
  sql: Sql,
  booked: readonly LedgerEntry[],
  links: Links,
  hops: (entry: LedgerEntry) => Hops,
  now: Date,
): Promise<void> {
  for (const entry of booked) {
    const facts = factsOf(entry, links, hops(entry));
    if (facts === null) continue;
    if (entry.entryType === 'TRADE_FILL') await addFills(sql, [facts], now);
    else await takeBackFills(sql, [facts], now);
  }
}

/** Entries of the ledger by name. */
type Ledger = Map<string, readonly LedgerEntry[]>;

/** What the fills ask of the ledger, one after the other, and the hops of each name. */
function entriesOf(deliveries: readonly Delivery<Fill>[], links: Links, ledger: Ledger) {
  const entries: LedgerEntry[] = [];
  const hops = new Map<string, Hops>();
  for (const { message: fill, trace } of deliveries) {
    const known = refsOf(fill).flatMap((refId) => ledger.get(refId) ?? []);
    for (const refId of refsOf(fill)) hops.set(refId, withHop(trace, 'booked').hops);
    for (const entry of liveEntries(fill, links.get(fill.orderId), known)) {
      entries.push(entry);
      ledger.set(entry.refId, [...(ledger.get(entry.refId) ?? []), entry]);
    }
  }
  return { entries, hops };
}

/**
 * The LIVE side of the ledger: what the exchange reports, given to the attempts whose orders it was.
 *
 * Fills and orders take turns, so that a fill that is booked as nobody's and the announcement of its order never miss
 * each other: whichever comes second finds the first.
 */
export class LiveBooks {
  readonly #io: LiveBooksPorts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(io: LiveBooksPorts) {
    this.#io = io;
  }

  /**
   * Consumes `copy.fill.live`. Redelivery-safe: the ledger's unique key decides, and a repeat is a success.
   *
   * 1. A fill before the account's baseline is in the baseline's cash already, and is left out.
   * 2. A fill whose order is unknown comes again a few times, then is booked as nobody's (EXTERNAL).
   * 3. In one transaction per wallet: ledger, positions, account, and the attempts' figures.
   *
   * Errors: AwaitsBaseline, AwaitsOrder: the message comes again.
   */
  onFills(batch: readonly Delivery<Fill>[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const [scope, deliveries] of Map.groupBy(batch, ({ message }) => message.scope))
        await this.#bookFills(scope, deliveries);
    });
  }

  /** Consumes `copy.order.live`: how each attempt's order stands, and whose the fills are that came before it. */
  onOrders(batch: readonly Delivery<OrderEvent>[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#io.moveOrders(batch);
      for (const [scope, deliveries] of Map.groupBy(batch, ({ message }) => message.scope))
        await this.#attribute(scope, [...new Set(deliveries.map(({ message }) => message.orderId))]);
    });
  }

  async #bookFills(scope: string, deliveries: readonly Delivery<Fill>[]): Promise<void> {
    const { db, log, baselineOf } = this.#io;
    const baseline = baselineOf(scope);
    if (baseline === null) throw new AwaitsBaseline(`the account of ${scope} is not known yet`);
    const counted = deliveries.filter(({ message }) => !isBefore(message, baseline));
    if (counted.length < deliveries.length)
      log.info({ scope, fills: deliveries.length - counted.length }, 'fills.before-baseline');
    if (counted.length === 0) return;

    const fills = counted.map(({ message }) => message);
    const links = await readOrderLinks(db, scope, [...new Set(fills.map((fill) => fill.orderId))]);
    const stored = await readEntries(db, liveAccount(scope), [...new Set(fills.flatMap(refsOf))]);
    const ledger: Ledger = Map.groupBy(stored, (entry) => entry.refId);
    for (const { message: fill, deliveries: tried } of counted) {
      if (links.has(fill.orderId) || refsOf(fill).some((refId) => ledger.has(refId))) continue;
      if (tried < DELIVERIES_AWAITING_ORDER)
        throw new AwaitsOrder(`nobody has announced order ${fill.orderId} yet`);
      log.warn({ fillId: fill.fillId, orderId: fill.orderId }, 'fill.external');
    }
    const { entries, hops } = entriesOf(counted, links, ledger);
    await this.#book(scope, entries, links, ({ refId }) => hops.get(refId) ?? {});
  }

  /** Gives these orders the fills that were nobody's until now. */
  async #attribute(scope: string, orderIds: readonly string[]): Promise<void> {
    const { db, log } = this.#io;
    const stray = await readNobodysFills(db, liveAccount(scope), orderIds);
    if (stray.length === 0) return;
    const links = await readOrderLinks(db, scope, orderIds);
    const entries = stray.flatMap((entry) => {
      const link = entry.orderId === null ? undefined : links.get(entry.orderId);
      return link === undefined ? [] : attributeLater(entry, link);
    });
    log.info({ scope, fills: stray.length }, 'fills.attributed-later');
    await this.#book(scope, entries, links, () => ({}));
  }

  async #book(
    scope: string,
    entries: readonly LedgerEntry[],
    links: Links,
    hops: (entry: LedgerEntry) => Hops,
  ): Promise<void> {
    const { book, now } = this.#io;
    await book({ id: liveAccount(scope), entries, settleConditions: [] }, (sql, booked) =>
      writeFacts(sql, booked.entries, links, hops, now()),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
