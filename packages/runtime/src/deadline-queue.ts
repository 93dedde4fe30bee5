/** One armed deadline. */
export type Deadline = { readonly dueMs: number; readonly key: string; readonly run: () => Promise<void> };

/** The order in which deadlines run: by instant, then by key in code units, so that no locale decides. */
export function compareDeadlines(
  a: Pick<Deadline, 'dueMs' | 'key'>,
  b: Pick<Deadline, 'dueMs' | 'key'>,
): number {
  if (a.dueMs !== b.dueMs) return a.dueMs - b.dueMs;
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** The deadlines of one process, always in order, one per key. */
export class DeadlineQueue {
  readonly #sorted: Deadline[] = [];
  readonly #byKey = new Map<string, Deadline>();

  get size(): number {
    return this.#sorted.length;
  }

  /** Arms a deadline and takes the place of the one with the same key. */
  set(deadline: Deadline): void {
    const replaced = this.#byKey.get(deadline.key);
    if (replaced !== undefined) this.remove(replaced);
    this.#sorted.splice(this.#placeOf(deadline), 0, deadline);
    this.#byKey.set(deadline.key, deadline);
  }

  /** Disarms exactly this deadline; false when it has run or was replaced. */
  remove(deadline: Deadline): boolean {
    if (this.#byKey.get(deadline.key) !== deadline) return false;
    this.#byKey.delete(deadline.key);
    this.#sorted.splice(this.#placeOf(deadline), 1);
    return true;
  }

  first(): Deadline | undefined {
    return this.#sorted[0];
  }

  get(key: string): Deadline | undefined {
    return this.#byKey.get(key);
  }

  /** Takes the earliest deadline out if it is due. */
  takeDue(nowMs: number): Deadline | undefined {
    const first = this.#sorted[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  /** Keys in the order in which they will run. */
  keys(): readonly string[] {
    return this.#sorted.map(({ key }) => key);
  }

  clear(): void {
    this.#sorted.length = 0;
    this.#byKey.clear();
  }

  /** The first index whose deadline does not come before this one. */
  #placeOf(deadline: Deadline): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#sorted[middle];
      if (there !== undefined && compareDeadlines(there, deadline) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
