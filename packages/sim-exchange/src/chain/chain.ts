import type { Activity } from '../venue/activity.ts';
import { hashFrom, type Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { type LogBody, logsOfMatch, logsOfResolution } from './fill-logs.ts';
import { matchesOf } from './matches.ts';

/** Polygon's block time, about. */
export const BLOCK_MS = 2_000;
const SECOND_MS = 1_000;
/** What is told later than this is history: it stands in the block of its time, and nobody is told of it. */
const HISTORY_MS = 10_000;
/** Happenings kept for `eth_getLogs`; past it the oldest blocks are as if they were empty. */
const KEPT_MAX = 500_000;

/** A log where it stands. */
export type ChainLog = LogBody & {
  readonly blockNumber: number;
  readonly blockHash: string;
  /** Seconds. */
  readonly blockTime: number;
  readonly transactionIndex: number;
  readonly logIndex: number;
};

export type Header = {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Seconds. */
  readonly time: number;
};

type Happening =
  | { readonly kind: 'trade'; readonly trade: Activity }
  | { readonly kind: 'resolution'; readonly market: Market };

type Block = { happenings: Happening[]; logs: readonly ChainLog[] | null };

/** What a reorganisation took out, newest first, and the first of the blocks that stand there instead. */
export type Reorganised = { readonly gone: readonly ChainLog[]; readonly from: number };

/**
 * A chain whose blocks follow from the clock: block n holds what happened in the two seconds from n × 2 s on, and is
 * mined, with that time, when they are over. It holds nothing but the venue's trades and resolutions.
 */
export class Chain {
  readonly #venue: Venue;
  readonly #nowMs: () => number;
  readonly #blocks = new Map<number, Block>();
  /** How often a block was replaced; those not named never were. */
  readonly #forks = new Map<number, number>();
  #kept = 0;

  constructor(venue: Venue, nowMs: () => number) {
    this.#venue = venue;
    this.#nowMs = nowMs;
    venue.on('trade', (trade) => this.#place({ kind: 'trade', trade }, trade.atMs));
    venue.on('resolved', ({ market, atMs }) => this.#place({ kind: 'resolution', market }, atMs));
  }

  /** The newest mined block. */
  head(): number {
    return Math.floor(this.#nowMs() / BLOCK_MS) - 1;
  }

  minedAtMs(number: number): number {
    return (number + 1) * BLOCK_MS;
  }

  /** Null: not mined yet. */
  header(number: number): Header | null {
    if (number < 0 || number > this.head()) return null;
    return {
      number,
      hash: this.#hashOf(number),
      parentHash: this.#hashOf(number - 1),
      time: this.minedAtMs(number) / SECOND_MS,
    };
  }

  /** Numbers of the blocks of a range that have logs, in order. */
  filledBlocks(from: number, to: number): number[] {
    const last = Math.min(to, this.head());
    return [...this.#blocks.keys()]
      .filter((number) => number >= from && number <= last)
      .sort((a, b) => a - b);
  }

  logsOf(number: number): readonly ChainLog[] {
    const block = this.#blocks.get(number);
    if (block === undefined || number > this.head()) return [];
    block.logs ??= this.#read(number, block.happenings);
    return block.logs;
  }

  numberOf(blockHash: string, depth: number): number | null {
    for (let number = this.head(); number > this.head() - depth; number--)
      if (this.#hashOf(number) === blockHash) return number;
    return null;
  }

  /**
   * Replaces the newest blocks. What they held comes back so many blocks later, in another order, or, for null, never.
   */
  reorganise(depth: number, returnAfter: number | null): Reorganised {
    const head = this.head();
    const from = Math.max(0, head - depth + 1);
    const numbers = this.filledBlocks(from, head).reverse();
    const gone = numbers.flatMap((number) => [...this.logsOf(number)].reverse());
    const moved = numbers.map((number) => ({ number, held: this.#blocks.get(number)?.happenings ?? [] }));
    for (let number = from; number <= head; number++)
      this.#forks.set(number, (this.#forks.get(number) ?? 0) + 1);
    for (const { number, held } of moved) {
      this.#blocks.delete(number);
      this.#kept -= held.length;
    }
    if (returnAfter !== null)
      for (const { number, held } of moved)
        for (const happening of held.toReversed()) this.#add(number + returnAfter, happening);
    return { gone, from };
  }

  #hashOf(number: number): string {
    return hashFrom('block', String(number), String(this.#forks.get(number) ?? 0));
  }

  /** Everything waits for the next block, as it does on a chain, even where the clock was late. */
  #place(happening: Happening, atMs: number): void {
    const own = Math.floor(atMs / BLOCK_MS);
    const isHistory = this.#nowMs() - atMs > HISTORY_MS;
    this.#add(isHistory ? own : Math.max(own, this.head() + 1), happening);
  }

  #add(number: number, happening: Happening): void {
    const block = this.#blocks.get(number);
    if (block === undefined) this.#blocks.set(number, { happenings: [happening], logs: null });
    else {
      block.happenings.push(happening);
      block.logs = null;
    }
    this.#kept += 1;
    if (this.#kept > KEPT_MAX) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = Math.min(...this.#blocks.keys());
    this.#kept -= this.#blocks.get(oldest)?.happenings.length ?? 0;
    this.#blocks.delete(oldest);
  }

  #read(number: number, happenings: readonly Happening[]): readonly ChainLog[] {
    const blockHash = this.#hashOf(number);
    const blockTime = this.minedAtMs(number) / SECOND_MS;
    const transactions = new Map<string, number>();
    return this.#bodiesOf(happenings).map((body, logIndex) => {
      const transactionIndex = transactions.get(body.transactionHash) ?? transactions.size;
      transactions.set(body.transactionHash, transactionIndex);
      return { ...body, blockNumber: number, blockHash, blockTime, transactionIndex, logIndex };
    });
  }

  /** Logs by transaction, in the order in which the block has them; resolutions behind all trades. */
  #bodiesOf(happenings: readonly Happening[]): readonly LogBody[] {
    const trades = happenings.flatMap((one) => (one.kind === 'trade' ? [one.trade] : []));
    const marketOf = (tokenId: string): Market | undefined => this.#venue.marketOf(tokenId);
    const ofTrades = [...Map.groupBy(trades, (trade) => trade.transactionHash)].flatMap(([hash, rows]) =>
      matchesOf(rows, marketOf).flatMap((match) => logsOfMatch(match, hash)),
    );
    const ofResolutions = happenings.flatMap((one) =>
      one.kind === 'resolution' ? logsOfResolution(one.market) : [],
    );
    return [...ofTrades, ...ofResolutions];
  }
}
