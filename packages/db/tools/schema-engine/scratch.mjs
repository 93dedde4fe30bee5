import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { datasource } from './arguments.mjs';
import { urlOf, withClient, withMaintenance } from './connection.mjs';

const made = new Set();

async function drop(name) {
  await withMaintenance(datasource.url, (c) => c.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  made.delete(name);
}

const SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'";

/** Empties the database that the user named for this; it is emptied again at the next use. */
async function useShadow(url) {
  if (url === datasource.url) throw new Error('the shadow database must not be the main database');
  await withClient(url, async (c) => {
    const { rows } = await c.query(SCHEMAS);
    for (const { nspname } of rows) await c.query(`DROP SCHEMA ${pg.escapeIdentifier(nspname)} CASCADE`);
    await c.query('CREATE SCHEMA public');
  });
  return { url, drop: async () => {} };
}

/** An empty database to replay migrations in, away from real data: `{ url, drop }`. */
export async function makeScratchDatabase() {
  if (datasource.shadowDatabaseUrl) return useShadow(datasource.shadowDatabaseUrl);
  const name = `prisma_shadow_${randomUUID().slice(0, 8)}`;
  await withMaintenance(datasource.url, (c) => c.query(`CREATE DATABASE ${name}`));
  made.add(name);
  return { url: urlOf(datasource.url, name), drop: () => drop(name).catch(() => undefined) };
}

/** Whatever an interrupted command has left. */
export const dropScratchDatabases = () => Promise.allSettled([...made].map(drop));
