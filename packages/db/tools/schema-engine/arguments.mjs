import { readFileSync } from 'node:fs';

const given = process.argv.slice(2);

/** Every word of the command line. */
export const options = new Set(given);

/** The words that follow each `name`. */
export const valuesOf = (name) => given.flatMap((word, at) => (word === name ? [given[at + 1]] : []));

/** `{ url, shadowDatabaseUrl? }` as prisma.config.ts says it. */
export const datasource = JSON.parse(valuesOf('--datasource')[0] ?? '{}');

const EMPTY = [['empty.prisma', 'datasource db {\n  provider = "postgresql"\n}\n']];

/** The schema files as `[path, text]`; commands that need none get an empty one, which the engine insists on. */
export function schemaFiles() {
  const files = valuesOf('--datamodels').map((path) => [path, readFileSync(path, 'utf8')]);
  return files.length > 0 ? files : EMPTY;
}
