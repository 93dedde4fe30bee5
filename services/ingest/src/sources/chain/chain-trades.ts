import { type Activity, type Logger, stamp } from '@slipstream/runtime';
import type { ChainFigures, ChainView } from '../../core/chain/chain-figures.ts';
import type { ChainTrade } from '../../core/chain/chain-trade.ts';
import type { TokenConditions } from '../../markets/token-conditions.ts';
import type { Merger } from '../../merge-observations.ts';

/** How often, and how many times, what could not be told yet is tried again; after that another source completes it. */
const AGAIN_MS = 1_000;
const ATTEMPTS_MAX = 120;
/** Trades that wait for their condition, their time or the database; further ones are left to the other sources. */
const UNTOLD_MAX = 10_000;

export type ChainTradesOptions = {
  readonly figures: ChainFigures;
  readonly merger: Pick<Merger, 'addChainTrade'>;
  readonly conditions: Pick<TokenConditions, 'of'>;
  /** Milliseconds; null where no node knows the block now. */
  readonly timeOf: (block: NonNullable<ChainView['block']>) => Promise<number | null>;
  readonly activity: Activity;
  readonly log: Logger;
};

/** How a trade was left: told and stored, waiting for what is not known yet, or not stored. */
export type Told = 'told' | 'waiting' | 'failed';

/**
 * Tells the merger what the chain now says of a trade, whenever that changed. A trade is told by its state and not by
 * its logs, so that logs of one moment make one part, and however often it is told nothing is told twice.
 */
export class ChainTrades {
  readonly #options: ChainTradesOptions;
  readonly #telling = new Map<string, Promise<Told>>();
  readonly #changed = new Set<string>();
  readonly #untold = new Map<string, number>();
  readonly #seenAt = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ChainTradesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#again(), AGAIN_MS);
  }

  /** Something changed about the trade. Errors: none; what cannot be told now is tried again. */
  touch(tradeId: string): Promise<Told> {
    if (!this.#seenAt.has(tradeId)) this.#seenAt.set(tradeId, stamp());
    const under = this.#telling.get(tradeId);
    if (under !== undefined) {
      this.#changed.add(tradeId);
      return under;
    }
    const work = this.#options.activity
      .run(() => this.#tellUntilSettled(tradeId), 'chain')
      .catch((error: unknown): Told => {
        this.#options.log.warn({ tradeId, error: String(error) }, 'chain.untold');
        return 'failed';
      })
      .then((told) => this.#leave(tradeId, told));
    this.#telling.set(tradeId, work);
    return work;
  }

  get waiting(): number {
    return this.#untold.size;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Logs that arrive in one piece are one change; what changes meanwhile is told next. */
  async #tellUntilSettled(tradeId: string): Promise<Told> {
    let told: Told;
    do {
      await new Promise(setImmediate);
      this.#changed.delete(tradeId);
      told = await this.#tell(tradeId);
    } while (this.#changed.has(tradeId));
    return told;
  }

  async #tell(tradeId: string): Promise<Told> {
    const { figures, conditions, merger, timeOf } = this.#options;
    const before = figures.view(tradeId);
    if (before === null) return 'told';
    const { tokenId } = before.identity;
    const [conditionId, occurredAtMs] =
      before.block === null
        ? [null, null]
        : await Promise.all([conditions.of(tokenId), timeOf(before.block)]);
    // The chain may have changed its mind meanwhile.
    const view = figures.view(tradeId);
    if (view === null) return 'told';
    if (view.block?.hash !== before.block?.hash) {
      this.#changed.add(tradeId);
      return 'waiting';
    }
    if (view.block !== null && (conditionId === null || occurredAtMs === null)) return 'waiting';
    await merger.addChainTrade(this.#tradeOf(tradeId, view, conditionId, occurredAtMs));
    return 'told';
  }

  #tradeOf(
    tradeId: string,
    view: ChainView,
    conditionId: string | null,
    occurredAtMs: number | null,
  ): ChainTrade {
    const { identity, live, struck, wasReorganised, fills } = view;
    const seenAtMicros = this.#seenAt.get(tradeId) ?? stamp();
    const said = { tradeId, struck, wasReorganised, fills };
    if (conditionId === null || occurredAtMs === null) return { ...said, observation: null };
    const observation = {
      tradeId,
      identity,
      conditionId,
      outcome: null,
      figure: live,
      occurredAtMs,
      source: 'chain',
      seenAtMicros,
    } as const;
    return { ...said, observation };
  }

  #leave(tradeId: string, told: Told): Told {
    this.#telling.delete(tradeId);
    if (told === 'told') {
      this.#untold.delete(tradeId);
      this.#seenAt.delete(tradeId);
      return told;
    }
    const attempts = (this.#untold.get(tradeId) ?? 0) + 1;
    if (attempts <= ATTEMPTS_MAX && (attempts > 1 || this.#untold.size < UNTOLD_MAX)) {
      this.#untold.set(tradeId, attempts);
      return told;
    }
    this.#untold.delete(tradeId);
    this.#seenAt.delete(tradeId);
    this.#options.log.warn({ tradeId, attempts }, 'chain.left-to-others');
    return told;
  }

  #again(): void {
    for (const tradeId of [...this.#untold.keys()]) void this.touch(tradeId);
  }
}
