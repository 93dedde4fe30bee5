const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/** How long a node that said “too many requests” is left in peace: a second, and twice as long each time, up to a minute. */
export class Rest {
  #nextMs = FIRST_MS;
  #untilMs = 0;

  /** The node complained; gives how long it is to be left alone. A complaint during a rest does not make it longer. */
  begin(nowMs: number): number {
    if (!this.isOver(nowMs)) return this.leftMs(nowMs);
    this.#untilMs = nowMs + this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, MOST_MS);
    return this.leftMs(nowMs);
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  leftMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs);
  }

  /** It answered: the next complaint begins with a short rest again. */
  good(): void {
    this.#nextMs = FIRST_MS;
  }
}
