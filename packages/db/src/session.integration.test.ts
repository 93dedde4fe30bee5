import { eventually, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { openSession, type Session } from './session.ts';

const LOCK = 4_711;

let server: TestServer;
let db: Database;
const open: Session[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  db = await openDatabase({ url: server.url, name: 'session-test', poolMax: 2 });
});
afterEach(async () => {
  for (const session of open.splice(0)) await session.close().catch(() => undefined);
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});

async function aSession(name: string) {
  const onLost = vi.fn();
  const session = await openSession({ url: server.url, name, onLost });
  open.push(session);
  return { session, onLost };
}
const take = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ taken: boolean }>('select pg_try_advisory_lock($1, 1) as taken', [
    LOCK,
  ]);
  return row?.taken === true;
};
const terminate = (name: string) =>
  db.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [name]);
const locks = async (): Promise<bigint | undefined> => {
  const [row] = await db.query<{ n: bigint }>(
    `select count(*) as n from pg_locks where locktype = 'advisory' and classid = $1 and granted`,
    [LOCK],
  );
  return row?.n;
};

describe('a session', () => {
  test('keeps one connection, which the server knows by name', async () => {
    const { session } = await aSession('named');
    const [first] = await session.query<{ pid: number; name: string }>(
      `select pg_backend_pid() as pid, current_setting('application_name') as name`,
    );
    const [second] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(first?.name).toBe('named');
    expect(second?.pid).toBe(first?.pid);
  });

  test('holds a lock that no other one gets, until it is closed', async () => {
    const [{ session: ours, onLost }, { session: theirs }] = [
      await aSession('ours'),
      await aSession('theirs'),
    ];
    expect([await take(ours), await take(theirs)]).toEqual([true, false]);
    await ours.close();
    await eventually('the free lock', () => take(theirs));
    expect(onLost).not.toHaveBeenCalled();
  });

  test('says once that it is lost when the server ends it, and its lock is gone with it', async () => {
    const [{ session: ours, onLost }, { session: theirs }] = [
      await aSession('ours'),
      await aSession('theirs'),
    ];
    expect(await take(ours)).toBe(true);
    await terminate('ours');
    await eventually('the loss', () => onLost.mock.calls.length > 0);
    await eventually('no lock', async () => (await locks()) === 0n);
    expect(await take(theirs)).toBe(true);
    await expect(ours.query('select 1')).rejects.toThrow();
    await ours.close();
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  test('says it also where a statement is under way, which fails', async () => {
    const { session, onLost } = await aSession('busy');
    const sleeping = expect(session.query('select pg_sleep(30)')).rejects.toThrow();
    await eventually('the statement', async () => {
      const rows = await db.query(
        `select 1 from pg_stat_activity where application_name = 'busy' and state = 'active'`,
      );
      return rows.length === 1;
    });
    await terminate('busy');
    await sleeping;
    await eventually('the loss', () => onLost.mock.calls.length === 1);
  });

  test('outlives a statement that fails', async () => {
    const { session, onLost } = await aSession('patient');
    expect(await take(session)).toBe(true);
    await expect(session.query('select nonsense')).rejects.toThrow('nonsense');
    expect(await locks()).toBe(1n);
    expect(onLost).not.toHaveBeenCalled();
  });

  test('is not opened where the role is refused', async () => {
    const wrong = new URL(server.url);
    wrong.username = 'nobody';
    const onLost = vi.fn();
    await expect(openSession({ url: wrong.href, name: 'wrong', onLost })).rejects.toThrow();
  });
});
