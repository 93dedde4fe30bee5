/** Something armed on a clock. Cancelling what has run or was replaced does nothing. */
export type Timer = { cancel(): void };

/** Work that repeats; the signal aborts when the clock stops or the timer is cancelled. */
export type Repeated = (signal: AbortSignal) => Promise<void>;

/**
 * Where a process takes the time from. Nothing else asks the machine for it, except logs and measurements.
 *
 * A handler never sleeps on a clock: what must wait is stored, and a deadline continues it. Errors of `run` are logged
 * and the clock goes on.
 */
export type Clock = {
  readonly kind: 'wall' | 'tape';
  now(): Date;
  /**
   * A deadline: runs once at or after `due`. The same key again replaces it, so a key is unique within its process.
   * A `due` in the past runs at once. On a tape it makes an instant of its own; equal instants go by rank, then key.
   */
  at(due: Date, key: string, run: () => Promise<void>): Timer;
  /**
   * Asks the outside for news: at once, and then every period, never overlapping itself. On a tape it is due only when
   * something that can be polled has changed since its last good run, and not before a period after that run.
   */
  poll(name: string, periodMs: number, run: Repeated): Timer;
  /**
   * Keeps something alive or tidy: first after one period, never overlapping itself. On a tape it runs at the first
   * instant at or after last + period, and makes no instants.
   */
  every(name: string, periodMs: number, run: Repeated): Timer;
};

/** A clock with an end: `stop` cancels every timer, aborts what runs and waits for it. */
export type StoppableClock = Clock & { stop(): Promise<void> };
