import { readFileSync } from 'node:fs';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { MigrationPg } from './adapter.mjs';
import { datasource, schemaFiles } from './arguments.mjs';

const GLUE = './schema_engine_bg.js';
const entry = import.meta.resolve('@prisma/schema-engine-wasm');
const glue = await import(new URL(GLUE, entry));
// The package's own entry imports the .wasm as a module, which Node does only behind a flag.
const module = new WebAssembly.Module(readFileSync(new URL('schema_engine_bg.wasm', entry)));
const { exports } = new WebAssembly.Instance(module, { [GLUE]: glue });
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message(message) {
    throw new Error(`schema engine panic: ${message}`);
  },
};
glue.__wbg_set_wasm(exports);
exports.__wbindgen_start();

export const engineVersion = () => glue.version();

/** An engine that looks at the database behind `url`. */
export function openEngine(url) {
  const schema = new URL(url).searchParams.get('schema');
  const factory = new MigrationPg({ connectionString: url }, schema === null ? undefined : { schema });
  return glue.SchemaEngine.new({ datamodels: schemaFiles() }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
}

const NOWHERE = 'postgresql://127.0.0.1:1/none';
let main;

/** The engine of the main database, opened at the first question that needs it. */
export function mainEngine() {
  main ??= openEngine(datasource.url ?? NOWHERE);
  return main;
}
