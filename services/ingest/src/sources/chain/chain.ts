import type { Database } from '@slipstream/db';
import { decodeOrderFilled, type OrderFill } from '@slipstream/exchange';
import { leaderTradeId } from '@slipstream/proto';
import type { Activity, Clock, Logger, Metrics } from '@slipstream/runtime';
import { ChainFigures, type ChainView } from '../../core/chain/chain-figures.ts';
import type { FeedProblems } from '../../feed-problems.ts';
import type { Followed } from '../../follow.ts';
import type { TokenConditions } from '../../markets/token-conditions.ts';
import type { Merger } from '../../merge-observations.ts';
import { moveChainCursor, readChainCursor, readChainLogs } from '../../store/chain.ts';
import { BlockTimes } from './block-times.ts';
import { CatchUp, type ReadableNode } from './catch-up.ts';
import { ChainTrades, type Told } from './chain-trades.ts';
import { ChainNode } from './node.ts';

const PING_EVERY_MS = 20_000;
const CHECK_EVERY_MS = 1_000;
/** Every so often all logs are read again from the cursor on: subscriptions lose some without a word. */
const SWEEP_EVERY_MS = 10_000;
/** A node that is so many blocks behind another one is frozen, even if it still says something. */
const BEHIND_BLOCKS_MAX = 5;
/** Blocks whose logs are kept to know them again and to take them back: about half an hour. */
const KEPT_BLOCKS = 1_024;

export type ChainOptions = {
  readonly urls: readonly string[];
  readonly chainId: number;
  readonly walletsPerFilter: number;
  /** A node that tells no new block for so long is renewed. */
  readonly silenceMs: number;
  readonly db: Database;
  readonly merger: Pick<Merger, 'addChainTrade'>;
  readonly conditions: Pick<TokenConditions, 'of'>;
  readonly followed: Followed;
  readonly problems: FeedProblems;
  readonly metrics: Metrics;
  readonly clock: Pick<Clock, 'now'>;
  readonly activity: Activity;
  readonly log: Logger;
};

/** Who said something. */
type Named = Pick<ReadableNode, 'name'>;

/** What earlier lives left: up to where they read, and what may still be taken back. */
type Before = {
  readonly through: number | null;
  readonly logs: Awaited<ReturnType<typeof readChainLogs>>;
};

/**
 * Reads leaders' fills from the chain itself, at several nodes at once. Whichever node shows a log first is believed;
 * the others confirm it. A node that goes silent or falls behind is renewed, and what all of them missed is read.
 */
export class Chain {
  readonly #options: ChainOptions;
  readonly #figures = new ChainFigures();
  readonly #times = new BlockTimes();
  readonly #trades: ChainTrades;
  readonly #catchUp: CatchUp;
  readonly #nodes: readonly ChainNode[];
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #logs: ReturnType<Metrics['counter']>;
  #pending: Promise<Told>[] = [];
  #sweeping = false;
  #sweepAgain = false;

