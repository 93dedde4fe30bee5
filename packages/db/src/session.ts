import { Client } from 'pg';
import { STATEMENT_WAIT_MS } from './pool.ts';
import type { Sql } from './sql.ts';

const CONNECT_WAIT_MS = 5_000;
/** The server notices within some ten seconds that our machine is gone, and lets our locks go. */
const KEEPALIVE = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3';

export type SessionOptions = {
  readonly url: string;
  readonly name: string;
  /** Told once, when the connection is lost without our asking: what was held by it is not held any more. */
  readonly onLost: () => void;
};

/** One connection of one's own, for what lives as long as it does: advisory locks. */
export type Session = Pick<Sql, 'query'> & { close(): Promise<void> };

/** Errors: rejects when the server cannot be reached or refuses the role. */
export async function openSession({ url, name, onLost }: SessionOptions): Promise<Session> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_WAIT_MS,
    statement_timeout: STATEMENT_WAIT_MS,
    query_timeout: STATEMENT_WAIT_MS,
    keepAlive: true,
    options: KEEPALIVE,
  });
  let ended = false;
  const lose = (): void => {
    if (ended) return;
    ended = true;
    onLost();
  };
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  return {
    query: async (text, params) => (await client.query(text, params && [...params])).rows,
    close: async () => {
      ended = true;
      await client.end();
    },
  };
}
