import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { types } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { migrate } from './migrate.ts';
import type { TxOptions } from './sql.ts';
import { TX_ATTEMPTS_MAX } from './transaction.ts';

let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'client-test', poolMax: 4 });
  await db.query('create table counter (id int primary key, n bigint not null)');
  await db.query('insert into counter values (1, 0), (2, 0)');
});

afterAll(async () => {
  await db?.close();
  await server?.stop();
});

const counted = async (id: number): Promise<bigint | undefined> =>
  (await db.query<{ n: bigint }>('select n from counter where id = $1', [id]))[0]?.n;

/** Four at once read a count and write it back raised by one. */
async function addFourTimes(options: TxOptions): Promise<void> {
  await db.query('update counter set n = 0 where id = 2');
  const add = () =>
    db.tx(async (sql) => {
      const [row] = await sql.query<{ n: bigint }>('select n from counter where id = 2');
      await sql.query('update counter set n = $1 where id = 2', [(row?.n ?? 0n) + 1n]);
    }, options);
  await Promise.all([add(), add(), add(), add()]);
}

describe('values', () => {
  test('come back exact and typed', async () => {
    const [row] = await db.query(
      `select 9007199254740993::int8 as big, '{1,null,-9223372036854775808}'::int8[] as list, 0.1::numeric as exact,
         '2026-01-02T03:04:05.678Z'::timestamptz as at, '{"a":[1]}'::jsonb as body, '{x,y}'::text[] as texts`,
    );
    expect(row).toEqual({
      big: 9007199254740993n,
      list: [1n, null, -9223372036854775808n],
      exact: '0.1',
      at: new Date('2026-01-02T03:04:05.678Z'),
      body: { a: [1] },
      texts: ['x', 'y'],
    });
  });

  test('go in as they are', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const [row] = await db.query('select $1::int8 as big, $2::timestamptz as at, $3::int8[] as list', [
      -5n,
      at,
      [1n, 2n],
    ]);
    expect(row).toEqual({ big: -5n, at, list: [1n, 2n] });
  });

  test('leave the driver’s own parsers alone', () => {
    expect(types.getTypeParser(types.builtins.INT8, 'text')('1')).toBe('1');
  });
});

