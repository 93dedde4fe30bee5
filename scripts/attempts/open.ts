import { join } from 'node:path';
import { type Database, openDatabase } from '@slipstream/db';
import { Refusal, readLiveRun } from '@slipstream/stack';
import type { AttemptFlags } from './flags.ts';

const POOL_MAX = 2;

/** Opens the database of the system that runs on the data folder, or the one that is named. Errors: Refusal. */
export async function openAttempts({
  dataDir,
  database,
}: Pick<AttemptFlags, 'dataDir' | 'database'>): Promise<Database> {
  const run = database === null ? await readLiveRun(join(dataDir, 'run.json')) : null;
  const url = database ?? run?.postgres.url;
  if (url === undefined)
    throw new Refusal(
      `Slipstream does not run on ${dataDir}; start it with npm start, or name a database with --database URL.`,
    );
  try {
    return await openDatabase({ url, name: 'replay', poolMax: POOL_MAX });
  } catch (error) {
    if (database === null) throw error;
    // The URL may hold a password, so it is not repeated.
    throw new Refusal(
      `The database cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