  private constructor(options: ChainOptions, before: Before) {
    this.#options = options;
    for (const { fill, isRemoved } of before.logs) this.#figures.load(fill, isRemoved);
    this.#logs = options.metrics.counter({
      name: 'chain_logs',
      help: 'Logs of followed wallets by node, and what they were: new, known, removed, restored, refused.',
      labels: ['node', 'what'],
    });
    this.#trades = new ChainTrades({
      ...options,
      figures: this.#figures,
      timeOf: (block) => this.#timeOf(block),
    });
    this.#catchUp = new CatchUp(
      {
        ...options,
        figures: this.#figures,
        wallets: options.followed.wallets,
        node: () => this.#best(),
        take: (log, node) => this.#take(log, node, true),
        strike: (blockHash, logIndex, node) => this.#strike(blockHash, logIndex, node),
        settled: () => this.#settled(),
        onHeader: (header) => this.#times.learnHeader(header),
        moved: (blockNumber) => this.#moved(blockNumber),
      },
      before.through,
    );
    this.#nodes = options.urls.map((url, i) => this.#openNode(`rpc-${i + 1}`, url));
    this.#timers = [
      setInterval(() => this.#watch(), CHECK_EVERY_MS),
      setInterval(() => this.sweep(), SWEEP_EVERY_MS),
      setInterval(() => this.#ping(), PING_EVERY_MS),
    ];
  }

  /** Loads where earlier lives came to, and the logs that may still be taken back. Errors: the database stayed away. */
  static async open(options: ChainOptions): Promise<Chain> {
    const through = await readChainCursor(options.db, options.chainId);
    const logs = through === null ? [] : await readChainLogs(options.db, through - KEPT_BLOCKS);
    return new Chain(options, { through, logs });
  }

  health(): { readonly ok: boolean; readonly detail: string } {
    const listening = this.#nodes.filter((node) => node.isListening()).length;
    const head = Math.max(0, ...this.#nodes.map((node) => node.head ?? 0));
    const read = this.#catchUp.through ?? 0;
    const detail = `${listening} of ${this.#nodes.length} nodes, head ${head}, read to ${read}, ${this.#trades.waiting} waiting`;
    return { ok: listening > 0, detail };
  }

  /** The followed wallets changed. */
  onWallets(): void {
    for (const node of this.#nodes) node.onWallets();
  }

  /** Reads what may have been missed, up to the head. One at a time; a call meanwhile makes it run once more. */
  sweep(): void {
    this.#sweepAgain = true;
    if (this.#sweeping) return;
    this.#sweeping = true;
    const { activity, log } = this.#options;
    activity
      .run(() => this.#sweepWhileAsked(), 'chain-sweep')
      .catch((error: unknown) => log.warn({ error: String(error) }, 'chain.sweep-failed'))
      .finally(() => {
        this.#sweeping = false;
      });
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const node of this.#nodes) node.stop();
    this.#trades.stop();
  }

  #openNode(name: string, url: string): ChainNode {
    const { chainId, walletsPerFilter, followed, problems, log } = this.#options;
    return new ChainNode({
      name,
      url,
      chainId,
      walletsPerFilter,
      wallets: followed.wallets,
      onHead: (header) => this.#times.learnHeader(header),
      onLog: (raw, node) => void this.#take(raw, node, false),
      onListening: () => this.sweep(),
      onRubbish: (text) => problems('chain', text, `${name}: not understood`),
      log,
    });
  }

  async #sweepWhileAsked(): Promise<void> {
    while (this.#sweepAgain) {
      this.#sweepAgain = false;
      await this.#catchUp.run();
    }
  }

  /** Takes in a log. Null: it is no fill of a followed wallet. */
  #take(raw: unknown, node: Named, isRead: boolean): OrderFill | null {
    const decoded = decodeOrderFilled(raw);
    if (decoded.kind === 'refused') {
      this.#logs.add({ node: node.name, what: 'refused' });
      this.#options.problems('chain', JSON.stringify(raw), decoded.why);
      return null;
    }
    const { fill } = decoded;
    const { followed } = this.#options;
    if (followed.ownerOf(fill.wallet) === undefined && !fill.removed) return null;
    // Every node names the block; a recording that does not is known by its number.
    const blockHash = fill.blockHash ?? String(fill.blockNumber);
    if (fill.removed) this.#strike(blockHash, fill.logIndex, node);
    else this.#show({ ...fill, blockHash }, node, isRead);
    return { ...fill, blockHash };
  }

  #show(fill: OrderFill & { readonly blockHash: string }, node: Named, isRead: boolean): void {
    if (fill.blockTimeMs !== null) this.#times.learn(fill.blockHash, fill.blockTimeMs);
    const { transactionHash, wallet, tokenId, side, blockHash, blockNumber, logIndex } = fill;
    const identity = { transactionHash, wallet, tokenId, side };
    const tradeId = leaderTradeId(identity);
    const { sizeMicros, notionalMicros } = fill;
    const shown = this.#figures.see(
      { tradeId, identity, blockHash, blockNumber, logIndex, sizeMicros, notionalMicros },
      node.name,
      isRead,
    );
    this.#logs.add({ node: node.name, what: shown });
    if (shown === 'new' || shown === 'restored') this.#touch(tradeId);
  }

  #strike(blockHash: string, logIndex: number, node: Named): void {
    const fill = this.#figures.remove(blockHash, logIndex, node.name);
    if (fill === null) return;
    this.#logs.add({ node: node.name, what: 'removed' });
    this.#options.log.warn({ tradeId: fill.tradeId, node: node.name, blockHash, logIndex }, 'chain.removed');
    this.#touch(fill.tradeId);
  }

  /** What a sweep changes is awaited by it; what is told meanwhile is awaited along. */
  #touch(tradeId: string): void {
    const told = this.#trades.touch(tradeId);
    if (this.#sweeping) this.#pending.push(told);
  }

  /** A trade that waits for its condition does not hold the cursor: it is tried again, and other sources complete it. */
  async #settled(): Promise<boolean> {
    const told = await Promise.all(this.#pending.splice(0));
    return !told.includes('failed');
  }

  async #moved(blockNumber: number): Promise<void> {
    const { db, chainId, clock } = this.#options;
    await moveChainCursor(db, { chainId, blockNumber }, clock.now());
    this.#figures.forgetBelow(blockNumber - KEPT_BLOCKS);
  }

  async #timeOf(block: NonNullable<ChainView['block']>): Promise<number | null> {
    return this.#times.of(block.hash, async () => (await this.#best()?.header(block.number)) ?? null);
  }

  /** The node that is furthest of those that may be asked. */
  #best(): ChainNode | null {
    const askable = this.#nodes.filter((node) => node.isAskable());
    return askable.sort((a, b) => (b.head ?? 0) - (a.head ?? 0))[0] ?? null;
  }

  #watch(): void {
    const furthest = Math.max(0, ...this.#nodes.map((node) => node.head ?? 0));
    for (const node of this.#nodes) {
      if (!node.isOpen()) continue;
      const isBehind = node.head !== null && furthest - node.head > BEHIND_BLOCKS_MAX;
      if (node.silentForMs() > this.#options.silenceMs) node.renew('it says nothing');
      else if (isBehind) node.renew('it is behind the others');
    }
  }

  #ping(): void {
    for (const node of this.#nodes) node.ping();
  }
}