describe('a connection', () => {
  test('says who it is and does not wait for ever', async () => {
    const [row] = await db.query(
      `select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
         current_setting('lock_timeout') as lock`,
    );
    expect(row).toEqual({ name: 'client-test', statement: '30s', lock: '10s' });
  });

  test('is refused where there is no server', async () => {
    const url = 'postgresql://nobody@127.0.0.1:1/none';
    await expect(openDatabase({ url, name: 'x', poolMax: 1 })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a database that prepares', () => {
  test('finds rows by index in a table that was empty when the plan was made', async () => {
    const own = await openDatabase({ url: server.url, name: 'planning', poolMax: 1, prepare: true });
    const ask = 'select n from grown where id = any($1::int[])';
    await own.query('create table grown (id int primary key, n int not null)');
    for (let times = 0; times < 10; times++) await own.query(ask, [[times]]);
    await own.query('insert into grown select i, i from generate_series(1, 5000) i');
    const plan = await own.query<Readonly<Record<string, string>>>(
      `explain execute ${(await own.query<{ name: string }>('select name from pg_prepared_statements where statement = $1', [ask]))[0]?.name}('{7}')`,
    );
    await own.close();
    expect(plan.map((row) => row['QUERY PLAN']).join(' ')).toMatch(/Index Scan using grown_pkey/);
  });

  test('asks the same as one that does not, on every connection, and after an error', async () => {
    const own = await openDatabase({ url: server.url, name: 'preparing', poolMax: 2, prepare: true });
    try {
      const ask = (n: number) => own.query('select $1::int + 1 as next', [n]);
      for (let n = 0; n < 10; n += 1) expect(await ask(n)).toEqual([{ next: n + 1 }]);
      await expect(own.query('select 1 / $1::int', [0])).rejects.toThrow('division');
      await expect(own.query('select 1 / $1::int', [0])).rejects.toThrow('division');
      await expect(own.query('select 1 / $1::int', [0])).rejects.toThrow('division');
      expect(await own.query('select 4 / $1::int as half', [2])).toEqual([{ half: 2 }]);
      const both = await Promise.all([ask(1), own.tx((sql) => sql.query('select $1::int + 1 as next', [2]))]);
      expect(both).toEqual([[{ next: 2 }], [{ next: 3 }]]);
      const [row] = await own.tx((sql) =>
        sql.query<{ n: number }>('select count(*)::int as n from pg_prepared_statements where name like $1', [
          'slip_%',
        ]),
      );
      expect(row?.n).toBeGreaterThan(0);
    } finally {
      await own.close();
    }
  });
});

describe('tx', () => {
  test('with a lock runs alone, from its first statement on', async () => {
    await addFourTimes({ lock: { space: 1, key: -2 } });
    expect(await counted(2)).toBe(4n);
    await expect(db.tx(async () => undefined, { lock: { space: 2 ** 40, key: 0 } })).rejects.toThrow(
      RangeError,
    );
    expect(await counted(2)).toBe(4n);
  });

  test('keeps all or nothing', async () => {
    await db.tx((sql) => sql.query('update counter set n = 7 where id = 1'));
    const failing = db.tx(async (sql) => {
      await sql.query('update counter set n = 8 where id = 1');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await counted(1)).toBe(7n);
  });

  test('rejects when a statement failed and the work kept quiet about it', async () => {
    const quiet = db.tx(async (sql) => {
      await sql.query('update counter set n = 9 where id = 1');
      await sql.query('select 1 / 0').catch(() => undefined);
    });
    await expect(quiet).rejects.toThrow('ROLLBACK');
    expect(await counted(1)).toBe(7n);
  });

  test('runs statements in the order in which they were asked, awaited or not', async () => {
    const rows = await db.tx((sql) =>
      Promise.all([1, 2, 3].map((n) => sql.query('select $1::int as n', [n]))),
    );
    expect(rows).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
  });

  test('lends its `sql` for its own time only', async () => {
    const sql = await db.tx(async (lent) => lent);
    await expect(sql.query('select 1')).rejects.toThrow('has ended');
  });

  test('refuses to write when it is read only', async () => {
    const writing = db.tx((sql) => sql.query('update counter set n = 1'), { readOnly: true });
    await expect(writing).rejects.toThrow('read-only');
  });

  test('begins again after a deadlock, so that both get through', async () => {
    const before = [await counted(1), await counted(2)];
    const both = Promise.withResolvers<void>();
    let first = 0;
    const crossing = (ids: readonly [number, number]) =>
      db.tx(async (sql) => {
        await sql.query('update counter set n = n + 1 where id = $1', [ids[0]]);
        if (++first === 2) both.resolve();
        await both.promise;
        await sql.query('update counter set n = n + 1 where id = $1', [ids[1]]);
      });
    await Promise.all([crossing([1, 2]), crossing([2, 1])]);
    expect([await counted(1), await counted(2)]).toEqual(before.map((n) => (n ?? 0n) + 2n));
  });

  test('counts right when four add at once under serializable isolation', async () => {
    await addFourTimes({ isolation: 'serializable' });
    expect(await counted(2)).toBe(4n);
  });

  test('gives up after a fixed number of conflicts', async () => {
    let begun = 0;
    const hopeless = db.tx(async (sql) => {
      begun++;
      await sql.query(`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`);
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40001' });
    expect(begun).toBe(TX_ATTEMPTS_MAX);
  });
});

describe('prisma', () => {
  test('reads over the same pool, with its own types', async () => {
    await db.query(
      `insert into portfolio.account values ('PAPER', 'EXEC_GLOBAL', 9007199254740993, 1, 2, 3, 4, now())`,
    );
    const prisma = await db.prisma();
    const account = await prisma.account.findUnique({
      where: { mode_scope: { mode: 'PAPER', scope: 'EXEC_GLOBAL' } },
    });
    expect(account).toMatchObject({ cashMicros: 9007199254740993n, version: 4n });
    expect(await db.prisma()).toBe(prisma);
  });
});

test('closes with a prisma client in use', async () => {
  const other = await openDatabase({ url: server.url, name: 'closing', poolMax: 1 });
  expect(await (await other.prisma()).leader.count()).toBe(0);
  await other.close();
  await expect(other.query('select 1')).rejects.toThrow();
});
