import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from './client.ts';
import { migrate } from './migrate.ts';
import { outboxOf } from './outbox.ts';
import { OWNERS, type Owner, READS, roleOf } from './owners.ts';
import { ensureRoles } from './roles.ts';

const DENIED = '42501';
const passwordsOf = (suffix: string): Record<Owner, string> => ({
  ingest: `ingest-${suffix}`,
  decider: `decider-${suffix}`,
  paper: `paper-${suffix}`,
  live: `live-${suffix}`,
  portfolio: `portfolio-${suffix}`,
  config: `config-${suffix}`,
});
const PASSWORDS = passwordsOf(`p@ss/w'rd\\`);

let server: TestServer;
let admin: Database;
const open = new Map<Owner, Database>();

const openAs = (owner: Owner, password: string): Promise<Database> => {
  const url = new URL(server.url);
  url.username = roleOf(owner);
  url.password = encodeURIComponent(password);
  return openDatabase({ url: url.href, name: `roles-test-${owner}`, poolMax: 2 });
};

const as = (owner: Owner): Database => {
  const db = open.get(owner);
  if (db === undefined) throw new Error(`no connection for ${owner}`);
  return db;
};

/** One table of each schema, and a row that it takes. */
const SAMPLES: Readonly<Record<Owner, string>> = {
  ingest: `ingest.resolution values ('c', '{}', now(), now())`,
  decider: `decider.group_part values ('t', 'PAPER', 'g', 1, 0, 0, now(), now())`,
  paper: `paper.paper_fill values ('f', 'o', 0, 't', 'BUY', 0, 1, 0, 0, now())`,
  live: `live.outbox (channel, subject, headers, payload) values ('c', 's', '{}', '{}')`,
  portfolio: `portfolio.resolution values ('c', '{}', now())`,
  config: `config.leader_wallet values ('w', 'l')`,
};
const tableOf = (owner: Owner): string => SAMPLES[owner].split(' ')[0] ?? '';

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  admin = await openDatabase({ url: server.url, name: 'admin', poolMax: 2 });
  await ensureRoles(server.url, PASSWORDS);
  for (const owner of OWNERS) open.set(owner, await openAs(owner, PASSWORDS[owner]));
});

afterAll(async () => {
  for (const db of open.values()) await db.close();
  await admin?.close();
  await server?.stop();
});

describe.each(OWNERS)('the role of %s', (owner) => {
  test('writes, changes, removes and reads its own rows', async () => {
    await as(owner).query(`insert into ${SAMPLES[owner]}`);
    expect(await as(owner).query(`select * from ${tableOf(owner)}`)).toHaveLength(1);
    await as(owner).query(`delete from ${tableOf(owner)}`);
  });

  test.each(OWNERS.filter((other) => other !== owner))('cannot write what %s owns', async (other) => {
    await expect(as(owner).query(`insert into ${SAMPLES[other]}`)).rejects.toMatchObject({ code: DENIED });
    await expect(as(owner).query(`delete from ${tableOf(other)}`)).rejects.toMatchObject({ code: DENIED });
  });

  test.each(OWNERS.filter((other) => other !== owner))('reads %s only if it is meant to', async (other) => {
    const reading = as(owner).query(`select * from ${tableOf(other)}`);
    if (READS[owner].includes(other)) await expect(reading).resolves.toEqual([]);
    else await expect(reading).rejects.toMatchObject({ code: DENIED });
  });

  test('makes, empties and drops no tables', async () => {
    const { query } = as(owner);
    await expect(query(`create table ${owner}.mine (n int)`)).rejects.toMatchObject({ code: DENIED });
    await expect(query('create table public.mine (n int)')).rejects.toMatchObject({ code: DENIED });
    await expect(query('create temporary table mine (n int)')).rejects.toMatchObject({ code: DENIED });
    await expect(query(`truncate ${tableOf(owner)}`)).rejects.toMatchObject({ code: DENIED });
    await expect(query(`drop table ${tableOf(owner)}`)).rejects.toMatchObject({ code: DENIED });
    await expect(query('select * from public._prisma_migrations')).rejects.toMatchObject({ code: DENIED });
  });
});

test('a publisher uses its outbox, sequence included', async () => {
  const outbox = outboxOf('decider');
  const message = { channel: 'c', subject: 's', messageId: null, headers: {}, payload: '{}' };
  const [row] = await as('decider').tx((sql) => outbox.append(sql, [message]));
  expect(await outbox.store(as('decider')).pending(1)).toEqual([row]);
});

test('grants reach tables that come later', async () => {
  await admin.query('create table portfolio.later (id bigserial primary key, n int)');
  await as('portfolio').query('insert into portfolio.later (n) values (1)');
  expect(await as('decider').query('select n from portfolio.later')).toEqual([{ n: 1 }]);
  expect(await as('config').query('select n from portfolio.later')).toEqual([{ n: 1 }]);
  await expect(as('ingest').query('select n from portfolio.later')).rejects.toMatchObject({ code: DENIED });
  await expect(as('decider').query('insert into portfolio.later (n) values (2)')).rejects.toMatchObject({
    code: DENIED,
  });
});

test('sessions begin with limits, however they are opened', async () => {
  const settings = await admin.query<{ role: string; settings: string[] }>(
    `select rolname as role, rolconfig as settings from pg_roles where rolname like 'slip\\_%' order by rolname`,
  );
  expect(settings).toHaveLength(OWNERS.length);
  for (const { settings: each } of settings) expect(each).toContain('statement_timeout=30000ms');
});

test('no password is stored, and a wrong one is refused', async () => {
  const stored = await admin.query<{ kept: string }>(
    `select rolpassword as kept from pg_authid where rolname like 'slip\\_%'`,
  );
  for (const { kept } of stored) expect(kept).toMatch(/^SCRAM-SHA-256\$/);
  await expect(openAs('ingest', 'wrong')).rejects.toMatchObject({ code: '28P01' });
});

test('running again, twice at once, changes the passwords and takes back what was granted beside', async () => {
  await admin.query(`grant insert on portfolio.account to ${roleOf('decider')}`);
  const next = passwordsOf('next');
  await Promise.all([ensureRoles(server.url, next), ensureRoles(server.url, next)]);
  const db = await openAs('decider', next.decider);
  const granted = `select has_table_privilege('portfolio.account', 'insert') as insert, has_table_privilege('portfolio.account', 'select') as select`;
  expect(await db.query(granted)).toEqual([{ insert: false, select: true }]);
  await db.close();
  await expect(openAs('decider', PASSWORDS.decider)).rejects.toMatchObject({ code: '28P01' });
});

test('fails in full when a schema is missing', async () => {
  await admin.query('create database empty');
  const url = new URL(server.url);
  url.pathname = '/empty';
  await expect(ensureRoles(url.href, PASSWORDS)).rejects.toThrow('schema "ingest" does not exist');
});
