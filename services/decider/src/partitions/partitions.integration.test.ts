import { type Database, openDatabase, openSession } from '@slipstream/db';
import { silentLogger } from '@slipstream/runtime';
import { eventually, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createPartitions, type Partitions } from './partitions.ts';

const COUNT = 8;
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

let server: TestServer;
let db: Database;
const running: Partitions[] = [];

beforeAll(async () => {
  server = await startTestPostgres();
  db = await openDatabase({ url: server.url, name: 'test', poolMax: 2 });
});
afterEach(async () => {
  for (const partitions of running.splice(0)) await partitions.stop();
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});

/** One decider's part; `told` is what it was asked to carry out, in order. */
function aDecider(name: string) {
  const told: (readonly number[])[] = [];
  const world = { failures: 0 };
  const partitions = createPartitions({
    count: COUNT,
    openSession: (onLost) => openSession({ url: server.url, name, onLost }),
    onHeld: async (held) => {
      told.push(held);
      if (world.failures === 0) return;
      world.failures -= 1;
      throw new Error('the readers do not end');
    },
    log: silentLogger(),
  });
  running.push(partitions);
  return { ...partitions, told, world, name };
}
type Decider = ReturnType<typeof aDecider>;

const stop = async (decider: Decider): Promise<void> => {
  running.splice(0, running.length, ...running.filter((one) => one.held !== decider.held));
  await decider.stop();
};
/** What the server says: which session has the lock of each partition. */
const holders = () =>
  db.query<{ partition: number; name: string }>(
    `select l.objid::int as partition, a.application_name as name
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.classid = 72707380 and l.granted order by 1`,
  );
/** Everybody holds so many, together all of them, each by one, and the server says the same. */
const shared = (sizes: readonly number[], ...deciders: readonly Decider[]) =>
  eventually(`shares of ${sizes}`, async () => {
    const held = deciders.flatMap((one) => one.held()).sort((a, b) => a - b);
    const fair = deciders.every((one, n) => one.held().length === sizes[n]);
    const locks = (await holders()).map(({ partition }) => partition);
    return fair && `${held}` === `${ALL}` && `${locks}` === `${ALL}`;
  });
const terminate = (name: string) =>
  db.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [name]);

describe('partitions', () => {
  test('are all held by a decider that is alone, at once', async () => {
    const alone = aDecider('alone');
    await alone.begin();
    expect(alone.held()).toEqual(ALL);
    expect(alone.told).toEqual([ALL]);
    expect(await holders()).toEqual(ALL.map((partition) => ({ partition, name: 'alone' })));
  });

  test('are shared by two, and by three; each has exactly one holder', async () => {
    const [first, second, third] = [aDecider('first'), aDecider('second'), aDecider('third')];
    await first.begin();
    await second.begin();
    await shared([4, 4], first, second);
    await third.begin();
    await eventually('three shares', async () => {
      const held = [first, second, third].flatMap((one) => one.held());
      return held.length === COUNT && [first, second, third].every((one) => one.held().length <= 3);
    });
    expect(new Set((await holders()).map(({ name }) => name)).size).toBe(3);
  });

  test('are put down before they are let go, and handed over when a decider stops', async () => {
    const [first, second] = [aDecider('first'), aDecider('second')];
    await first.begin();
    await second.begin();
    await shared([4, 4], first, second);
    await stop(first);
    expect(first.told.at(-1)).toEqual([]);
    await shared([8], second);
  });

  test('go to the other one when a session dies, and its own decider puts them down', async () => {
    const [first, second] = [aDecider('first'), aDecider('second')];
    await first.begin();
    await second.begin();
    await shared([4, 4], first, second);
    await terminate('first');
    await eventually('the partitions put down', () => first.told.some((held) => held.length === 0));
    // It is alive and comes back, so that both have their part again.
    await shared([4, 4], first, second);
  });

  test('that could not be put down are put down again, and only then let go', async () => {
    const [first, second] = [aDecider('first'), aDecider('second')];
    await first.begin();
    first.world.failures = 2;
    await second.begin();
    await shared([4, 4], first, second);
    expect(first.told.slice(1, 4)).toEqual([ALL.slice(0, 4), ALL.slice(0, 4), ALL.slice(0, 4)]);
  });

  test('are tried for again where the first look fails', async () => {
    const decider = aDecider('patient');
    decider.world.failures = 1;
    await decider.begin();
    await eventually('carried out', () => decider.told.length === 2);
    expect(decider.told).toEqual([ALL, ALL]);
  });

  test('are let go by a decider that is stopped while it begins', async () => {
    const hasty = aDecider('hasty');
    const begun = hasty.begin();
    await Promise.all([begun, stop(hasty)]);
    await eventually('no session', async () => {
      const rows = await db.query(`select 1 from pg_stat_activity where application_name = 'hasty'`);
      return rows.length === 0;
    });
    expect(hasty.held()).toEqual([]);
  });
});
