import { setTimeout as wait } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { isSerializationFailure } from './errors.ts';
import { type Preparing, unprepared } from './prepared.ts';
import type { Sql, TxOptions } from './sql.ts';

/** Times that a transaction is begun before a conflict with others is the caller's to see. */
export const TX_ATTEMPTS_MAX = 5;
const RETRY_FIRST_MS = 5;

/** One statement after the other on one connection, however the caller awaits them. */
function sqlOn(client: PoolClient, prepare: Preparing): Sql & { ended(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let open = true;
  return {
    query: (text, params) => {
      if (!open)
        return Promise.reject(new Error('the transaction has ended; its `sql` must not be used after'));
      const next = last.then(
        async () => (await client.query(params === undefined ? { text } : prepare(text, params))).rows,
      );
      last = next.catch(() => undefined);
      return next;
    },
    ended: async () => {
      open = false;
      await last;
    },
  };
}

/** Errors: RangeError for what is no int4; it is written into a statement that takes no parameters. */
function int4(value: number): string {
  if ((value | 0) !== value) throw new RangeError(`not an int4: ${value}`);
  return value.toString();
}

const beginText = ({ isolation, readOnly, lock }: TxOptions): string =>
  `begin isolation level ${isolation ?? 'read committed'}${readOnly === true ? ' read only' : ''}${
    lock === undefined ? '' : `; select pg_advisory_xact_lock(${int4(lock.space)}, ${int4(lock.key)})`
  }`;

async function runOnce<T>(
  pool: Pool,
  work: (sql: Sql) => Promise<T>,
  options: TxOptions,
  prepare: Preparing,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(beginText(options));
    const sql = sqlOn(client, prepare);
    const result = await work(sql).finally(sql.ended);
    // A failed statement whose error the work swallowed leaves PostgreSQL to answer COMMIT with ROLLBACK.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT')
      throw new Error(`the transaction ended with ${command}: a statement in it had failed`);
    return result;
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. The work is begun again,
 * from its first statement, after a serialization failure or a deadlock, so it must do nothing but run statements.
 *
 * Errors: whatever `work` rejects with; the conflict itself after `TX_ATTEMPTS_MAX` attempts.
 */
export async function runInTransaction<T>(
  pool: Pool,
  work: (sql: Sql) => Promise<T>,
  options: TxOptions = {},
  prepare: Preparing = unprepared,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(pool, work, options, prepare);
    } catch (error) {
      if (attempt >= TX_ATTEMPTS_MAX || !isSerializationFailure(error)) throw error;
      // Unequal pauses, so that two that met do not meet again.
      await wait(RETRY_FIRST_MS * 2 ** attempt * Math.random());
    }
  }
}
