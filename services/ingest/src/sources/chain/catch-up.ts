import type { BlockHeader, OrderFill } from '@slipstream/exchange';
import type { Logger } from '@slipstream/runtime';
import { type BlockRange, chunked, RangeWidth } from '../../core/chain/block-ranges.ts';
import type { ChainFigures } from '../../core/chain/chain-figures.ts';
import type { ChainNode } from './node.ts';

/** What is asked of a node. */
export type ReadableNode = Pick<ChainNode, 'name' | 'logs' | 'header' | 'headNow'>;

/** Blocks of one read of logs, unless the node bears less. */
const RANGE_BLOCKS_MAX = 2_000;
/** Blocks before the cursor that are read again each time: what a lagging node or a reorganisation hid, a minute's worth. */
const OVERLAP_BLOCKS = 32;
/** About a day of blocks; what is older was missed for so long that it would not be copied, and the Data API tells it. */
const CATCH_UP_BLOCKS_MAX = 50_000;
/** Reads of one catch-up: with bounded ranges and filters this is far beyond any. */
const READS_MAX = 5_000;
/** Blocks of which one catch-up asks whether they are still part of the chain. */
const CHECKS_MAX = 100;

export type CatchUpOptions = {
  readonly figures: ChainFigures;
  readonly wallets: () => readonly string[];
  readonly walletsPerFilter: number;
  /** A node that may be asked now, the one that is furthest; null: none. */
  readonly node: () => ReadableNode | null;
  /** Takes in a log of a read; gives the fill, or null where it is none of ours. */
  readonly take: (log: unknown, node: ReadableNode) => OrderFill | null;
  /** Takes a log out of the chain. */
  readonly strike: (blockHash: string, logIndex: number, node: ReadableNode) => void;
  /** Resolves when what changed is stored; false where something could not be. */
  readonly settled: () => Promise<boolean>;
  readonly onHeader: (header: BlockHeader) => void;
  /** Keeps up to where everything is read. */
  readonly moved: (blockNumber: number) => Promise<void>;
  readonly log: Logger;
};

type Read = { readonly kind: 'read' } | { readonly kind: 'narrower' } | { readonly kind: 'later' };

/**
 * Reads the logs of every block from where it last came to, for all wallets: at the start, after every gap, and every
 * few seconds, since subscriptions lose logs without a word. What it does not find in blocks that it reads, and we
 * have, is struck out when the node says that another block stands there.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #width = new RangeWidth(RANGE_BLOCKS_MAX);
  #through: number | null;

  constructor(options: CatchUpOptions, through: number | null) {
    this.#options = options;
    this.#through = through;
  }

  /** Everything up to here is read and stored; null before the first read. */
  get through(): number | null {
    return this.#through;
  }

  /** Reads up to the head; false where it did not come so far, and the next call goes on. Errors: the database stayed away. */
  async run(): Promise<boolean> {
    const { node: nodeNow, log } = this.#options;
    const first = nodeNow();
    const head = first === null ? null : await first.headNow();
    if (head === null) return false;
    const begin = this.#through === null ? head - OVERLAP_BLOCKS : this.#through + 1 - OVERLAP_BLOCKS;
    let from = Math.max(0, begin, head - CATCH_UP_BLOCKS_MAX);
    if (this.#through !== null && from > this.#through + 1)
      log.error({ from, through: this.#through, head }, 'chain.gap-too-long');
    for (let reads = 0; from <= head && reads < READS_MAX; reads++) {
      const node = nodeNow();
      if (node === null) return false;
      const range = this.#width.next(from, head);
      const read = await this.#read(node, range);
      if (read.kind === 'narrower') continue;
      if (read.kind === 'later' || !(await this.#options.settled())) return false;
      this.#width.good();
      this.#through = Math.max(this.#through ?? 0, range.to);
      await this.#options.moved(this.#through);
      from = range.to + 1;
    }
    return from > head;
  }

  /** One range, for every wallet. */
  async #read(node: ReadableNode, range: BlockRange): Promise<Read> {
    const { wallets, walletsPerFilter, take, log } = this.#options;
    const known = this.#options.figures.standing(range.from, range.to);
    const found = new Set<string>();
    for (const chunk of chunked([...wallets()].sort(), walletsPerFilter)) {
      const answer = await node.logs(chunk, range);
      if (answer.kind !== 'ok') {
        log.warn({ node: node.name, ...range, why: answer.why }, 'chain.unread');
        const tooWide = answer.kind === 'refused' && answer.trouble === 'too-wide';
        return tooWide && this.#width.halve(range) ? { kind: 'narrower' } : { kind: 'later' };
      }
      for (const raw of answer.logs) {
        const fill = take(raw, node);
        if (fill !== null) found.add(`${fill.blockHash}:${fill.logIndex}`);
      }
    }
    await this.#strikeMissing(
      node,
      known.filter((fill) => !found.has(`${fill.blockHash}:${fill.logIndex}`)),
    );
    return { kind: 'read' };
  }

  /** A log that a read did not show is gone only if its block is: the node may be behind, or the wallet followed no more. */
  async #strikeMissing(
    node: ReadableNode,
    missing: readonly {
      readonly blockHash: string;
      readonly blockNumber: number;
      readonly logIndex: number;
    }[],
  ): Promise<void> {
    const { strike, onHeader } = this.#options;
    const byBlock = Map.groupBy(missing, (fill) => fill.blockNumber);
    for (const [blockNumber, fills] of [...byBlock].slice(0, CHECKS_MAX)) {
      const header = await node.header(blockNumber);
      if (header === null) continue;
      onHeader(header);
      for (const fill of fills)
        if (fill.blockHash !== header.hash) strike(fill.blockHash, fill.logIndex, node);
    }
  }
}
