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

/**
 * `INSERT … SELECT … FROM unnest($1::text[], …)`, one parameter per column whatever the number of rows; `before` other
 * parameters stand before them.
 */
export function insertText(table: string, columns: readonly Column[], suffix = '', before = 0): string {
  const names = columns.map(([name]) => identifier(name));
  const selected = columns.map(([, type], i) => (travelsAsText(type) ? `v.c${i}::${type}` : `v.c${i}`));
  const lists = columns.map(([, type], i) => `$${before + i + 1}::${travelsAsText(type) ? 'text' : type}[]`);
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

/** What `insertRows` is told, as data. */
export type Insert = {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly suffix?: string;
};

/**
 * Several inserts in one round trip, all or none: as `insertRows` one after the other, and gives what the last of them
 * returns. No insert sees the rows of another. Where one has more rows than a statement takes, each goes by itself: give
 * a transaction's `sql`.
 *
 * Errors: as `insertRows`.
 */
export async function insertTogether<R>(sql: Sql, inserts: readonly Insert[]): Promise<R[]> {
  const filled = inserts.filter(({ rows }) => rows.length > 0);
  const last = filled.at(-1);
  if (last === undefined) return [];
  let returned: R[] = [];
  if (filled.length === 1 || filled.some(({ rows }) => rows.length > INSERT_ROWS_MAX))
    for (const { table, columns, rows, suffix } of filled)
      returned = await insertRows<R>(sql, table, columns, rows, suffix);
  else {
    const params: Value[][] = [];
    const texts = filled.map(({ table, columns, rows, suffix }) => {
      const text = insertText(table, columns, suffix, params.length);
      params.push(...toLists(columns, rows));
      return text;
    });
    const ctes = texts.slice(0, -1).map((text, i) => `insert_${i} as (${text})`);
    returned = await sql.query<R>(`with ${ctes.join(', ')} ${texts.at(-1)}`, params);
  }
  return last === inserts.at(-1) ? returned : [];
}
