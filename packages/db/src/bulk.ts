import type { Sql } from './sql.ts';

/** Rows in one statement: past this a larger statement is no faster, only heavier. */
export const INSERT_ROWS_MAX = 5_000;

/** A column and its PostgreSQL type: `['size_micros', 'bigint']`, `['reasons', 'text[]']`, `['hops', 'jsonb']`. */
export type Column = readonly [name: string, pgType: string];

type Value = string | number | bigint | boolean | Date | null;

const isArray = (pgType: string): boolean => pgType.endsWith('[]');
const isJson = (pgType: string): boolean => pgType === 'jsonb' || pgType === 'json';

/** An array in PostgreSQL's own notation: `{"a","b\"c",NULL}`. */
const arrayLiteral = (items: readonly unknown[]): string =>
  `{${items.map((item) => (item === null ? 'NULL' : `"${String(item).replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;

function encode(value: unknown, pgType: string): Value {
  if (value === null) return null;
  if (isJson(pgType) && value !== undefined) return JSON.stringify(value);
  if (isArray(pgType) && Array.isArray(value)) return arrayLiteral(value);
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      if (value instanceof Date) return value;
      throw new TypeError(
        `a ${typeof value} cannot be stored as ${pgType}; write null where there is nothing`,
      );
  }
}

/**
 * `unnest` flattens arrays of arrays, and takes an array of objects for an array of arrays; so array and json
 * columns travel as text, one text per row, and are cast where they are selected.
 */
const travelsAsText = (pgType: string): boolean => isArray(pgType) || isJson(pgType);

/** Identifiers are written by us, never by a user; this keeps it so. */
function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name))
    throw new SyntaxError(`not an identifier: ${name}`);
  return name;
}

/** `INSERT … SELECT … FROM unnest($1::text[], …)`, one parameter per column whatever the number of rows. */
export function insertText(table: string, columns: readonly Column[], suffix = ''): string {
  const names = columns.map(([name]) => identifier(name));
  const selected = columns.map(([, type], i) => (travelsAsText(type) ? `v.c${i}::${type}` : `v.c${i}`));
  const lists = columns.map(([, type], i) => `$${i + 1}::${travelsAsText(type) ? 'text' : type}[]`);
  const aliases = columns.map((_, i) => `c${i}`);
  return (
    `insert into ${identifier(table)} (${names.join(', ')}) select ${selected.join(', ')} ` +
    `from unnest(${lists.join(', ')}) with ordinality as v(${aliases.join(', ')}, n) order by v.n ${suffix}`
  );
}

/** Rows turned into one list per column. */
function toLists(columns: readonly Column[], rows: readonly (readonly unknown[])[]): Value[][] {
  const lists: Value[][] = columns.map(() => []);
  for (const row of rows) {
    if (row.length !== columns.length)
      throw new RangeError(`a row has ${row.length} values for ${columns.length} columns`);
    columns.forEach(([, pgType], i) => {
      lists[i]?.push(encode(row[i], pgType));
    });
  }
  return lists;
}

/**
 * Inserts many rows at the speed of few statements, and keeps their order. `rows` hold their values in the order of
 * `columns`; `suffix` is what follows, such as `on conflict do nothing returning trade_id`. More rows than
 * `INSERT_ROWS_MAX` take several statements: give a transaction's `sql` where all or none must be there.
 *
 * Errors: a value of a type that no column holds, a row of the wrong length, and what PostgreSQL says.
 */
export async function insertRows<R>(
  sql: Sql,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
  suffix?: string,
): Promise<R[]> {
  const text = insertText(table, columns, suffix);
  const returned: R[] = [];
  for (let from = 0; from < rows.length; from += INSERT_ROWS_MAX) {
    const lists = toLists(columns, rows.slice(from, from + INSERT_ROWS_MAX));
    for (const row of await sql.query<R>(text, lists)) returned.push(row);
  }
  return returned;
}
