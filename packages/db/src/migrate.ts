import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { withConnection } from './connect.ts';
import { messageOf } from './errors.ts';
import { type Migration, readMigrations } from './migration-files.ts';

/** The key that Prisma Migrate locks, so that its command line and this runner exclude each other. */
const LOCK_KEY = 72_707_369;
/** How long we wait for another runner, and a migration for a table that is in use. */
const LOCK_WAIT_MS = 60_000;

const MIGRATIONS_DIR = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

/** Prisma Migrate's own table, as it creates it. */
const HISTORY = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
  migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

/** A migration that cannot be applied; the message says which and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

type Applied = {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
};

/** The migrations that are still to come. @throws MigrationError when the history contradicts the files. */
function stillToApply(migrations: readonly Migration[], history: readonly Applied[]): Migration[] {
  const byName = new Map(history.map((row) => [row.migration_name, row]));
  return migrations.filter(({ name, checksum }) => {
    const row = byName.get(name);
    if (row === undefined) return true;
    if (row.finished_at === null)
      throw new MigrationError(
        `migration ${name} was begun by Prisma and did not finish; mend the database, then \`prisma migrate resolve\``,
      );
    if (row.checksum !== checksum)
      throw new MigrationError(`migration ${name} was edited after it was applied; write a new one instead`);
    return false;
  });
}

/** Runs one migration, its check and its history row as one transaction: it happened in full or not at all. */
async function applyOne(client: Client, { name, sql, check, checksum }: Migration): Promise<void> {
  const id = randomUUID();
  const startedAt = new Date();
  try {
    await client.query('begin');
    await client.query(sql);
    const broken = check === null ? [] : (await client.query<{ problem: string }>(check)).rows;
    if (broken.length > 0) throw new Error(`its check found: ${broken.map((row) => row.problem).join('; ')}`);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [id, checksum, name, startedAt],
    );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, rolled_back_at, logs)
       values ($1, $2, $3, $4, clock_timestamp(), $5)`,
      [id, checksum, name, startedAt, messageOf(cause)],
    );
    throw new MigrationError(`migration ${name} failed and was undone: ${messageOf(cause)}`, { cause });
  }
}

async function applyMissing(client: Client, migrations: readonly Migration[]): Promise<string[]> {
  await client.query('select pg_advisory_lock($1)', [LOCK_KEY]).catch((cause: unknown) => {
    throw new MigrationError(`another migration holds the lock: ${messageOf(cause)}`, { cause });
  });
  await client.query(HISTORY);
  const { rows } = await client.query<Applied>(
    'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
  );
  const missing = stillToApply(migrations, rows);
  for (const migration of missing) await applyOne(client, migration);
  return missing.map(({ name }) => name);
}

/**
 * Brings a database up to date with `prisma/migrations` and gives the names that it applied. It writes the same
 * history as `prisma migrate deploy` and takes the same lock, so any number may run at once and either may follow
 * the other. Unlike it, a migration that fails leaves nothing behind and is tried again next time. Migrations that
 * the folder does not know are left alone: they are a newer version's.
 *
 * Errors: MigrationError, with the reason in its message and the cause attached.
 */
export async function migrate(url: string, dir: string = MIGRATIONS_DIR): Promise<string[]> {
  // The driver's own error would carry the whole text, its password included.
  if (!URL.canParse(url)) throw new MigrationError('the database URL is not a URL');
  const { host } = new URL(url);
  const migrations = await readMigrations(dir);
  const config = {
    connectionString: url,
    application_name: 'slipstream-migrate',
    lock_timeout: LOCK_WAIT_MS,
  };
  return withConnection(config, (client) => applyMissing(client, migrations)).catch((cause: unknown) => {
    if (cause instanceof MigrationError) throw cause;
    throw new MigrationError(`cannot migrate the database at ${host}: ${messageOf(cause)}`, { cause });
  });
}
