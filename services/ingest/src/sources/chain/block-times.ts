import type { BlockHeader } from '@slipstream/exchange';

const SECOND_MS = 1_000;
const HEADERS_KEPT_MAX = 4_096;

/** When blocks were made: kept from the heads that nodes tell, and asked for where none did. */
export class BlockTimes {
  readonly #times = new Map<string, number>();
  readonly #waiting = new Map<string, ((timeMs: number) => void)[]>();

  /** Milliseconds. */
  learn(hash: string, timeMs: number): void {
    if (this.#times.has(hash)) return;
    const [oldest] = this.#times.size >= HEADERS_KEPT_MAX ? this.#times.keys() : [];
    if (oldest !== undefined) this.#times.delete(oldest);
    this.#times.set(hash, timeMs);
    for (const tell of this.#waiting.get(hash) ?? []) tell(timeMs);
    this.#waiting.delete(hash);
  }

  learnHeader({ hash, timestamp }: BlockHeader): void {
    this.learn(hash, timestamp * SECOND_MS);
  }

  /**
   * The time of a block: known, told by a head meanwhile, or as `ask` answers, whichever is first. Null: nobody knows
   * this block, or it was replaced by another one.
   */
  async of(hash: string, ask: () => Promise<BlockHeader | null>): Promise<number | null> {
    const known = this.#times.get(hash);
    if (known !== undefined) return known;
    const { promise: told, resolve } = Promise.withResolvers<number>();
    this.#waiting.set(hash, [...(this.#waiting.get(hash) ?? []), resolve]);
    const asked = ask().then((header) => {
      if (header !== null) this.learnHeader(header);
      return this.#times.get(hash) ?? null;
    });
    try {
      return await Promise.race([told, asked]);
    } finally {
      this.#forget(hash, resolve);
    }
  }

  #forget(hash: string, resolve: (timeMs: number) => void): void {
    const left = (this.#waiting.get(hash) ?? []).filter((one) => one !== resolve);
    if (left.length === 0) this.#waiting.delete(hash);
    else this.#waiting.set(hash, left);
  }
}
