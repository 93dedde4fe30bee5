import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
} from '@nats-io/jwt';
import {
  BUCKETS,
  CHANNELS,
  copyDead,
  copyIntentLive,
  copyIntentPaper,
  copyLeaderTrade,
  DURABLES,
  paperExecIntents,
  SERVICES,
  type ServiceName,
  TAILS,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { obtainNatsServer } from '@slipstream/stack';
import { testEnvironment } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anIntent, aTrade } from '../test/messages.ts';
import { type NatsProcess, startNatsProcess } from '../test/nats-process.ts';
import { type Admin, connectAdmin } from './admin.ts';
import { connectBus } from './bus.ts';
import { type Link, openLink } from './connect.ts';
import { ensureTopology } from './ensure.ts';
import { type NatsPermissions, natsPermissions } from './permissions.ts';
import { createPublisher } from './publish.ts';
import { openReader } from './reader.ts';
import { newTrace } from './trace.ts';
import type { Bus } from './types.ts';

const WAIT_MS = 1_000;
const TOOLS = 'tools';

const UNLIMITED = -1;
const LIMITS = {
  subs: UNLIMITED,
  data: UNLIMITED,
  payload: UNLIMITED,
  imports: UNLIMITED,
  exports: UNLIMITED,
  wildcards: true,
  conn: UNLIMITED,
  leaf: UNLIMITED,
  mem_storage: UNLIMITED,
  disk_storage: UNLIMITED,
  streams: UNLIMITED,
  consumer: UNLIMITED,
};

type NatsUsers = {
  /** Goes into the server's configuration. */
  readonly config: string;
  readonly credsFile: (user: string) => string;
  remove(): Promise<void>;
};

/** An operator, an account and one credentials file per user; null permissions are all permissions. */
async function makeNatsUsers(users: ReadonlyMap<string, NatsPermissions | null>): Promise<NatsUsers> {
  const dir = await mkdtemp(join(tmpdir(), 'slipstream-creds-'));
  const [operator, account, system] = [createOperator(), createAccount(), createAccount()];
  const signer = { signer: operator };
  const accountJwt = await encodeAccount('slipstream', account, { limits: LIMITS }, signer);
  const systemJwt = await encodeAccount(
    'system',
    system,
    { limits: { ...LIMITS, mem_storage: 0, disk_storage: 0 } },
    signer,
  );
  const credsFile = (user: string): string => join(dir, `${user}.creds`);
  for (const [name, permissions] of users) {
    const key = createUser();
    const pubSub = permissions === null ? {} : { pub: permissions.publish, sub: permissions.subscribe };
    const jwt = await encodeUser(name, key, account, {
      ...pubSub,
      subs: UNLIMITED,
      data: UNLIMITED,
      payload: UNLIMITED,
    });
    await writeFile(credsFile(name), fmtCreds(jwt, key), { mode: 0o600 });
  }
  const config = [
    `operator: ${await encodeOperator('slipstream', operator, { system_account: system.getPublicKey() })}`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    `resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${systemJwt} }`,
  ].join('\n');
  return { config, credsFile, remove: () => rm(dir, { recursive: true, force: true }) };
}

const natsBinary = () => {
  const { NATS_SERVER: named, PATH: searchPath, SLIPSTREAM_CACHE: cacheDir } = testEnvironment();
  return obtainNatsServer({ named, searchPath, cacheDir, onProgress: () => undefined });
};

let users: NatsUsers;
let nats: NatsProcess;
let admin: Admin;
const links = new Map<ServiceName, Link>();
const buses = new Map<ServiceName, Bus>();
const optionsOf = (user: string, name: string = user) => ({
  url: nats.url,
  credsFile: users.credsFile(user),
  name,
  log: silentLogger(),
  activity: idleActivity,
});
const linkOf = (name: ServiceName): Link => links.get(name) ?? expect.fail(`no link for ${name}`);
const busOf = (name: ServiceName): Bus => buses.get(name) ?? expect.fail(`no bus for ${name}`);

beforeAll(async () => {
  users = await makeNatsUsers(
    new Map([[TOOLS, null], ...SERVICES.map((name) => [name, natsPermissions(name)] as const)]),
  );
  nats = await startNatsProcess(await natsBinary(), users.config);
  admin = await connectAdmin({ url: nats.url, credsFile: users.credsFile(TOOLS) });
  await ensureTopology(admin, { replicas: 1 });
  for (const name of SERVICES) {
    links.set(name, await openLink(optionsOf(name)));
    buses.set(name, await connectBus(optionsOf(name)));
  }
});
afterAll(async () => {
  await Promise.all([...links.values(), ...buses.values(), admin].map((open) => open.close()));
  await nats.stop();
  await users.remove();
});

/** Whether the broker lets a service publish here; what it holds does not matter. */
async function mayPublish(name: ServiceName, subject: string): Promise<boolean> {
  const message = { channel: 'x', subject, messageId: null, headers: {}, payload: '{}' };
  const outcome = await createPublisher(linkOf(name))
    .attempt(message)
    .catch((error: unknown) => error);
  if (!(outcome instanceof Error)) return true;
  if (/permissions violation/i.test(outcome.message)) return false;
  throw outcome;
}

