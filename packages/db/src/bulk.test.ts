import { describe, expect, test } from 'vitest';
import { type Column, INSERT_ROWS_MAX, insertRows, insertText } from './bulk.ts';
import type { Sql } from './sql.ts';

const COLUMNS = [
  ['id', 'text'],
  ['size_micros', 'bigint'],
  ['reasons', 'text[]'],
  ['hops', 'jsonb'],
] as const satisfies readonly Column[];

function recording(): Sql & { readonly calls: (readonly unknown[])[] } {
  const calls: (readonly unknown[])[] = [];
  return {
    calls,
    query: async (_text, params) => {
      calls.push(params ?? []);
      return [];
    },
  };
}

describe('insertText', () => {
  test('has one parameter per column, whatever the number of rows', () => {
    expect(insertText('paper.paper_fill', COLUMNS, 'on conflict do nothing')).toBe(
      'insert into paper.paper_fill (id, size_micros, reasons, hops) ' +
        'select v.c0, v.c1, v.c2::text[], v.c3::jsonb ' +
        'from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) with ordinality as v(c0, c1, c2, c3, n) ' +
        'order by v.n on conflict do nothing',
    );
  });

  test.each(['a b', 'a;drop', 'A', 'a.b.c', ''])('refuses the table %j', (table) => {
    expect(() => insertText(table, COLUMNS)).toThrow(SyntaxError);
  });
});

describe('insertRows', () => {
  test('asks nothing of the server for no rows', async () => {
    const sql = recording();
    expect(await insertRows(sql, 't', COLUMNS, [])).toEqual([]);
    expect(sql.calls).toEqual([]);
  });

  test('writes arrays and json as one text per row', async () => {
    const sql = recording();
    await insertRows(sql, 't', COLUMNS, [['a', 1n, ['x', 'q"\\'], { seen: 1 }]]);
    expect(sql.calls).toEqual([[['a'], [1n], ['{"x","q\\"\\\\"}'], ['{"seen":1}']]]);
  });

  test('cuts at the largest number of rows in a statement', async () => {
    const sql = recording();
    const rows = Array.from({ length: INSERT_ROWS_MAX + 1 }, (_, i) => [`${i}`, 0n, [], null]);
    await insertRows(sql, 't', COLUMNS, rows);
    expect(sql.calls.map((params) => params.map((list) => Array.isArray(list) && list.length))).toEqual([
      Array(COLUMNS.length).fill(INSERT_ROWS_MAX),
      Array(COLUMNS.length).fill(1),
    ]);
  });

  test('refuses a row of another length', async () => {
    await expect(insertRows(recording(), 't', COLUMNS, [['a', 1n]])).rejects.toThrow(
      '2 values for 4 columns',
    );
  });

  test.each([undefined, {}, () => 1])('refuses %s where a plain value belongs', async (value) => {
    await expect(insertRows(recording(), 't', COLUMNS, [[value, 1n, [], null]])).rejects.toThrow(TypeError);
  });

  test('refuses an undefined json value, which is neither null nor anything', async () => {
    await expect(insertRows(recording(), 't', COLUMNS, [['a', 1n, [], undefined]])).rejects.toThrow(
      TypeError,
    );
  });
});
