import type { Sql } from '@slipstream/db';
import { price, shares } from '@slipstream/money';
import { isInside, sideKey, type Taken } from './core/execute-batch.ts';
import { afterTaking, NOTHING_TAKEN, type OpenLevel, TAKEN_KEPT_MS, type TakenSide } from './core/taken.ts';
import type { Memory } from './execute-orders.ts';
import { readUnbooked } from './store/funds.ts';
import { type PastExecution, readExecutionsSince } from './store/orders.ts';

const levelsOf = (past: PastExecution): OpenLevel[] =>
  past.book.levels.map(([index, at, shown, taken]) => ({
    index,
    priceMicros: price(BigInt(at)),
    shownMicros: shares(BigInt(shown)),
    takenMicros: shares(BigInt(taken)),
  }));

/** What we took of the books, from the executions themselves: each stored the levels it met and what it took. */
function takenAfter(executions: readonly PastExecution[]): Taken {
  const taken = new Map<string, TakenSide>();
  for (const past of executions) {
    const key = sideKey(past);
    const before = taken.get(key) ?? NOTHING_TAKEN;
    taken.set(key, afterTaking(levelsOf(past), past.sizes, before, isInside(past), past.executedAt));
  }
  return taken;
}

/** Twice as long as a level remembers, so that whatever is still remembered has its own execution among those read. */
const RECALL_MS = 2 * TAKEN_KEPT_MS;

/** Everything that the executor remembers, read from the tables. */
export async function recall(sql: Sql, now: Date): Promise<Memory> {
  const executions = await readExecutionsSince(sql, new Date(now.getTime() - RECALL_MS));
  return { unbooked: await readUnbooked(sql), taken: takenAfter(executions) };
}
