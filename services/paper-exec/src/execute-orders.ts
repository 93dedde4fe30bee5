import { childOf, encode, withHop } from '@slipstream/bus';
import type { OutboxMessage, OutboxRow, Sql } from '@slipstream/db';
import { copyFillPaper, copyOrderPaper } from '@slipstream/proto';
import { type DueOrder, executeBatch, type Outcome, type Taken } from './core/execute-batch.ts';
import { type Booked, type Effect, openFunds } from './core/funds.ts';
import { finalEvent } from './core/order.ts';
import type { Wanted } from './store/funds.ts';

export type ExecutePorts = {
  readonly now: () => Date;
  readonly ignoresVenueRules: () => boolean;
  /** One transaction after the other, whichever process runs it. */
  readonly tx: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Which of these orders still wait. */
  readonly readStillPending: (sql: Sql, orderIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly readBooked: (
    sql: Sql,
    wanted: readonly Wanted[],
    unbooked: readonly Effect[],
  ) => Promise<{ readonly booked: Booked; readonly bookedFillIds: ReadonlySet<string> }>;
  readonly finish: (
    sql: Sql,
    outcomes: readonly Outcome[],
    executedAt: Date,
    messages: readonly OutboxMessage[],
  ) => Promise<OutboxRow[]>;
  readonly publish: (rows: readonly OutboxRow[]) => void;
};

/** What the executor remembers between batches. All of it can be read from the tables again. */
export type Memory = {
  /** Our fills that the ledger did not have when we last looked. */
  readonly unbooked: readonly Effect[];
  readonly taken: Taken;
};

export type Executed = { readonly outcomes: readonly Outcome[]; readonly memory: Memory };

/** The fills, and after them the order's last event: a reader of both knows when it has seen everything. */
function messagesOf({ order, totals, fills }: Outcome, at: Date): OutboxMessage[] {
  const trace = withHop(childOf(order.trace, order.orderId), 'executed');
  return [
    ...fills.map((fill) => encode(copyFillPaper, fill, trace)),
    encode(copyOrderPaper, finalEvent(order, totals, at), trace),
  ];
}

/**
 * Executes orders whose turn has come, in one transaction. Redelivery-safe: only an order that is still PENDING gets
 * an outcome, and its first outcome stands for ever, whatever the book does afterwards.
 *
 * 1. Executions happen one after the other; orders that have an outcome already drop out.
 * 2. Read cash, positions and what is booked in one statement; add our own fills that are not booked yet.
 * 3. Walk the book for each order in turn; each sees what those before it took.
 * 4. Write orders, fills, the books that were used, and all messages. Commit, then publish.
 *
 * Changes nothing in `memory`: the new one is returned, for a commit that succeeded.
 * Errors: whatever the database says; nothing has happened then, or everything has, which locking again finds out.
 */
export async function executeOrders(
  io: ExecutePorts,
  due: readonly DueOrder[],
  memory: Memory,
): Promise<Executed> {
  const result = await io.tx(async (sql) => {
    const pending = await io.readStillPending(
      sql,
      due.map(({ order }) => order.orderId),
    );
    // An order may have been armed twice; it has one turn.
    const left = new Set(pending);
    const mine = due.filter(({ order }) => left.delete(order.orderId));
    if (mine.length === 0) return { outcomes: [], memory, rows: [] };
    const now = io.now();
    const { booked, bookedFillIds } = await io.readBooked(
      sql,
      mine.map(({ order }) => order),
      memory.unbooked,
    );
    const unbooked = memory.unbooked.filter((effect) => !bookedFillIds.has(effect.fillId));
    const funds = openFunds(booked, unbooked);
    const { outcomes, taken } = executeBatch(mine, funds, memory.taken, io.ignoresVenueRules(), now);
    const messages = outcomes.flatMap((outcome) => messagesOf(outcome, now));
    const rows = await io.finish(sql, outcomes, now, messages);
    const effects = outcomes.flatMap((outcome) => outcome.effects);
    return { outcomes, memory: { unbooked: [...unbooked, ...effects], taken }, rows };
  });
  io.publish(result.rows);
  return { outcomes: result.outcomes, memory: result.memory };
}