const reader = (name: ServiceName, stream: string, filter: string) =>
  openReader(linkOf(name), {
    stream,
    filter,
    label: 'test',
    from: 'last-per-subject',
    afterGap: 'continue',
    onMessage: () => undefined,
    onCaughtUp: () => undefined,
  });

describe.each(SERVICES)('%s', (name) => {
  test('publishes its own channels and no other', async () => {
    for (const channel of CHANNELS) {
      const owns = channel.publishers.includes(name);
      const key = channel.name === copyDead.name ? name : 'key';
      expect([channel.name, await mayPublish(name, channel.pattern.replace('*', key))]).toEqual([
        channel.name,
        owns,
      ]);
    }
  });

  test('sends dead letters in its own name only', async () => {
    for (const other of SERVICES) expect(await mayPublish(name, `copy.dead.${other}`)).toBe(other === name);
  });

  test('consumes its own durables and no other', async () => {
    for (const durable of DURABLES) {
      const { stream } = durable.channel;
      const asks = [
        `$JS.API.CONSUMER.INFO.${stream}.${durable.name}`,
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable.name}`,
      ];
      for (const subject of asks) {
        const body = subject.includes('NEXT') ? JSON.stringify({ batch: 1, no_wait: true }) : '';
        const answer = await linkOf(name)
          .nc.request(subject, body, { timeout: WAIT_MS })
          .catch((error: Error) => error);
        const refused = answer instanceof Error && /permissions violation/i.test(answer.message);
        expect([subject, refused]).toEqual([subject, durable.service !== name]);
      }
    }
  });

  test('tails its own channels and no other', async () => {
    for (const channel of CHANNELS) {
      const outcome = await reader(name, channel.stream, channel.pattern).catch((error: Error) => error);
      const allowed = TAILS[name].some((tailed) => tailed.name === channel.name);
      expect([channel.name, outcome instanceof Error]).toEqual([channel.name, !allowed]);
      if (!(outcome instanceof Error)) await outcome.stop();
    }
  });

  test('reads and writes the buckets that it may', async () => {
    for (const bucket of BUCKETS) {
      const writes = bucket.writers.includes(name);
      const reads = writes || bucket.readers.includes(name);
      expect([bucket.name, await mayPublish(name, `$KV.${bucket.name}.key`)]).toEqual([bucket.name, writes]);
      const opened = await busOf(name).bucket(bucket);
      const read = await opened.get('no-such-key').catch((error: Error) => error);
      expect([bucket.name, read === null]).toEqual([bucket.name, reads]);
      const watched = await opened.watch(() => undefined).catch((error: Error) => error);
      expect([bucket.name, watched instanceof Error]).toEqual([bucket.name, !reads]);
      if (!(watched instanceof Error)) await watched.stop();
    }
  });

  test('cannot read what goes to others', async () => {
    const others = SERVICES.filter((other) => other !== name);
    for (const subject of ['copy.>', '$KV.>', ...others.map((other) => `_INBOX_${other}.>`)]) {
      const refused = Promise.withResolvers<string>();
      linkOf(name).nc.subscribe(subject, {
        callback: (error) => refused.resolve(error?.message ?? 'received'),
      });
      expect(await refused.promise).toMatch(/permissions violation/i);
    }
  });

  test('cannot change streams, purge them or delete their durables', async () => {
    const verbs = [
      'STREAM.DELETE.INTENTS',
      'STREAM.PURGE.INTENTS',
      'STREAM.UPDATE.INTENTS',
      'STREAM.CREATE.OTHER',
    ];
    const subjects = [...verbs, ...DURABLES.map((d) => `CONSUMER.DELETE.${d.channel.stream}.${d.name}`)];
    for (const subject of subjects) {
      const request = linkOf(name).nc.request(`$JS.API.${subject}`, '{}', { timeout: WAIT_MS });
      await expect(request).rejects.toThrow(/permissions violation/i);
    }
  });
});

test('a service that is named for another one does not get its messages', async () => {
  const thief = connectBus(optionsOf('gateway', 'live-exec'));
  await expect(
    thief.then((bus) => bus.publish(copyIntentLive, anIntent('stolen'), newTrace('x'))),
  ).rejects.toThrow();
  await (await thief.catch(() => null))?.close();
});

test('a message goes from its publisher through a durable to its handler', async () => {
  const handled: string[] = [];
  const done = Promise.withResolvers<void>();
  const consumer = await busOf('paper-exec').consume(paperExecIntents, async (batch) => {
    handled.push(...batch.map((d) => d.message.intentId));
    done.resolve();
  });
  await admin.link.nc.request('$JS.API.STREAM.PURGE.INTENTS');
  await busOf('decider').publish(copyIntentPaper, anIntent('i-1'), newTrace('x'));
  await done.promise;
  await consumer.stop();
  expect(handled).toContain('i-1');
  await expect(busOf('ingest').publish(copyIntentPaper, anIntent('i-2'), newTrace('x'))).rejects.toThrow(
    /permissions violation/i,
  );
  await expect(busOf('decider').publish(copyLeaderTrade, aTrade('t'), newTrace('x'))).rejects.toThrow(
    /permissions violation/i,
  );
});
