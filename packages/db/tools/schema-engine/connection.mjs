import pg from 'pg';

/** Runs `work` on a connection of its own. */
export async function withClient(url, work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const databaseName = (url) => decodeURIComponent(new URL(url).pathname.slice(1));

/** The same server and role, another database. */
export function urlOf(url, database) {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}

/** Runs `work` beside the database, in one that is always there, so that it can be created or dropped. */
export const withMaintenance = (url, work) => withClient(urlOf(url, 'postgres'), work);
