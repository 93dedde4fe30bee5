import { newTrace } from '@slipstream/bus';
import { OWNERS, openDatabase } from '@slipstream/db';
import {
  type BucketSpec,
  type CopyAttempt,
  copyAttemptPaper,
  Leader,
  leadersBucket,
  Switches,
  switchesBucket,
} from '@slipstream/proto';
import { DeadLettersReply, LeaderItem, LeadersPage, StatusReply } from '@slipstream/proto/http';
import { eventually, startTestNats, startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { type GatewayUnderTest, openGatewayUnderTest, problemOf } from './testing/gateway-under-test.ts';

const WALLET = '0x1F0A343513AA6060488fabe96960e6d1e177f7aa';

let nats: TestServer;
let postgres: TestServer;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  gateway = await openGatewayUnderTest(nats.url, postgres.url);
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

const ask: GatewayUnderTest['ask'] = (path, more) => gateway.ask(path, more);
const send: GatewayUnderTest['send'] = (method, path, body) => gateway.send(method, path, body);
/** What a bucket says under a key. */
const stored = async <S extends z.ZodType>(spec: BucketSpec<S>, key: string): Promise<z.output<S> | null> =>
  (await gateway.bus.bucket(spec)).get(key);

describe('following', () => {
  test('stores the leader, then tells the others, then answers', async () => {
    const reply = await send('POST', '/api/leaders', { wallets: [WALLET], label: 'Whale' });
    expect(reply.status).toBe(201);
    const made = LeaderItem.parse(await reply.json());
    expect(made).toMatchObject({
      id: 'ld_1f0a343513aa',
      label: 'Whale',
      wallets: [WALLET.toLowerCase()],
      enabled: true,
    });
    const told = await stored(leadersBucket, made.id);
    expect(Leader.parse(told)).toMatchObject({ leaderId: made.id, followedAt: made.followedAt, version: 1 });
  });

  test('gives a wallet to one leader only', async () => {
    const reply = await send('POST', '/api/leaders', { wallets: [WALLET.toLowerCase()] });
    expect(reply.status).toBe(409);
    expect((await problemOf(reply)).errors?.[0]?.field).toBe('wallets');
  });

  test('gives another leader whose wallet begins alike an id of its own', async () => {
    const alike = `${WALLET.slice(0, 20).toLowerCase()}${'0'.repeat(22)}`;
    const made = LeaderItem.parse(await (await send('POST', '/api/leaders', { wallets: [alike] })).json());
    expect(made.id).toBe(`ld_${alike.slice(2)}`);
  });

  test('of the same wallet by ten at once is one leader and nine refusals', async () => {
    const wallets = [`0x${'ab'.repeat(20)}`];
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => send('POST', '/api/leaders', { wallets })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  });

  test('can be switched off, which is announced and signed', async () => {
    const id = 'ld_1f0a343513aa';
    const reply = await send('PATCH', `/api/leaders/${id}`, { enabled: false });
    expect(await reply.json()).toMatchObject({ id, enabled: false, version: 2, changedBy: 'token' });
    expect(await stored(leadersBucket, id)).toMatchObject({ enabled: false, version: 2 });
    const again = await send('PATCH', `/api/leaders/${id}`, { enabled: false });
    expect(await again.json()).toMatchObject({ version: 2 });
    const [entry] = await gateway.db.query<{ before: { enabled: boolean }; after: { enabled: boolean } }>(
      `select before, after from config.change_log where key = $1 order by change_id desc limit 1`,
      [id],
    );
    expect([entry?.before.enabled, entry?.after.enabled]).toEqual([true, false]);
  });

  test('is listed page by page', async () => {
    const first = LeadersPage.parse(await (await ask('/api/leaders?limit=2')).json());
    expect(first.items).toHaveLength(2);
    const second = LeadersPage.parse(await (await ask(`/api/leaders?limit=2&after=${first.next}`)).json());
    expect(second.next).toBeNull();
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});

describe('the switches', () => {
  test('pause paper trading in the database and on the bus', async () => {
    const reply = await send('PUT', '/api/switches', { copyEngineEnabled: false });
    expect(await reply.json()).toMatchObject({
      copyEngineEnabled: false,
      liveTradingState: 'OFF',
      changedBy: 'token',
    });
    const told = await stored(switchesBucket, 'global');
    expect(Switches.parse(told)).toMatchObject({ copyEngineEnabled: false });
    await send('PUT', '/api/switches', { copyEngineEnabled: true });
  });

  test('set live trading to SHADOW and then to ON, never from OFF to ON, and to OFF at once', async () => {
    const set = (liveTradingState: string) => send('PUT', '/api/switches', { liveTradingState });
    const before = await (await ask('/api/switches')).json();
    const hasty = await set('ON');
    expect(hasty.status).toBe(409);
    expect((await problemOf(hasty)).errors?.[0]?.field).toBe('liveTradingState');
    expect(await (await ask('/api/switches')).json()).toEqual(before);
    for (const state of ['SHADOW', 'ON', 'SHADOW', 'OFF', 'SHADOW', 'ON', 'OFF']) {
      expect(await (await set(state)).json()).toMatchObject({ liveTradingState: state });
      expect(await stored(switchesBucket, 'global')).toMatchObject({ liveTradingState: state });
    }
  });

  test('pause new positions of all leaders, and of one', async () => {
    await send('PUT', '/api/switches', { entriesPaused: true });
    expect(await stored(switchesBucket, 'global')).toMatchObject({ entriesPaused: true });
    await send('PUT', '/api/switches', { entriesPaused: false });
    const id = 'ld_1f0a343513aa';
    await send('PATCH', `/api/leaders/${id}`, { entriesPaused: true, liveOverride: 'FORCE_OFF' });
    expect(await stored(leadersBucket, id)).toMatchObject({ entriesPaused: true, liveOverride: 'FORCE_OFF' });
  });
});

describe('a restart', () => {
  test('tells the bus again what it has lost or has otherwise, and nothing else', async () => {
    const leaders = await gateway.bus.bucket(leadersBucket);
    const switches = await gateway.bus.bucket(switchesBucket);
    const right = await stored(switchesBucket, 'global');
    if (right === null) throw new Error('there are no switches on the bus');
    await gateway.stopGateway();
    await leaders.delete('ld_1f0a343513aa');
    await switches.put('global', { ...right, copyEngineEnabled: !right.copyEngineEnabled });
    await gateway.start();
    expect(await stored(leadersBucket, 'ld_1f0a343513aa')).toMatchObject({ enabled: false });
    expect(await stored(switchesBucket, 'global')).toEqual(right);
  });
});

describe('events', () => {
  test('tell a page of an attempt as it is published, and of dead letters', async () => {
    const stop = new AbortController();
    const reply = await ask('/api/events', { signal: stop.signal });
    expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let heard = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of reply.body ?? []) heard += decoder.decode(chunk);
    })().catch(() => undefined);
    await eventually('hello', () => heard.includes('event: hello'));

    const sample = await import('../../../proto/samples/copyAttemptPaper.v1.json', {
      with: { type: 'json' },
    });
    const message: CopyAttempt = copyAttemptPaper.schema.parse(sample.default);
    await gateway.bus.publish(copyAttemptPaper, message, newTrace('lt_1'));
    await gateway.bus.deadLetter({
      durable: 'decider-leader-trades-0',
      stream: 'LEADER',
      subject: 'copy.leader.trade.x',
      sequence: 1,
      deliveries: 1,
      reason: 'schema',
      error: 'rubbish',
      headers: { secret: 'not shown' },
      payload: 'x'.repeat(10_000),
    });
    await eventually('the attempt', () => heard.includes(`"attemptId":"${message.attemptId}"`));
    await eventually('the dead letter', () => heard.includes('event: dead-letter'));
    stop.abort();
    await reading;

    const { items } = DeadLettersReply.parse(await (await ask('/api/dead-letters')).json());
    expect(items[0]).toMatchObject({ service: 'decider', reason: 'schema' });
    expect(items[0]?.payload.length).toBe(4_000);
    expect(JSON.stringify(items)).not.toContain('not shown');
  });

  test('the status page knows who is there and who is gone', async () => {
    const reply = StatusReply.parse(await (await ask('/api/status')).json());
    const { services, bus: busCheck, database } = reply;
    expect(services).toHaveLength(7);
    expect(services.find((s) => s.service === 'gateway')).toMatchObject({
      kind: 'heard',
    });
    expect(services.find((s) => s.service === 'ingest')).toMatchObject({ kind: 'gone' });
    expect([busCheck.ok, database.ok]).toEqual([true, true]);
  });
});

describe('the role of the gateway', () => {
  test('may change settings, and nothing that other services own', async () => {
    const own = await openDatabase({ url: gateway.ownDatabaseUrl, name: 'role', poolMax: 1 });
    for (const schema of OWNERS.filter((owner) => owner !== 'config' && owner !== 'live'))
      await expect(own.query(`delete from ${schema}.outbox`), schema).rejects.toThrow(/permission denied/);
    await own.close();
  });
});
