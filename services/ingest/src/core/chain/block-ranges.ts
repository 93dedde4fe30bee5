/** Blocks from `from` to `to`, both of them included. */
export type BlockRange = { readonly from: number; readonly to: number };

/**
 * How many blocks one read of logs spans: as many as the node bears. Halves when it says that it is too much, down to
 * one block, and doubles again with every good answer.
 */
export class RangeWidth {
  readonly #most: number;
  #width: number;

  constructor(most: number) {
    this.#most = most;
    this.#width = most;
  }

  /** The next piece of what is left to read. */
  next(from: number, to: number): BlockRange {
    return { from, to: Math.min(to, from + this.#width - 1) };
  }

  /** False: it is one block already and cannot be less. */
  halve(refused: BlockRange): boolean {
    const blocks = refused.to - refused.from + 1;
    if (blocks <= 1) return false;
    this.#width = Math.floor(Math.min(blocks, this.#width) / 2);
    return true;
  }

  good(): void {
    this.#width = Math.min(this.#most, this.#width * 2);
  }
}

/** The same list in pieces of at most `size`. */
export function chunked<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
  return chunks;
}
