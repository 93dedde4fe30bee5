import { pause } from '@slipstream/runtime';
import type { Link } from './connect.ts';
import type { OutboxStore } from './types.ts';

/** Removals wait this long for company: nobody waits for them, and one statement does for many rows. */
const GATHER_MS = 250;
/** Rows removed by one statement. */
const REMOVE_MAX = 500;
const RETRY_MS = [50, 200, 500, 1_000] as const;
const RETRY_LAST_MS = 2_000;

/**
 * Forgets published rows, a batch at a time. Rows that are not removed at the end are published once more at the next
 * start, and their stream knows them.
 */
export class OutboxRemover {
  readonly #link: Pick<Link, 'log'>;
  readonly #store: OutboxStore;
  readonly #stopping: AbortSignal;
  readonly #onRemoved: (seqs: readonly bigint[]) => void;
  readonly #published: bigint[] = [];
  #removing: Promise<void> | null = null;

  constructor(
    link: Pick<Link, 'log'>,
    store: OutboxStore,
    stopping: AbortSignal,
    onRemoved: (seqs: readonly bigint[]) => void,
  ) {
    this.#link = link;
    this.#store = store;
    this.#stopping = stopping;
    this.#onRemoved = onRemoved;
  }

  add(seq: bigint): void {
    this.#published.push(seq);
    this.#removing ??= this.#removeAll();
  }

  isEmpty(): boolean {
    return this.#published.length === 0;
  }

  /** Resolves when nothing is left to remove, or when the end came and the database did not answer. */
  async flushed(): Promise<void> {
    await this.#removing;
  }

  async #removeAll(): Promise<void> {
    await pause(GATHER_MS, this.#stopping);
    for (let failures = 0; this.#published.length > 0; ) {
      const seqs = this.#published.slice(0, REMOVE_MAX);
      try {
        await this.#store.remove(seqs);
        failures = 0;
        this.#published.splice(0, seqs.length);
        this.#onRemoved(seqs);
      } catch (error) {
        this.#link.log.error({ rows: seqs.length, error }, 'bus.outbox-not-removed');
        if (this.#stopping.aborted) break;
        await pause(RETRY_MS[failures] ?? RETRY_LAST_MS, this.#stopping);
        failures += 1;
      }
    }
    this.#removing = null;
  }
}
