import { Pool, types } from 'pg';
import type { DatabaseLog } from './sql.ts';

/** The server ends a statement that runs longer. */
export const STATEMENT_WAIT_MS = 30_000;
/** The server ends a session that holds a transaction open and says nothing. */
export const IDLE_TX_WAIT_MS = 60_000;
/** The server ends a statement that waits longer for a lock. */
export const LOCK_WAIT_MS = 10_000;
/** We give up on a server that does not even report the end of a statement: its host is gone. */
const ANSWER_WAIT_MS = STATEMENT_WAIT_MS + 5_000;
/** How long a statement waits for a free or new connection. */
const CONNECT_WAIT_MS = 5_000;
const IDLE_CONNECTION_MS = 60_000;

const INT8 = types.builtins.INT8;
/** Array types; the driver's list of names has no entry for them. */
const INT8_ARRAY: number = 1016;
const TEXT_ARRAY: number = 1009;
const parseTextArray = types.getTypeParser(TEXT_ARRAY, 'text');

const parseInt8 = (digits: string): bigint => BigInt(digits);
const parseInt8Array = (literal: string): (bigint | null)[] =>
  parseTextArray(literal).map((digits: string | null) => (digits === null ? null : BigInt(digits)));

/**
 * The parsers of one pool. They are not set on the driver itself, which would change every other user of it in
 * this process, Prisma's adapter included.
 */
const parsers: NonNullable<ConstructorParameters<typeof Pool>[0]>['types'] = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8) return parseInt8;
    if (format !== 'binary' && oid === INT8_ARRAY) return parseInt8Array;
    return types.getTypeParser(oid, format ?? 'text');
  },
};

export type PoolOptions = {
  readonly url: string;
  /** Shown by the server for each connection (`application_name`). */
  readonly name: string;
  readonly poolMax: number;
  /** Settings of the server for every connection, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: DatabaseLog;
};

/** A pool whose connections are bounded in every wait and whose errors never end the process. */
export function openPool({ url, name, poolMax, settings = {}, log }: PoolOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: name,
    max: poolMax,
    options: Object.entries(settings)
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(' '),
    types: parsers,
    statement_timeout: STATEMENT_WAIT_MS,
    query_timeout: ANSWER_WAIT_MS,
    lock_timeout: LOCK_WAIT_MS,
    idle_in_transaction_session_timeout: IDLE_TX_WAIT_MS,
    connectionTimeoutMillis: CONNECT_WAIT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    keepAlive: true,
  });
  const lost = (error: Error): void => log?.warn({ error: error.message }, 'db.connection-lost');
  // Idle connections report through the pool; one that is in use reports on itself, and an unheard 'error' event
  // would end the process. The pool drops a lost connection and makes a new one for the next statement.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
