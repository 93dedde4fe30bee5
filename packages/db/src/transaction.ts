import { setTimeout as wait } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { isSerializationFailure } from './errors.ts';
import type { Sql, TxOptions } from './sql.ts';

/** Times that a transaction is begun before a conflict with others is the caller's to see. */
export const TX_ATTEMPTS_MAX = 5;
const RETRY_FIRST_MS = 5;

/** One statement after the other on one connection, however the caller awaits them. */
function sqlOn(client: PoolClient): Sql & { ended(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let open = true;
  return {
    query: (text, params) => {
      if (!open)
        return Promise.reject(new Error('the transaction has ended; its `sql` must not be used after'));
      const next = last.then(async () => (await client.query(text, params && [...params])).rows);
      last = next.catch(() => undefined);
      return next;
    },
    ended: async () => {
      open = false;
      await last;
    },
  };
}

const beginText = ({ isolation, readOnly }: TxOptions): string =>
  `begin isolation level ${isolation ?? 'read committed'}${readOnly === true ? ' read only' : ''}`;

async function runOnce<T>(pool: Pool, work: (sql: Sql) => Promise<T>, options: TxOptions): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(beginText(options));
    const sql = sqlOn(client);
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
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(pool, work, options);
    } catch (error) {
      if (attempt >= TX_ATTEMPTS_MAX || !isSerializationFailure(error)) throw error;
      // Unequal pauses, so that two that met do not meet again.
      await wait(RETRY_FIRST_MS * 2 ** attempt * Math.random());
    }
  }
}
