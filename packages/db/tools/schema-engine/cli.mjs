import pg from 'pg';
import { datasource } from './arguments.mjs';
import { databaseName, withClient, withMaintenance } from './connection.mjs';

/** Prisma's names for what went wrong. */
const CODES = { '3D000': 'P1003', '28P01': 'P1000', ECONNREFUSED: 'P1001', '42P04': 'P1009' };
const CODE_OTHERWISE = 'P1001';

const { url } = datasource;
const commands = {
  'can-connect-to-database': () => withClient(url, () => undefined),
  'create-database': () =>
    withMaintenance(url, (c) => c.query(`CREATE DATABASE ${pg.escapeIdentifier(databaseName(url))}`)),
  'drop-database': () =>
    withMaintenance(url, (c) => c.query(`DROP DATABASE ${pg.escapeIdentifier(databaseName(url))} WITH (FORCE)`)),
};

/** One command, its answer in the exit code, and an error as one line of JSON on stderr. */
export async function runCli(command) {
  try {
    await commands[command]?.();
  } catch (error) {
    const fields = {
      message: error.message || error.code,
      error_code: CODES[error.code] ?? CODE_OTHERWISE,
      is_panic: false,
    };
    process.stderr.write(`\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}`);
    process.exitCode = 1;
  }
}
