import { pause } from '@slipstream/runtime';
import type { Link } from './connect.ts';
import { OutboxRemover } from './outbox-remover.ts';
import { isRefusal, type Publisher } from './publish.ts';
import type { OutboxRow, OutboxStore, Relay } from './types.ts';

/** Publishes under way at once while all goes well. */
const WINDOW_MAX = 256;
/** After a failure one at a time, so that nothing overtakes what failed; success doubles it again. */
const WINDOW_CAREFUL = 1;
/** Rows kept in memory; further ones stay in the database until there is room. */
const QUEUE_MAX = 10_000;
/** Rows read by one statement. */
const PAGE_MAX = 500;
/** How often rows are looked for that nobody handed over: committed by a process that died between commit and push. */
const SWEEP_MS = 5_000;
const RETRY_MS = [50, 200, 500, 1_000] as const;
const RETRY_LAST_MS = 2_000;
const CONNECTION_WAIT_MS = 1_000;
const PROBLEM = 'outbox';

/** What the relay needs of the connection. */
type RelayLink = Pick<Link, 'log' | 'activity' | 'problems' | 'untilConnected'>;
type RelayPublisher = Pick<Publisher, 'attempt'>;

/**
 * Publishes committed outbox rows in their order and removes them once their stream has them.
 *
 * 1. What an earlier process left is read and goes first.
 * 2. Pushed rows are published right away, many at once on one ordered connection.
 * 3. When a publish fails, no further one begins; those under way end, and the failed rows are sent again with the same
 *    message ids, one at a time until one succeeds, so that no row overtakes an earlier one.
 * 4. Removal follows in batches and never holds a publish up.
 *
 * A row that the bus refuses for good (too large, not permitted) is set aside, loudly, and stays in the outbox.
 */
export function createRelay(link: RelayLink, publisher: RelayPublisher, store: OutboxStore): Relay {
  const relay = new OutboxRelay(link, publisher, store);
  return { push: (rows) => relay.push(rows), drain: () => relay.drain(), stop: () => relay.stop() };
}

class OutboxRelay {
  readonly #link: RelayLink;
  readonly #publisher: RelayPublisher;
  readonly #store: OutboxStore;
  readonly #remover: OutboxRemover;
  readonly #sweeping: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  readonly #queue: OutboxRow[] = [];
  /** Rows in memory, published or not, until they are removed. */
  readonly #known = new Set<bigint>();
  readonly #refused = new Set<bigint>();
  readonly #failed: OutboxRow[] = [];
  readonly #waiters: (() => void)[] = [];
  #inFlight = 0;
  #window = WINDOW_MAX;
  /** Rows are in the database that are not in memory. */
  #behind = true;
  /** Rows pushed while the database is read: it may have looked before they were there. */
  #late: OutboxRow[] | null = null;
  /** Neither reading nor waiting after a failure. */
  #steady = true;
  #failures = 0;
  #suspects: ReadonlySet<bigint> = new Set();
  #endBusy: (() => void) | null = null;

