import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { MigrationError, migrate } from './migrate.ts';

const PACKAGE = dirname(import.meta.dirname);
const PRISMA = join(
  dirname(createRequire(import.meta.url).resolve('prisma/package.json')),
  'build',
  'index.js',
);
const RUNNERS = 6;

let server: TestServer;
let db: Database;
/** A database of its own for each test. */
let url: string;
let dir: string;

beforeAll(async () => {
  server = await startTestPostgres();
});

afterAll(async () => {
  await server?.stop();
});

beforeEach(async () => {
  const name = `db_${randomUUID().replaceAll('-', '')}`;
  const admin = await openDatabase({ url: server.url, name: 'admin', poolMax: 1 });
  await admin.query(`create database ${name}`);
  await admin.close();
  const own = new URL(server.url);
  own.pathname = `/${name}`;
  url = own.href;
  db = await openDatabase({ url, name: 'migrate-test', poolMax: 2 });
  dir = await mkdtemp(join(tmpdir(), 'slipstream-migrations-'));
});

afterEach(async () => {
  await db.close();
  await rm(dir, { recursive: true, force: true });
});

async function write(name: string, sql: string, check?: string): Promise<void> {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'migration.sql'), sql);
  if (check !== undefined) await writeFile(join(dir, name, 'check.sql'), check);
}

/** Runs Prisma's own command line, with our stand-in engine, against the test's database. */
const prisma = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [PRISMA, ...args], {
    cwd: PACKAGE,
    env: { DATABASE_URL: url, PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) },
  });

const history = () =>
  db.query<{ name: string; finished: boolean; undone: boolean; logs: string | null }>(
    `select migration_name as name, finished_at is not null as finished, rolled_back_at is not null as undone, logs
     from _prisma_migrations order by started_at`,
  );

describe('our migrations', () => {
  test('are applied once by many runners at once, and their checks hold', async () => {
    const applied = await Promise.all(Array.from({ length: RUNNERS }, () => migrate(url)));
    const [names] = applied.filter((list) => list.length > 0);
    expect(applied.flat()).toEqual(names);
    expect(await history()).toEqual(
      names?.map((name) => ({ name, finished: true, undone: false, logs: null })),
    );
    expect(await migrate(url)).toEqual([]);
  });

  test('say the same as the schema files', async () => {
    const args = ['--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema', '--exit-code'];
    await expect(prisma('migrate', 'diff', ...args)).resolves.toMatchObject({
      stdout: expect.stringContaining('empty'),
    });
  });

  test('differ aloud from other schema files', async () => {
    await cp(join(PACKAGE, 'prisma', 'schema'), dir, { recursive: true });
    await writeFile(join(dir, 'more.prisma'), 'model More {\n  id Int @id\n\n  @@schema("live")\n}\n');
    const args = ['--from-migrations', 'prisma/migrations', '--to-schema', dir, '--exit-code'];
    await expect(prisma('migrate', 'diff', ...args)).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringContaining('CREATE TABLE "live"."More"'),
    });
  });

  test('are up to date in Prisma’s eyes after us, and in ours after Prisma', async () => {
    await migrate(url);
    const { stdout } = await prisma('migrate', 'status');
    expect(stdout).toContain('Database schema is up to date');
    await db.query(
      'drop schema ingest, decider, paper, live, portfolio, config cascade; drop table _prisma_migrations',
    );
    await prisma('migrate', 'deploy');
    expect(await migrate(url)).toEqual([]);
  });
});

describe('migrate', () => {
  test('applies in the order of names and goes on where it stopped', async () => {
    await write('1_first', 'create table t (n int)');
    expect(await migrate(url, dir)).toEqual(['1_first']);
    await write('3_third', 'insert into t values (3)');
    await write('2_second', 'insert into t values (2)');
    expect(await migrate(url, dir)).toEqual(['2_second', '3_third']);
    expect(await db.query('select n from t')).toEqual([{ n: 2 }, { n: 3 }]);
  });

  test('leaves nothing of a migration that fails, and tries it again when it is mended', async () => {
    await write('1_bad', 'create table half (n int); select 1 / 0;');
    await expect(migrate(url, dir)).rejects.toThrow(
      'migration 1_bad failed and was undone: division by zero',
    );
    expect(await db.query(`select to_regclass('half') as found`)).toEqual([{ found: null }]);
    expect(await history()).toEqual([
      { name: '1_bad', finished: false, undone: true, logs: 'division by zero' },
    ]);
    await write('1_bad', 'create table half (n int)');
    expect(await migrate(url, dir)).toEqual(['1_bad']);
  });

  test('undoes a migration whose check finds something', async () => {
    await write('1_promise', 'create table t (n int)', `select 'n may be null' as problem`);
    await expect(migrate(url, dir)).rejects.toThrow('its check found: n may be null');
    expect(await db.query(`select to_regclass('t') as found`)).toEqual([{ found: null }]);
  });

  test('refuses a history that the files contradict', async () => {
    await write('1_first', 'create table t (n int)');
    await migrate(url, dir);
    await write('1_first', 'create table t (n bigint)');
    await expect(migrate(url, dir)).rejects.toThrow('1_first was edited after it was applied');
  });

  test('refuses to go on after one that Prisma has left half done', async () => {
    await write('1_first', 'create table t (n int)');
    await migrate(url, dir);
    await db.query('update _prisma_migrations set finished_at = null');
    await expect(migrate(url, dir)).rejects.toThrow('did not finish');
  });

  test('leaves alone what a newer version has applied', async () => {
    await write('1_first', 'create table t (n int)');
    await write('2_newer', 'create table u (n int)');
    await migrate(url, dir);
    await rm(join(dir, '2_newer'), { recursive: true });
    expect(await migrate(url, dir)).toEqual([]);
  });

  test('says where it cannot get to, and keeps the password to itself', async () => {
    const refused = migrate('postgresql://who:hush@127.0.0.1:1/none');
    await expect(refused).rejects.toThrow(MigrationError);
    await expect(refused).rejects.toThrow('cannot migrate the database at 127.0.0.1:1');
    await expect(migrate('postgresql://who:hush@:port/none')).rejects.toThrow(
      /^the database URL is not a URL$/,
    );
  });
});
