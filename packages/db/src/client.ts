import { messageOf } from './errors.ts';
import type { PrismaClient } from './generated/client.ts';
import { openPool, type PoolOptions } from './pool.ts';
import { createPreparing, PREPARED_SETTINGS, unprepared } from './prepared.ts';
import type { Sql, TxOptions } from './sql.ts';
import { onceStarted } from './starting.ts';
import { runInTransaction } from './transaction.ts';

/** The oldest server that knows `nulls not distinct`. */
const SERVER_LEAST = 15;

export type DatabaseOptions = PoolOptions & {
  /** Whether statements that come again are kept prepared: right where few statements are asked all the time. */
  readonly prepare?: boolean;
};
export type DatabaseHealth = { readonly ok: boolean; readonly detail: string };

/** One service's door to its own tables and to what it may read: the role in the URL decides which those are. */
export type Database = Sql & {
  /** See `runInTransaction`: retried as a whole after a conflict, so `work` only runs statements. */
  tx<T>(work: (sql: Sql) => Promise<T>, options?: TxOptions): Promise<T>;
  /** Typed reads over the same connections; loaded at the first call, since a service may live without it. */
  prisma(): Promise<PrismaClient>;
  /** Whether the server answers right now; never rejects. */
  healthy(): Promise<DatabaseHealth>;
  close(): Promise<void>;
};

async function requireServer(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  );
  const major = row?.major ?? 0;
  if (major < SERVER_LEAST)
    throw new Error(`PostgreSQL ${major} is too old: Slipstream needs ${SERVER_LEAST} or newer`);
}

/**
 * Opens a pool and proves that it works. After an outage of the server later statements succeed by themselves;
 * those during the outage reject.
 *
 * Errors: rejects when the server cannot be reached, refuses the role, or is older than PostgreSQL 15.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const settings = options.prepare === true ? PREPARED_SETTINGS : {};
  const pool = openPool({ ...options, settings });
  let prisma: Promise<PrismaClient> | undefined;
  const prepare = options.prepare === true ? createPreparing() : unprepared;
  const query: Sql['query'] = async (text, params) =>
    (await pool.query(params === undefined ? { text } : prepare(text, params))).rows;
  const close = async (): Promise<void> => {
    await (await prisma)?.$disconnect();
    await pool.end();
  };
  try {
    await onceStarted(() => requireServer({ query }));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    query,
    tx: (work, txOptions) => runInTransaction(pool, work, txOptions, prepare),
    prisma: () => {
      prisma ??= import('./prisma.ts').then(({ prismaOver }) => prismaOver(pool));
      return prisma;
    },
    healthy: () =>
      query('select 1').then(
        () => ({ ok: true, detail: `${pool.totalCount} connections, ${pool.waitingCount} waiting` }),
        (error: unknown) => ({ ok: false, detail: messageOf(error) }),
      ),
    close,
  };
}
