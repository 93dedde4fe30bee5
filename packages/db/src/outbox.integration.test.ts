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

  test('appends nothing for no messages', async () => {
    expect(await outbox.append(db, [])).toEqual([]);
  });
});
