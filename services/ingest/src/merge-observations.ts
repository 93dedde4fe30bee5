import { type Database, isUniqueViolation, type OutboxRow } from '@slipstream/db';
import type { Activity, Clock, Logger } from '@slipstream/runtime';
import { isBaseline } from './core/cursor.ts';
import { grow, growthOf, NOTHING_PUBLISHED, type Published } from './core/merge.ts';
import type { Observation } from './core/observation.ts';
import type { Followed } from './follow.ts';
import { type NewPart, stampPublished, storeParts } from './store/trades.ts';

const BATCH_MAX = 1_000;
const ATTEMPTS_MAX = 5;
const AGAIN_MS = 200;
/** Trades whose last figure per source is remembered, so that reading them again costs no query. */
const CONFIRMED_MAX = 200_000;

export type Merger = {
  /**
   * Takes what a source saw. Resolves when it is stored and handed to the bus. Errors: the database stayed away; the
   * source sees the same again later.
   */
  add(observations: readonly Observation[]): Promise<void>;
};

export type MergerOptions = {
  readonly db: Database;
  readonly push: (rows: readonly OutboxRow[]) => void;
  readonly followed: Followed;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Logger;
  /** Told of every trade that is new, before it is stored: its token's book and metadata begin in parallel. */
  readonly onToken: (tokenId: string, conditionId: string) => void;
};

type Waiting = {
  readonly observations: readonly Observation[];
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
};

/** The one writer of canonical trades: what several sources say comes together here, in batches, one after another. */
export function startMerger(options: MergerOptions): Merger {
  const { db, followed, clock, log } = options;
  const waiting: Waiting[] = [];
  const confirmed = new Map<string, bigint>();
  let working = false;

  const isNews = (o: Observation): boolean => {
    const known = confirmed.get(`${o.tradeId} ${o.source}`);
    return known === undefined || known < o.figure.sizeMicros;
  };
  const confirm = (observations: readonly Observation[]): void => {
    for (const o of observations) {
      if (confirmed.size >= CONFIRMED_MAX) confirmed.delete(confirmed.keys().next().value ?? '');
      confirmed.set(`${o.tradeId} ${o.source}`, o.figure.sizeMicros);
    }
  };

  const decide =
    (observations: readonly Observation[], detectedAt: Date) =>
    (published: Map<string, Published>): NewPart[] => {
      const parts: NewPart[] = [];
      for (const observation of observations) {
        const owner = followed.ownerOf(observation.identity.wallet);
        if (owner === undefined) continue;
        const before = published.get(observation.tradeId) ?? NOTHING_PUBLISHED;
        const growth = growthOf(before, observation.figure);
        if (growth === null) continue;
        published.set(observation.tradeId, grow(before, growth));
        const baseline = isBaseline(observation.occurredAtMs, owner.followedAtMs);
        parts.push({ observation, growth, leaderId: owner.leaderId, baseline, detectedAt });
      }
      return parts;
    };

  const store = async (observations: readonly Observation[]): Promise<OutboxRow[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const now = clock.now();
        return await storeParts(db, observations, now, decide(observations, now));
      } catch (error) {
        // A conflict means that another writer was first: read again and see what is still missing.
        if (attempt >= ATTEMPTS_MAX) throw error;
        log.warn({ attempt, conflict: isUniqueViolation(error), error: String(error) }, 'trades.again');
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  };

  const handle = async (batch: readonly Waiting[]): Promise<void> => {
    const news = batch.flatMap((entry) => entry.observations).filter(isNews);
    if (news.length > 0) {
      for (const o of news) options.onToken(o.identity.tokenId, o.conditionId);
      const rows = await store(news);
      confirm(news);
      options.push(stampPublished(rows));
    }
    for (const entry of batch) entry.done();
  };

  /** As many entries as fit a batch, and at least one. */
  const takeBatch = (): Waiting[] => {
    let size = 0;
    let count = 0;
    for (const entry of waiting) {
      size += entry.observations.length;
      if (count > 0 && size > BATCH_MAX) break;
      count += 1;
    }
    return waiting.splice(0, count);
  };

  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = takeBatch();
      await handle(batch).catch((error: unknown) => {
        for (const entry of batch) entry.fail(error);
      });
    }
    working = false;
  };

  return {
    add: (observations) =>
      new Promise<void>((resolve, reject) => {
        if (observations.length === 0) return resolve();
        waiting.push({ observations, done: resolve, fail: reject });
        if (working) return;
        working = true;
        options.activity.run(work, 'merge').catch(reject);
      }),
  };
}
