import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { datasource } from './arguments.mjs';
import { databaseName, withClient, withMaintenance } from './connection.mjs';
import { makeScratchDatabase } from './scratch.mjs';
import { mainEngine, openEngine } from './wasm.mjs';

const CHANGED = 2;
const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** Replays the migrations into a scratch database and asks an engine that looks at it. */
async function afterMigrations(migrationsList, ask) {
  const scratch = await makeScratchDatabase();
  try {
    const engine = await openEngine(scratch.url);
    await engine.applyMigrations({ migrationsList, filters: NO_FILTERS });
    return await ask(engine);
  } finally {
    await scratch.drop();
  }
}

/** What leads from the database that `engine` looks at to the schema files. */
const diffToSchema = (engine, files, rest) =>
  engine.diff({
    ...rest,
    from: { tag: 'schemaDatasource', files, configDir: process.cwd() },
    to: { tag: 'schemaDatamodel', files },
    script: true,
  });

function print(content) {
  const request = { jsonrpc: '2.0', id: randomUUID(), method: 'print', params: { content } };
  process.stdout.write(`${JSON.stringify(request)}\n`);
}

/**
 * What the WebAssembly build cannot answer for PostgreSQL, since it wants a shadow database from elsewhere, and what
 * it leaves to the program around it. Everything else goes to the engine as it is.
 */
const methods = {
  async createMigration({ schema, migrationsList, migrationName, draft, filters }) {
    const { exitCode, stdout } = await afterMigrations(migrationsList, (engine) =>
      diffToSchema(engine, schema.files, { exitCode: true, filters }),
    );
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const empty = draft ? '-- This is an empty migration.' : null;
    return {
      connectorType: 'postgresql',
      generatedMigrationName: migrationName ? `${stamp}_${migrationName}` : stamp,
      migrationScript: exitCode === CHANGED ? stdout : empty,
      extension: 'sql',
    };
  },

  async diff(params) {
    const { from, to, exitCode, filters } = params;
    const replay = from.tag === 'migrations' && to.tag === 'schemaDatamodel';
    const result = replay
      ? await afterMigrations(from, (engine) => diffToSchema(engine, to.files, { exitCode, filters }))
      : await (await mainEngine()).diff(params);
    if (result.stdout) print(result.stdout.replace(/\n$/, ''));
    return { exitCode: result.exitCode };
  },

  async evaluateDataLoss(params) {
    try {
      return await afterMigrations(params.migrationsList, (engine) => engine.evaluateDataLoss(params));
    } catch {
      return (await mainEngine()).evaluateDataLoss(params);
    }
  },

  async getDatabaseVersion() {
    return (await mainEngine()).version();
  },

  async ensureConnectionValidity() {
    await withClient(datasource.url, () => undefined);
    return {};
  },

  async createDatabase() {
    const name = databaseName(datasource.url);
    await withMaintenance(datasource.url, (c) => c.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
    return { databaseName: name };
  },

  async dbExecute({ datasourceType, script }) {
    await withClient(datasourceType.url ?? datasource.url, (c) => c.query(script));
    return null;
  },
};

/** Answers one request of the protocol. */
export async function answer(method, params) {
  const own = methods[method];
  return own ? own(params) : (await mainEngine())[method](params);
}
