import { type Bus, newTrace, withHop } from '@slipstream/bus';
import type { VenueFill } from '@slipstream/exchange';
import {
  copyFillLive,
  copyOrderUpdateLive,
  type FillStatus,
  type MarketMeta,
  type OrderUpdate,
} from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import { fillMoves, isOver, isSettled, orderMoves } from './core/progress.ts';
import { fillIdOf, toFill } from './core/to-fill.ts';
import { Recent } from './recent.ts';

/** Fills and orders whose last status is known by heart: those of many days of copying. */
const KNOWN_MAX = 50_000;
/** Fills that wait for their market's fee schedule. A further one is refused, and comes again with the next look. */
const HELD_MAX = 2_000;

type KnownFill = { readonly status: FillStatus; readonly matchedAt: Date };

export type ReporterOptions = {
  readonly scope: string;
  readonly publish: Bus['publish'];
  readonly marketOf: (tokenId: string) => MarketMeta | undefined;
  /** A fill waits for this token's market. */
  readonly wantMarket: (tokenId: string) => void;
  /** A fill was published that moved what the account has. */
  readonly onFill: (fill: VenueFill) => void;
  readonly log: Logger;
};

/** What a look at the account's fills showed. */
export type Look = {
  /** Fills that nobody had told before. */
  readonly unheard: readonly VenueFill[];
};

/**
 * Publishes what the exchange says of our orders and fills, in the order in which it is told and each word once, and
 * never takes one back: a repeat and what comes late are left out. What cannot be published is not remembered, so that
 * the next look finds it again. Errors: those of the bus.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #fills = new Recent<KnownFill>(KNOWN_MAX);
  readonly #orders = new Recent<OrderUpdate>(KNOWN_MAX);
  /** By fill id: the latest word on each that waits for its market. */
  readonly #held = new Map<string, VenueFill>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  fills(told: readonly VenueFill[]): Promise<Look> {
    return this.#inOrder(async () => {
      const unheard: VenueFill[] = [];
      for (const fill of told) {
        const heard = this.#fills.get(fillIdOf(fill)) !== undefined || this.#held.has(fillIdOf(fill));
        await this.#fill(fill);
        if (!heard) unheard.push(fill);
      }
      return { unheard };
    });
  }

  order(update: OrderUpdate): Promise<void> {
    return this.#inOrder(async () => {
      const before = this.#orders.get(update.clobOrderId);
      if (!orderMoves(before, update)) return;
      await this.#options.publish(copyOrderUpdateLive, update, newTrace(update.clobOrderId));
      this.#orders.set(update.clobOrderId, update);
    });
  }

  /** A market's fees are known: what waited for them is published. */
  onMarket(tokenId: string): Promise<void> {
    return this.#inOrder(async () => {
      for (const fill of [...this.#held.values()]) if (fill.tokenId === tokenId) await this.#fill(fill);
    });
  }

  /** Orders that were last heard of as open. */
  openOrders(): readonly OrderUpdate[] {
    return this.#orders.values().filter((order) => !isOver(order.status));
  }

  conditionOf(orderId: string): string | undefined {
    return this.#orders.get(orderId)?.conditionId;
  }

  heldTokens(): readonly string[] {
    return [...new Set([...this.#held.values()].map((fill) => fill.tokenId))];
  }

  /** When the oldest fill matched of which there is more to come; null when all are settled. */
  oldestUnsettled(): Date | null {
    const open = [
      ...this.#held.values(),
      ...this.#fills.values().filter((fill) => !isSettled(fill.status)),
    ].map((fill) => fill.matchedAt.getTime());
    return open.length === 0 ? null : new Date(open.reduce((a, b) => Math.min(a, b)));
  }

  async #fill(venue: VenueFill): Promise<void> {
    const { scope, publish, marketOf, wantMarket, onFill, log } = this.#options;
    const fillId = fillIdOf(venue);
    const before = this.#fills.get(fillId)?.status ?? this.#held.get(fillId)?.status;
    const waits = this.#held.get(fillId) === venue;
    if (!waits && !fillMoves(before, venue.status)) return;
    const answer = toFill(venue, scope, marketOf(venue.tokenId));
    if (answer.kind === 'needs-market') {
      if (this.#held.size >= HELD_MAX && !this.#held.has(fillId))
        throw new RangeError(`${HELD_MAX} fills wait for their markets already`);
      this.#held.set(fillId, venue);
      log.warn({ fillId, tokenId: venue.tokenId, status: venue.status }, 'fill.awaits-market');
      wantMarket(venue.tokenId);
      return;
    }
    await publish(copyFillLive, answer.fill, withHop(newTrace(venue.orderId), 'executed'));
    this.#held.delete(fillId);
    this.#fills.set(fillId, { status: venue.status, matchedAt: venue.matchedAt });
    log.info({ fillId, orderId: venue.orderId, status: venue.status }, 'fill.published');
    onFill(venue);
  }

  /** One thing after the other: two words on one fill never overtake each other. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
