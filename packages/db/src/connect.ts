import { Client, type ClientConfig } from 'pg';
import { onceStarted } from './starting.ts';

const CONNECT_WAIT_MS = 10_000;

/** One connection for administration, outside any pool; `work` has it for its own time. */
export async function withConnection<T>(
  config: ClientConfig,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  // A client connects once in its life, so each try takes a new one.
  const client = await onceStarted(async () => {
    const next = new Client({ connectionTimeoutMillis: CONNECT_WAIT_MS, ...config });
    // Whatever is under way reports a loss itself; an unheard event would end the process.
    next.on('error', () => undefined);
    await next.connect();
    return next;
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
