import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errors.ts';

/** One folder of `prisma/migrations`. */
export type Migration = {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of `migration.sql`, as Prisma Migrate writes it. */
  readonly checksum: string;
  /** A query with one row per broken promise; null where there is none. */
  readonly check: string | null;
};

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
}

/** The migrations of a folder, oldest first: their names begin with the time of writing. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { name, sql, checksum, check: await readIfThere(join(dir, name, 'check.sql')) };
    }),
  );
}
