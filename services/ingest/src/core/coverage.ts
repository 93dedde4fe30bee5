import type { TradeSource } from '@slipstream/proto';

/** A source that does not show a trade within this after another showed it has missed it. */
export const MISSED_AFTER_MS = 60_000;
/** Trades that wait for their other sources; past it the oldest are counted early. */
const WATCHED_MAX = 20_000;
/** Delays kept a source for its percentiles: of the latest trades. */
const DELAYS_KEPT_MAX = 1_000;

/** That a source showed a trade for the first time. */
export type Sight = {
  readonly tradeId: string;
  readonly source: TradeSource;
  /** Whether it was the first of all. */
  readonly isFirst: boolean;
  readonly occurredAtMs: number;
  readonly seenAtMs: number;
};

export type SourceFigures = {
  readonly first: number;
  readonly confirmed: number;
  readonly missed: number;
  /** From when it happened to when it was seen; null before there was any. Milliseconds. */
  readonly delayP50Ms: number | null;
  readonly delayP99Ms: number | null;
  /** Behind the source that was first. */
  readonly lagP50Ms: number | null;
  readonly lagP99Ms: number | null;
};

/** The latest values, and how they spread. */
class Recent {
  readonly #values: number[] = [];
  #next = 0;

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % DELAYS_KEPT_MAX;
  }

  /** The value that `part` of them do not exceed; null for none. */
  percentile(part: number): number | null {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
  }
}

type Counts = {
  first: number;
  confirmed: number;
  missed: number;
  readonly delays: Recent;
  readonly lags: Recent;
};
type Watched = { readonly firstAtMs: number; readonly seenBy: Set<TradeSource> };

/** Counts, for each source that runs, what it was first with, what it confirmed, what it missed, and how late it was. */
export class Coverage {
  readonly #counts: ReadonlyMap<TradeSource, Counts>;
  readonly #watched = new Map<string, Watched>();

  constructor(running: readonly TradeSource[]) {
    this.#counts = new Map(
      running.map((source) => [
        source,
        { first: 0, confirmed: 0, missed: 0, delays: new Recent(), lags: new Recent() },
      ]),
    );
  }

  /** Gives how late it was, and how far behind the first; null where it was itself the first, or that is not known. */
  saw(sight: Sight): { readonly delayMs: number; readonly lagMs: number | null } {
    const counts = this.#counts.get(sight.source);
    const delayMs = Math.max(0, sight.seenAtMs - sight.occurredAtMs);
    counts?.delays.add(delayMs);
    if (sight.isFirst) {
      if (counts !== undefined) counts.first += 1;
      this.#watched.set(sight.tradeId, { firstAtMs: sight.seenAtMs, seenBy: new Set([sight.source]) });
      return { delayMs, lagMs: null };
    }
    if (counts !== undefined) counts.confirmed += 1;
    const watched = this.#watched.get(sight.tradeId);
    if (watched === undefined) return { delayMs, lagMs: null };
    watched.seenBy.add(sight.source);
    const lagMs = Math.max(0, sight.seenAtMs - watched.firstAtMs);
    counts?.lags.add(lagMs);
    return { delayMs, lagMs };
  }

  /** Closes the trades whose time is over; gives the source of each one that was missed. */
  settle(nowMs: number): TradeSource[] {
    const missed: TradeSource[] = [];
    // Trades stand in the order in which they were first seen.
    for (const [tradeId, { firstAtMs, seenBy }] of this.#watched) {
      if (nowMs - firstAtMs <= MISSED_AFTER_MS && this.#watched.size <= WATCHED_MAX) break;
      this.#watched.delete(tradeId);
      for (const [source, counts] of this.#counts) {
        if (seenBy.has(source)) continue;
        counts.missed += 1;
        missed.push(source);
      }
    }
    return missed;
  }

  figures(): ReadonlyMap<TradeSource, SourceFigures> {
    return new Map(
      [...this.#counts].map(([source, { first, confirmed, missed, delays, lags }]) => [
        source,
        {
          first,
          confirmed,
          missed,
          delayP50Ms: delays.percentile(0.5),
          delayP99Ms: delays.percentile(0.99),
          lagP50Ms: lags.percentile(0.5),
          lagP99Ms: lags.percentile(0.99),
        },
      ]),
    );
  }
}
