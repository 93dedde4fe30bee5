import { type Cable, startCable, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from './client.ts';

let server: TestServer;
let cable: Cable;
let db: Database;
const warn = vi.fn();

beforeAll(async () => {
  server = await startTestPostgres();
  cable = await startCable(server.url);
  db = await openDatabase({ url: cable.url, name: 'outage-test', poolMax: 3, log: { warn } });
});

afterAll(async () => {
  await db?.close();
  await cable?.cut();
  await server?.stop();
});

test('statements reject during an outage and work after it, without anybody’s help', async () => {
  await Promise.all([1, 2, 3].map(() => db.query('select pg_sleep(0.05)')));
  await cable.cut();
  await expect(db.query('select 1')).rejects.toThrow();
  await expect(db.tx((sql) => sql.query('select 1'))).rejects.toThrow();
  expect(await db.healthy()).toMatchObject({ ok: false });

  await cable.mend();
  expect(await db.query('select 1 as n')).toEqual([{ n: 1 }]);
  expect(await db.healthy()).toMatchObject({ ok: true });
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ error: expect.any(String) }),
    'db.connection-lost',
  );
});

test('a transaction that is cut rejects, and its connection is not used again', async () => {
  const cutHalfway = db.tx(async (sql) => {
    await sql.query('select 1');
    await cable.cut();
    await sql.query('select 2');
  });
  await expect(cutHalfway).rejects.toThrow();
  await cable.mend();
  expect(await db.tx((sql) => sql.query('select 3 as n'))).toEqual([{ n: 3 }]);
});

test('a server that ends every connection, as a restart does, is met with new ones', async () => {
  const ended = db.query('select pg_sleep(20)');
  const refused = expect(ended).rejects.toThrow('terminating connection');
  const admin = await openDatabase({ url: server.url, name: 'admin', poolMax: 1 });
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'outage-test'`;
  await vi.waitUntil(async () => (await admin.query(end)).length > 0);
  await refused;
  expect(await db.query('select 4 as n')).toEqual([{ n: 4 }]);
  await admin.close();
});
