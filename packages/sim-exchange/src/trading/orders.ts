import { mulDiv, ONE } from '@slipstream/money';
import type { Reserved } from './accounts.ts';
import { isMarketable } from './amounts.ts';
import type { KeptOrder, OrderFilter } from './types.ts';

/** Orders kept; past it the oldest that are over go. */
const ORDERS_MAX = 200_000;

export const isOpen = (order: KeptOrder): boolean => order.status === 'LIVE' || order.status === 'DELAYED';

/** Shares that may still be filled. Micros. */
export const remainingMicros = (order: KeptOrder): bigint => order.originalMicros - order.matchedMicros;

/** What an open order binds: dollars of a buy, rounded up, or shares. Micros. */
export function boundMicros(order: KeptOrder): bigint {
  if (order.side === 'SELL') return remainingMicros(order);
  // A delayed market buy counts in dollars and has spent none yet.
  if (isMarketable(order)) return order.makerMicros;
  return mulDiv(remainingMicros(order), order.priceMicros, ONE, 'up');
}

export const passes = (order: KeptOrder, { id, market, asset }: OrderFilter): boolean =>
  (id === undefined || order.id === id) &&
  (market === undefined || order.conditionId === market) &&
  (asset === undefined || order.tokenId === asset);

/** Every order by id, and the open ones by market and by wallet, in the order in which they came. */
export class Orders {
  readonly #all = new Map<string, KeptOrder>();
  readonly #byMarket = new Map<string, Map<string, KeptOrder>>();
  readonly #byMaker = new Map<string, Map<string, KeptOrder>>();

  get(id: string): KeptOrder | undefined {
    return this.#all.get(id);
  }

  /** Puts an order's new state in the place of its old one. */
  put(order: KeptOrder): void {
    this.#all.set(order.id, order);
    for (const [index, key] of [
      [this.#byMarket, order.conditionId],
      [this.#byMaker, order.maker],
    ] as const) {
      const open = index.get(key) ?? new Map<string, KeptOrder>();
      if (isOpen(order)) open.set(order.id, order);
      else open.delete(order.id);
      index.set(key, open);
    }
    if (this.#all.size > ORDERS_MAX) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const order of this.#all.values()) {
      if (isOpen(order)) continue;
      this.#all.delete(order.id);
      return;
    }
  }

  /** Open orders of one market, oldest first. */
  openOf(conditionId: string): readonly KeptOrder[] {
    return [...(this.#byMarket.get(conditionId)?.values() ?? [])];
  }

  openOwnedBy(owner: string): readonly KeptOrder[] {
    return [...this.#byMarket.values()]
      .flatMap((open) => [...open.values()])
      .filter((order) => order.owner === owner)
      .sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  all(): readonly KeptOrder[] {
    return [...this.#all.values()];
  }

  reservedOf(maker: string): Reserved {
    let cashMicros = 0n;
    const tokens = new Map<string, bigint>();
    for (const order of this.#byMaker.get(maker)?.values() ?? [])
      if (order.side === 'BUY') cashMicros += boundMicros(order);
      else tokens.set(order.tokenId, (tokens.get(order.tokenId) ?? 0n) + boundMicros(order));
    return { cashMicros, tokens };
  }
}
