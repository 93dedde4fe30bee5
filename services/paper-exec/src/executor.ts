import type { Activity, Logger } from '@slipstream/runtime';
import { pause } from '@slipstream/runtime';
import type { DueOrder } from './core/execute-batch.ts';
import type { Executed, Memory } from './execute-orders.ts';

/** Orders of one transaction: past this a larger one is no faster, only longer. */
const EXECUTE_BATCH_MAX = 500;
/** Tries of one batch in a row, in machine time, before it is taken apart or put off. */
const TRIES_MAX = 4;
const RETRY_FIRST_MS = 100;

export type ExecutorPorts = {
  readonly activity: Activity;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly execute: (due: readonly DueOrder[], memory: Memory) => Promise<Executed>;
  /** What the tables say; read at the first execution, and after one whose fate is unknown. */
  readonly recall: () => Promise<Memory>;
  readonly observe: (executed: Executed, tookMs: number) => void;
  /** An order that fails by itself again and again; it stays PENDING and comes back later. */
  readonly putOff: (due: DueOrder, error: unknown) => void;
};

export type Executor = {
  /** Resolves when all of these have their outcome or were put off. */
  readonly execute: (due: readonly DueOrder[]) => Promise<void>;
  /** Orders that wait for their transaction. */
  readonly queued: () => number;
  /** Why the last try failed; null after a success. */
  readonly failure: () => string | null;
};

/**
 * Runs executions one at a time, each with everything that has become due meanwhile: under load the batches grow by
 * themselves, and cash and shares are seen by one after the other.
 */
export function createExecutor(io: ExecutorPorts): Executor {
  const queue: DueOrder[] = [];
  let running: Promise<void> | null = null;
  let memory: Memory | null = null;
  let failure: string | null = null;

  const once = async (batch: readonly DueOrder[]): Promise<unknown> => {
    const from = performance.now();
    try {
      memory ??= await io.recall();
      const executed = await io.execute(batch, memory);
      memory = executed.memory;
      failure = null;
      io.observe(executed, performance.now() - from);
      return null;
    } catch (error) {
      // It may have been committed: what we remember is not known to be true any more.
      memory = null;
      failure = error instanceof Error ? error.message : String(error);
      io.log.error({ orders: batch.length, error }, 'orders.execute-failed');
      return error;
    }
  };

  const attempt = async (batch: readonly DueOrder[]): Promise<void> => {
    let error: unknown = null;
    for (let tries = 0; tries < TRIES_MAX && !io.signal.aborted; tries++) {
      if (tries > 0) await pause(RETRY_FIRST_MS * 2 ** tries, io.signal);
      error = await once(batch);
      if (error === null) return;
    }
    const [first, ...others] = batch;
    if (first !== undefined && others.length === 0) io.putOff(first, error);
    // One order that cannot be stored must not hold up the others.
    else if (!io.signal.aborted) for (const due of batch) await attempt([due]);
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0 && !io.signal.aborted) await attempt(queue.splice(0, EXECUTE_BATCH_MAX));
  };

  return {
    execute: async (due) => {
      if (due.length === 0) return;
      queue.push(...due);
      do {
        running ??= io.activity.run(drain, 'execute').finally(() => {
          running = null;
        });
        await running;
        // What was added as the last round ended is in nobody's hands yet.
      } while (queue.length > 0 && !io.signal.aborted);
    },
    queued: () => queue.length,
    failure: () => failure,
  };
}