  constructor(link: RelayLink, publisher: RelayPublisher, store: OutboxStore) {
    this.#link = link;
    this.#publisher = publisher;
    this.#store = store;
    this.#remover = new OutboxRemover(link, store, this.#stopping.signal, (seqs) => {
      for (const seq of seqs) this.#known.delete(seq);
      this.#tell();
    });
    this.#sweeping = setInterval(() => {
      if (!this.#isPublished()) return;
      this.#sweep().catch((error: unknown) => link.log.error({ error }, 'bus.outbox-unreadable'));
    }, SWEEP_MS);
    this.push([]);
  }

  push(rows: readonly OutboxRow[]): void {
    if (this.#stopping.signal.aborted) return;
    this.#endBusy ??= this.#link.activity.begin('outbox');
    // While behind, what is committed is found in the database, in its place.
    if (!this.#behind) this.#enqueue(rows);
    else if (this.#late !== null && this.#late.length < QUEUE_MAX) this.#late.push(...rows);
    this.#step();
  }

  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#tell();
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweeping);
    await this.drain();
    await this.#remover.flushed();
    this.#link.problems.delete(PROBLEM);
  }

  #isPublished(): boolean {
    return !this.#behind && this.#isAtRest() && this.#queue.length + this.#failed.length === 0;
  }

  #isAtRest(): boolean {
    return this.#steady && this.#inFlight === 0;
  }

  /** Tells those who wait, if what they wait for has come: everything is published, or the end. */
  #tell(): void {
    const ended = this.#stopping.signal.aborted && this.#isAtRest();
    if (!ended && !this.#isPublished()) return;
    this.#endBusy?.();
    this.#endBusy = null;
    if (ended || this.#remover.isEmpty()) for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #enqueue(rows: readonly OutboxRow[]): void {
    for (const row of rows) {
      if (this.#known.has(row.seq) || this.#refused.has(row.seq)) continue;
      if (this.#queue.length >= QUEUE_MAX) {
        this.#behind = true;
        return;
      }
      this.#known.add(row.seq);
      this.#queue.push(row);
    }
  }

  /** Starts whatever can be done now; called after every change. */
  #step(): void {
    if (this.#steady && !this.#stopping.signal.aborted) {
      if (this.#failed.length > 0) {
        if (this.#inFlight === 0) this.#leaveSteady(() => this.#recover());
      } else if (this.#queue.length > 0) this.#publishSome();
      else if (this.#behind && this.#inFlight === 0) this.#leaveSteady(() => this.#readBehind());
    }
    this.#tell();
  }

  #leaveSteady(work: () => Promise<void>): void {
    this.#steady = false;
    void work().finally(() => {
      this.#steady = true;
      this.#step();
    });
  }

  #publishSome(): void {
    for (const row of this.#queue.splice(0, Math.max(0, this.#window - this.#inFlight))) {
      this.#inFlight += 1;
      void this.#publishOne(row);
    }
  }

  async #publishOne(row: OutboxRow): Promise<void> {
    try {
      await this.#publisher.attempt(row);
      this.#failures = 0;
      this.#window = Math.min(this.#window * 2, WINDOW_MAX);
      this.#remover.add(row.seq);
    } catch (error) {
      const fields = { subject: row.subject, seq: row.seq.toString(), error };
      if (isRefusal(error)) this.#refuse(row, fields);
      else {
        if (this.#failed.length === 0) this.#link.log.warn(fields, 'bus.relay-failed');
        this.#failed.push(row);
      }
    }
    this.#inFlight -= 1;
    this.#step();
  }

  #refuse(row: OutboxRow, fields: Readonly<Record<string, unknown>>): void {
    this.#refused.add(row.seq);
    this.#known.delete(row.seq);
    this.#link.problems.set(PROBLEM, `${this.#refused.size} rows are refused`);
    this.#link.log.error(fields, 'bus.relay-refused');
  }

  async #backOff(): Promise<void> {
    const { signal } = this.#stopping;
    this.#window = WINDOW_CAREFUL;
    await pause(RETRY_MS[this.#failures] ?? RETRY_LAST_MS, signal);
    await this.#link.untilConnected(CONNECTION_WAIT_MS, signal);
    this.#failures += 1;
  }

  async #recover(): Promise<void> {
    await this.#backOff();
    // Confirmations come in any order; the rows go again in theirs.
    this.#queue.unshift(...this.#failed.splice(0).sort((a, b) => (a.seq < b.seq ? -1 : 1)));
  }

  async #readBehind(): Promise<void> {
    // A row that is being removed could still be seen, and would then be taken for a new one.
    await this.#remover.flushed();
    const late: OutboxRow[] = [];
    this.#late = late;
    try {
      const limit = PAGE_MAX + this.#refused.size + this.#known.size;
      const rows = await this.#store.pending(limit);
      this.#behind = rows.length >= limit;
      this.#enqueue(rows);
      if (!this.#behind) this.#enqueue(late);
      this.#late = null;
    } catch (error) {
      this.#late = null;
      this.#link.log.error({ error }, 'bus.outbox-unreadable');
      await this.#backOff();
    }
  }

  /** A row that is there at two looks and that nobody gave us was left by somebody who died. */
  async #sweep(): Promise<void> {
    const rows = await this.#store.pending(PAGE_MAX + this.#refused.size);
    const strangers = rows.filter((row) => !this.#known.has(row.seq) && !this.#refused.has(row.seq));
    const left = strangers.filter((row) => this.#suspects.has(row.seq));
    this.#suspects = new Set(strangers.map((row) => row.seq));
    if (left.length === 0) return;
    this.#link.log.warn({ rows: left.length }, 'bus.outbox-stragglers');
    this.push(left);
  }
}
