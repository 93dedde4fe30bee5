import { type Database, isUniqueViolation, type OutboxRow } from '@slipstream/db';
import { type Activity, type Clock, type Logger, pause } from '@slipstream/runtime';
import type { ChainTrade } from './core/chain/chain-trade.ts';
import { isBaseline } from './core/cursor.ts';
import { grow, growthOf, NOTHING_PUBLISHED, type Published } from './core/merge.ts';
import type { Observation } from './core/observation.ts';
import type { Followed } from './follow.ts';
import type { SourceStats } from './source-stats.ts';
import type { CursorMove } from './store/cursors.ts';
import {
  type NewPart,
  type Seen,
  type Stored,
  stampPublished,
  storeFresh,
  storeParts,
} from './store/trades.ts';

const BATCH_MAX = 1_000;
const ATTEMPTS_MAX = 5;
const AGAIN_MS = 200;
/** Trades whose last figure per source is remembered, so that reading them again costs no query. */
const CONFIRMED_MAX = 200_000;

export type MergerOptions = {
  readonly db: Database;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly followed: Followed;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
  readonly stats: Pick<SourceStats, 'saw'>;
  /** Told of every trade that is new, before it is stored: its token's book and metadata begin in parallel. */
  readonly onToken: (tokenId: string, conditionId: string) => void;
};

type Waiting = {
  readonly observations: readonly Observation[];
  readonly chain: readonly ChainTrade[];
  /** How far the source is read with these; null for a source that has no cursor, or has not moved. */
  readonly cursor: CursorMove | null;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
};

/** The one writer of canonical trades: what several sources say comes together here, in batches, one after another. */
export class Merger {
  readonly #options: MergerOptions;
  readonly #waiting: Waiting[] = [];
  readonly #confirmed = new Map<string, bigint>();
  /** Trades that some source has shown, in this life. */
  readonly #stored = new Set<string>();
  #working = false;

  constructor(options: MergerOptions) {
    this.#options = options;
  }

  /**
   * Takes what a source saw. Resolves when it is stored and handed to the bus. Errors: the database stayed away; the
   * source sees the same again later.
   */
  add(observations: readonly Observation[], cursor: CursorMove | null = null): Promise<void> {
    if (observations.length === 0 && cursor === null) return Promise.resolve();
    return this.#add({ observations, chain: [], cursor });
  }

  /** Takes what the chain now says of a trade, which may also be less than before: then what was told is taken back. */
  addChainTrade(trade: ChainTrade): Promise<void> {
    const observations = trade.observation === null ? [] : [trade.observation];
    return this.#add({ observations, chain: [trade], cursor: null });
  }

  #add(what: Pick<Waiting, 'observations' | 'chain' | 'cursor'>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ ...what, done: resolve, fail: reject });
    if (!this.#working) {
      this.#working = true;
      this.#options.activity.run(() => this.#work(), 'merge').catch(reject);
    }
    return promise;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#handle({
          observations: batch.flatMap((entry) => entry.observations),
          chain: batch.flatMap((entry) => entry.chain),
          cursors: batch.flatMap(({ cursor }) => cursor ?? []),
        });
        for (const entry of batch) entry.done();
      } catch (error) {
        for (const entry of batch) entry.fail(error);
      }
    }
    this.#working = false;
  }

  /** As many entries as fit a batch, and at least one. */
  #takeBatch(): readonly Waiting[] {
    let size = 0;
    let count = 0;
    for (const entry of this.#waiting) {
      size += entry.observations.length + entry.chain.length;
      if (count > 0 && size > BATCH_MAX) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #handle({ observations, chain, cursors }: Seen): Promise<void> {
    const news = observations.filter((o) => this.#isNews(o));
    if (news.length === 0 && cursors.length === 0 && chain.length === 0) return;
    for (const o of news) this.#options.onToken(o.identity.tokenId, o.conditionId);
    const now = this.#options.clock.now();
    const stored = await this.#store({ observations: news, chain, cursors }, now);
    this.#confirm(news);
    this.#options.push(stampPublished(stored.rows));
    this.#count(news, stored, now);
  }

  async #store(seen: Seen, now: Date): Promise<Stored> {
    const { db, log } = this.#options;
    const { observations, chain, cursors } = seen;
    const decide = (published: Map<string, Published>): NewPart[] =>
      this.#newParts(observations, published, now);
    const isFresh =
      chain.length + cursors.length === 0 && !observations.some((o) => this.#stored.has(o.tradeId));
    for (let attempt = 1; ; attempt++) {
      try {
        // Tried once: whoever remembers wrongly, or does not know what became of it, looks at what is there.
        const fresh = isFresh && attempt === 1 ? await storeFresh(db, observations, now, decide) : null;
        return fresh ?? (await storeParts(db, seen, now, decide));
      } catch (error) {
        // A conflict means that another writer was first: read again and see what is still missing.
        if (attempt >= ATTEMPTS_MAX) throw error;
        log.warn({ attempt, conflict: isUniqueViolation(error), error: String(error) }, 'trades.again');
        await pause(AGAIN_MS);
      }
    }
  }

  /** Tells what each source was first with or confirmed; history belongs to nobody's figures. */
  #count(news: readonly Observation[], { firstSights, parts }: Stored, now: Date): void {
    const occurred = new Map(news.map((o) => [`${o.tradeId} ${o.source}`, o]));
    const firsts = new Set(
      parts.flatMap(({ observation: o, growth }) => (growth.part === 1 ? [`${o.tradeId} ${o.source}`] : [])),
    );
    for (const { tradeId, source } of firstSights) {
      const key = `${tradeId} ${source}`;
      const o = occurred.get(key);
      const owner = o && this.#options.followed.ownerOf(o.identity.wallet);
      if (o === undefined || owner === undefined || isBaseline(o.occurredAtMs, owner.followedAtMs)) continue;
      const { occurredAtMs } = o;
      const sight = { tradeId, source, isFirst: firsts.has(key), occurredAtMs, seenAtMs: now.getTime() };
      this.#options.stats.saw(sight);
    }
  }

  #newParts(
    observations: readonly Observation[],
    published: Map<string, Published>,
    detectedAt: Date,
  ): NewPart[] {
    const parts: NewPart[] = [];
    for (const observation of observations) {
      const owner = this.#options.followed.ownerOf(observation.identity.wallet);
      if (owner === undefined) continue;
      const before = published.get(observation.tradeId) ?? NOTHING_PUBLISHED;
      const growth = growthOf(before, observation.figure);
      if (growth === null) continue;
      published.set(observation.tradeId, grow(before, growth));
      const baseline = isBaseline(observation.occurredAtMs, owner.followedAtMs);
      parts.push({ observation, growth, leaderId: owner.leaderId, baseline, detectedAt });
    }
    return parts;
  }

  /** Whether a followed wallet's trade is shown larger than this source showed it before. */
  #isNews(o: Observation): boolean {
    if (this.#options.followed.ownerOf(o.identity.wallet) === undefined) return false;
    const known = this.#confirmed.get(`${o.tradeId} ${o.source}`);
    return known === undefined || known < o.figure.sizeMicros;
  }

  #confirm(observations: readonly Observation[]): void {
    for (const o of observations) {
      if (this.#confirmed.size >= CONFIRMED_MAX)
        this.#confirmed.delete(this.#confirmed.keys().next().value ?? '');
      this.#confirmed.set(`${o.tradeId} ${o.source}`, o.figure.sizeMicros);
      if (this.#stored.size >= CONFIRMED_MAX) this.#stored.delete(this.#stored.keys().next().value ?? '');
      this.#stored.add(o.tradeId);
    }
  }
}
