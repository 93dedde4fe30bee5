const SECOND_MS = 1_000;
/** Rows can appear late and out of order: this much is read again, */
const OVERLAP_SECONDS = 120;
/** unless the last read had so many rows in less, */
const OVERLAP_ROWS = 100;
/** but never less than so much; */
const OVERLAP_LEAST_SECONDS = 2;
/** and every so many reads the whole overlap, however many rows it has. */
const WIDE_EVERY_READS = 30;

export const secondOf = (ms: number): number => Math.floor(ms / SECOND_MS);

/** Whether a trade belongs to the history before a leader was followed; the second of following is not history. */
export const isBaseline = (occurredAtMs: number, followedAtMs: number): boolean =>
  secondOf(occurredAtMs) < secondOf(followedAtMs);

/** How far a wallet's activity was read, and where the next read begins. Seconds since 1970. */
export class ReadMark {
  /** The second of the row that has `OVERLAP_ROWS` rows from it on; null while there were fewer. */
  #denseFrom: number | null = null;
  #reads = 0;
  through: number;

  constructor(throughSecond: number) {
    this.through = throughSecond;
  }

  /** Takes in the seconds of a read's rows, oldest first. */
  advance(seconds: readonly number[]): void {
    this.#reads += 1;
    this.through = Math.max(this.through, seconds.at(-1) ?? 0);
    this.#denseFrom = seconds.at(-OVERLAP_ROWS) ?? null;
  }

  /** Inclusive; what lies after it may be new. */
  next(): number {
    const wide = Math.max(0, this.through - OVERLAP_SECONDS);
    if (this.#denseFrom === null || this.#reads % WIDE_EVERY_READS === 0) return wide;
    return Math.max(wide, Math.min(this.#denseFrom, this.through - OVERLAP_LEAST_SECONDS));
  }
}
