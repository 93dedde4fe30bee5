import { type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { TradeIdentity } from '@slipstream/proto';
import type { Figure } from '../observation.ts';

/** One log of one followed wallet's fill, where it stands. */
export type ChainFill = {
  readonly tradeId: string;
  readonly identity: TradeIdentity;
  readonly blockHash: string;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
};

/** A log and whether its block was taken out of the chain, and who said so. */
type Entry = { readonly fill: ChainFill; removedBy: string | null; wasRemoved: boolean };

/** What became of a log that was shown. */
export type Shown = 'new' | 'known' | 'restored' | 'removed before';

/** What the chain says of one trade, over all of its logs. */
export type ChainView = {
  readonly identity: TradeIdentity;
  /** The sum of the distinct logs of the block in which the trade stands; nothing where it stands in none. */
  readonly live: Figure;
  /** What the chain once said and no longer does. */
  readonly struck: Figure;
  /** Whether any of its logs was ever struck out, whether or not it came back. */
  readonly wasReorganised: boolean;
  /** A block in which it stands, for its time; null where it stands in none. */
  readonly block: { readonly hash: string; readonly number: number } | null;
  readonly fills: readonly { readonly fill: ChainFill; readonly isRemoved: boolean }[];
};

const NOTHING: Figure = { sizeMicros: shares(0n), notionalMicros: usd(0n) };
const add = (a: Figure, b: Figure): Figure => ({
  sizeMicros: shares(a.sizeMicros + b.sizeMicros),
  notionalMicros: usd(a.notionalMicros + b.notionalMicros),
});
const less = (a: Figure, b: Figure): Figure => ({
  sizeMicros: shares(a.sizeMicros > b.sizeMicros ? a.sizeMicros - b.sizeMicros : 0n),
  notionalMicros: usd(a.notionalMicros > b.notionalMicros ? a.notionalMicros - b.notionalMicros : 0n),
});

const keyOf = (blockHash: string, logIndex: number): string => `${blockHash}:${logIndex}`;

/**
 * Adds up what several nodes say of the chain. A log is known by its block's hash and its place there, whoever shows
 * it. A transaction stands in one block at a time, so a trade's figure is that of the block with the most, never a sum
 * over blocks: however nodes differ about a reorganisation, nothing counts twice.
 */
export class ChainFigures {
  readonly #trades = new Map<string, Map<string, Entry>>();
  readonly #byKey = new Map<string, Entry>();

  /** Takes in a log that `by` shows. One that was removed comes back only by who removed it, or by a read of the chain. */
  see(fill: ChainFill, by: string, isRead = false): Shown {
    const key = keyOf(fill.blockHash, fill.logIndex);
    const known = this.#byKey.get(key);
    if (known === undefined) {
      this.#keep(key, { fill, removedBy: null, wasRemoved: false });
      return 'new';
    }
    if (known.removedBy === null) return 'known';
    if (known.removedBy !== by && !isRead) return 'removed before';
    known.removedBy = null;
    return 'restored';
  }

  /** Strikes a log out. Null: it was never shown, or is struck out already. */
  remove(blockHash: string, logIndex: number, by: string): ChainFill | null {
    const known = this.#byKey.get(keyOf(blockHash, logIndex));
    if (known === undefined || known.removedBy !== null) return null;
    known.removedBy = by;
    known.wasRemoved = true;
    return known.fill;
  }

  /** A log that is stored already, as it was when it was stored. */
  load(fill: ChainFill, isRemoved: boolean): void {
    const removedBy = isRemoved ? 'an earlier life' : null;
    this.#keep(keyOf(fill.blockHash, fill.logIndex), { fill, removedBy, wasRemoved: isRemoved });
  }

  /** Logs that stand in a range of blocks, as far as we know. */
  standing(from: number, to: number): ChainFill[] {
    return [...this.#byKey.values()].flatMap(({ fill, removedBy }) =>
      removedBy === null && fill.blockNumber >= from && fill.blockNumber <= to ? [fill] : [],
    );
  }

  /** Null: nothing is known of this trade. */
  view(tradeId: string): ChainView | null {
    const entries = this.#trades.get(tradeId);
    const [first] = entries?.values() ?? [];
    if (entries === undefined || first === undefined) return null;
    const blocks = new Map<string, { number: number; live: Figure; ever: Figure }>();
    for (const { fill, removedBy } of entries.values()) {
      const block = blocks.get(fill.blockHash) ?? { number: fill.blockNumber, live: NOTHING, ever: NOTHING };
      block.ever = add(block.ever, fill);
      if (removedBy === null) block.live = add(block.live, fill);
      blocks.set(fill.blockHash, block);
    }
    let [live, most] = [NOTHING, NOTHING];
    let standsIn: ChainView['block'] = null;
    for (const [hash, block] of blocks) {
      if (block.ever.sizeMicros > most.sizeMicros) most = block.ever;
      if (block.live.sizeMicros <= live.sizeMicros) continue;
      live = block.live;
      standsIn = { hash, number: block.number };
    }
    return {
      identity: first.fill.identity,
      live,
      struck: less(most, live),
      wasReorganised: [...entries.values()].some(({ wasRemoved }) => wasRemoved),
      block: standsIn,
      fills: [...entries.values()].map(({ fill, removedBy }) => ({ fill, isRemoved: removedBy !== null })),
    };
  }

  /** Forgets logs of blocks that are too deep to be replaced. */
  forgetBelow(blockNumber: number): void {
    for (const [key, { fill }] of this.#byKey) {
      if (fill.blockNumber >= blockNumber) continue;
      this.#byKey.delete(key);
      const trade = this.#trades.get(fill.tradeId);
      trade?.delete(key);
      if (trade?.size === 0) this.#trades.delete(fill.tradeId);
    }
  }

  get size(): number {
    return this.#byKey.size;
  }

  #keep(key: string, entry: Entry): void {
    this.#byKey.set(key, entry);
    const trade = this.#trades.get(entry.fill.tradeId);
    if (trade === undefined) this.#trades.set(entry.fill.tradeId, new Map([[key, entry]]));
    else trade.set(key, entry);
  }
}
