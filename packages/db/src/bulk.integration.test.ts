import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INSERT_ROWS_MAX, insertRows } from './bulk.ts';
import { type Database, openDatabase } from './client.ts';

let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  db = await openDatabase({ url: server.url, name: 'bulk-test', poolMax: 2 });
});

afterAll(async () => {
  await db?.close();
  await server?.stop();
});

describe('insertRows', () => {
  test('brings every kind of value through unchanged', async () => {
    await db.query(
      'create table kinds (id text primary key, big bigint, n int, ok bool, at timestamptz(3), texts text[], bigs bigint[], body jsonb)',
    );
    const columns = [
      ['id', 'text'],
      ['big', 'bigint'],
      ['n', 'integer'],
      ['ok', 'boolean'],
      ['at', 'timestamptz'],
      ['texts', 'text[]'],
      ['bigs', 'bigint[]'],
      ['body', 'jsonb'],
    ] as const;
    const rows = [
      [
        'a',
        9007199254740993n,
        1,
        true,
        new Date(1),
        ['x', '', 'NULL', 'q"\\{},'],
        [1n, 2n],
        { a: ['"'], b: null },
      ],
      ['b', -1n, -1, false, new Date(2), [], [], [1, 'two', [3]]],
      ['c', null, null, null, null, null, null, null],
      ['d', 0n, 0, true, new Date(3), ['one'], [7n], 'a text'],
    ];
    await insertRows(db, 'kinds', columns, rows);
    const back = await db.query<Record<string, unknown>>('select * from kinds order by id');
    expect(back.map((row) => columns.map(([name]) => row[name]))).toEqual(rows);
  });

  test('keeps what is there and returns what is new, in the order of the rows', async () => {
    await db.query('create table once_only (id text primary key, seq bigserial)');
    const insert = (...ids: readonly string[]) =>
      insertRows<{ id: string }>(
        db,
        'once_only',
        [['id', 'text']],
        ids.map((id) => [id]),
        'on conflict do nothing returning id',
      );
    expect(await insert('c', 'a', 'b')).toEqual([{ id: 'c' }, { id: 'a' }, { id: 'b' }]);
    expect(await insert('b', 'e', 'a', 'd', 'e')).toEqual([{ id: 'e' }, { id: 'd' }]);
    const stored = await db.query<{ id: string }>('select id from once_only order by seq');
    expect(stored.map(({ id }) => id)).toEqual(['c', 'a', 'b', 'e', 'd']);
  });

  test('is all or nothing in a transaction, however many statements it takes', async () => {
    await db.query('create table numbers (n bigint primary key)');
    const rows = Array.from({ length: INSERT_ROWS_MAX + 1 }, (_, n) => [BigInt(n)]);
    const twice = [...rows, [0n]];
    await expect(db.tx((sql) => insertRows(sql, 'numbers', [['n', 'bigint']], twice))).rejects.toThrow(
      'duplicate',
    );
    expect(await db.query('select count(*) as n from numbers')).toEqual([{ n: 0n }]);
  });

  test('brings more rows than one statement takes', async () => {
    await db.query('create table many (n bigint primary key)');
    const rows = Array.from({ length: 2 * INSERT_ROWS_MAX + 1 }, (_, n) => [BigInt(n)]);
    await db.tx((sql) => insertRows(sql, 'many', [['n', 'bigint']], rows));
    expect(await db.query('select count(*) as n from many')).toEqual([{ n: BigInt(rows.length) }]);
  });
});
