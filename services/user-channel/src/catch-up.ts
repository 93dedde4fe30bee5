import type { Bucket } from '@slipstream/bus';
import type { AccountPort, VenueFill } from '@slipstream/exchange';
import type { Clock, Logger } from '@slipstream/runtime';
import { fromRest } from './core/to-order-update.ts';
import { feedKeyOf } from './feed.ts';
import type { Reporter } from './reporter.ts';

/** How far before the cursor a look begins: the exchange dates by its own clock, in whole seconds, and lists late. */
const OVERLAP_MS = 10 * 60_000;
/** How long a fill may take to settle; one that takes longer does not hold the cursor back any more. */
const SETTLE_MOST_MS = 24 * 60 * 60_000;
/** Orders of which nothing was heard, asked for one by one in one look; the rest come with the next. */
const ASKED_MAX = 20;
/** A fill may be listed before the socket tells it; one that is older than this should have been told. */
const TELLING_MOST_MS = 5_000;

/** The cursor: everything that matched before it is published and settled. */
export type Cursor = { readonly cursor: string; readonly at: string };

export type CatchUpOptions = {
  readonly account: Pick<AccountPort, 'fills' | 'openOrders' | 'order'>;
  readonly reporter: Reporter;
  readonly cursors: Pick<Bucket<Cursor>, 'get' | 'put'>;
  /** The condition of a token, when it is known; otherwise asks for it, for the next look. */
  readonly conditionOf: (tokenId: string) => string | null;
  readonly scope: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
};

/**
 * One look at the account over REST: what the user channel said, or should have said. It repeats nothing by itself,
 * because whatever is known already is not told again.
 *
 * 1. Fills since the cursor, less an overlap. At the very first start, since now: what was before belongs to what the
 *    account begins with.
 * 2. Open orders; and each order that was open when last heard of, and is not any more.
 * 3. The cursor moves up to the oldest fill that has not settled.
 *
 * Errors: VenueError, the bus's; then the cursor stays, and the next look begins at the same place.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #cursor: Date | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /**
   * Looks after the look that is under way, if any: a new connection must not be satisfied with answers of before it.
   * Gives the fills that a living socket should have told by now and had not.
   */
  look(): Promise<readonly VenueFill[]> {
    const next = this.#last.then(() => this.#look());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #look(): Promise<readonly VenueFill[]> {
    const { account, reporter, clock, log } = this.#options;
    const askedAt = clock.now();
    const since = await this.#since(askedAt);
    const [fills, open] = await Promise.all([account.fills({ since }), account.openOrders()]);
    const { unheard } = await reporter.fills(fills);
    await this.#orders(open, askedAt);
    await this.#moveCursor(askedAt);
    if (unheard.length > 0) log.info({ unheard: unheard.length, since }, 'catch-up.found');
    return unheard.filter((fill) => askedAt.getTime() - fill.matchedAt.getTime() > TELLING_MOST_MS);
  }

  async #since(now: Date): Promise<Date> {
    const { cursors, scope } = this.#options;
    if (this.#cursor === null) {
      const stored = await cursors.get(feedKeyOf(scope));
      this.#cursor = stored === null ? null : new Date(stored.cursor);
    }
    if (this.#cursor !== null) return new Date(this.#cursor.getTime() - OVERLAP_MS);
    await this.#put(now, now);
    return now;
  }

  async #orders(open: Awaited<ReturnType<AccountPort['openOrders']>>, askedAt: Date): Promise<void> {
    const { account, reporter, scope, conditionOf } = this.#options;
    const listed = new Set(open.map((order) => order.orderId));
    const gone = reporter.openOrders().filter((order) => !listed.has(order.clobOrderId));
    const answers = await Promise.all(
      gone.slice(0, ASKED_MAX).map((order) => account.order(order.clobOrderId)),
    );
    for (const order of [...open, ...answers]) {
      if (order === null) continue;
      const conditionId = reporter.conditionOf(order.orderId) ?? conditionOf(order.tokenId);
      if (conditionId !== null) await reporter.order(fromRest(order, conditionId, scope, askedAt));
    }
  }

  async #moveCursor(askedAt: Date): Promise<void> {
    const waits = this.#options.reporter.oldestUnsettled() ?? askedAt;
    const least = askedAt.getTime() - SETTLE_MOST_MS;
    const cursor = new Date(Math.max(Math.min(waits.getTime(), askedAt.getTime()), least));
    if (this.#cursor === null || cursor > this.#cursor) await this.#put(cursor, askedAt);
  }

  async #put(cursor: Date, at: Date): Promise<void> {
    const { cursors, scope } = this.#options;
    await cursors.put(feedKeyOf(scope), { cursor: cursor.toISOString(), at: at.toISOString() });
    this.#cursor = cursor;
  }
}
