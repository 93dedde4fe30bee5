const SECOND_MS = 1_000;
/** Rows can appear late and out of order: this much is read again, */
const OVERLAP_SECONDS = 120;
/** unless that would be more rows than this, */
const OVERLAP_ROWS = 500;
/** but never less than so much. */
const OVERLAP_LEAST_SECONDS = 5;

export const secondOf = (ms: number): number => Math.floor(ms / SECOND_MS);

/** Whether a trade belongs to the history before a leader was followed; the second of following is not history. */
export const isBaseline = (occurredAtMs: number, followedAtMs: number): boolean =>
  secondOf(occurredAtMs) < secondOf(followedAtMs);

/** How far a wallet's activity was read, and where the next read begins. Seconds since 1970. */
export class ReadMark {
  readonly #recent: number[] = [];
  through: number;

  constructor(throughSecond: number) {
    this.through = throughSecond;
  }

  /** Takes in the seconds of a read's rows, oldest first. */
  advance(seconds: readonly number[]): void {
    for (const second of seconds) {
      if (second > this.through) this.through = second;
      this.#recent.push(second);
    }
    this.#recent.sort((a, b) => a - b);
    this.#recent.splice(0, Math.max(0, this.#recent.length - OVERLAP_ROWS));
  }

  /** Inclusive; what lies after it may be new. */
  next(): number {
    const wide = this.through - OVERLAP_SECONDS;
    const dense = this.#recent.length >= OVERLAP_ROWS ? (this.#recent[0] ?? wide) : wide;
    return Math.max(0, Math.max(wide, Math.min(dense, this.through - OVERLAP_LEAST_SECONDS)));
  }
}
