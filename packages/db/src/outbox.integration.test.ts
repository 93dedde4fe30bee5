import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { migrate } from './migrate.ts';
import { type OutboxMessage, outboxOf } from './outbox.ts';

const outbox = outboxOf('ingest');
let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'outbox-test', poolMax: 4 });
});

afterAll(async () => {
  await db?.close();
  await server?.stop();
});

const aMessage = (n: number): OutboxMessage => ({
  channel: 'copyLeaderTrade',
  subject: `copy.leader.trade.${n}`,
  messageId: n % 2 === 0 ? `id-${n}` : null,
  headers: { correlation: `"${n}"` },
  payload: `{"n":${n}}`,
});

describe('outboxOf', () => {
  test('gives messages back as they were, in their order', async () => {
    const messages = Array.from({ length: 50 }, (_, n) => aMessage(n));
    const appended = await db.tx((sql) => outbox.append(sql, messages));
    const seqs = appended.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => (a < b ? -1 : 1)));
    expect(appended.map(({ seq: _, ...message }) => message)).toEqual(messages);
    expect(await outbox.store(db).pending(100)).toEqual(appended);
    expect(await outbox.store(db).pending(2)).toEqual(appended.slice(0, 2));
  });

  test('forgets what is removed and nothing else', async () => {
    const store = outbox.store(db);
    const [first, second, ...rest] = await store.pending(100);
    expect(first && second).toBeDefined();
    await store.remove([first, second].flatMap((row) => (row ? [row.seq] : [])));
    await store.remove([]);
    expect(await store.pending(100)).toEqual(rest);
    await store.remove(rest.map(({ seq }) => seq));
    expect(await store.pending(100)).toEqual([]);
  });

  test('keeps nothing of a transaction that is rolled back', async () => {
    const failing = db.tx(async (sql) => {
      await outbox.append(sql, [aMessage(1)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await outbox.store(db).pending(1)).toEqual([]);
  });

  test('takes along what its messages tell of, or nothing of it', async () => {
    await db.query('create table told (id text primary key)');
    const told = (...ids: string[]) => ({
      table: 'told',
      columns: [['id', 'text']] as const,
      rows: ids.map((id) => [id]),
    });
    const rows = await db.tx((sql) =>
      outbox.append(sql, [aMessage(1), aMessage(2)], [told('a', 'b'), told('c')]),
    );
    expect(rows.map(({ payload }) => payload)).toEqual([aMessage(1).payload, aMessage(2).payload]);
    await expect(db.tx((sql) => outbox.append(sql, [aMessage(3)], [told('d'), told('a')]))).rejects.toThrow(
      'duplicate',
    );
    expect(await db.query('select id from told order by id')).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: 'c' },
    ]);
    expect(await outbox.append(db, [], [told('e')])).toEqual([]);
    expect(await db.query(`select id from told where id = 'e'`)).toHaveLength(1);
    await outbox.store(db).remove(rows.map(({ seq }) => seq));
  });

  test('makes a change and appends what tells of it, or neither', async () => {
    await db.query('create table steps (id text primary key, version int not null)');
    await db.query(`insert into steps values ('o', 1)`);
    const step = (from: number) => ({
      ctes: 'moved as (update steps set version = $2 + 1 where id = $1 and version = $2 returning id)',
      from: 'moved',
      params: ['o', from],
    });
    const rows = await Promise.all([1, 1, 1].map((from, n) => outbox.appendIf(db, step(from), aMessage(n))));
    const taken = rows.filter((row) => row !== null);
    expect(taken).toHaveLength(1);
    expect(await db.query('select version from steps')).toEqual([{ version: 2 }]);
    expect(await outbox.store(db).pending(10)).toEqual(taken);
  });

  test('appends nothing for no messages', async () => {
    expect(await outbox.append(db, [])).toEqual([]);
  });
});
