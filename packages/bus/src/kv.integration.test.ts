import {
  type BucketSpec,
  feedsBucket,
  type Interest,
  interestBucket,
  switchesBucket,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { obtainNatsServer } from '@slipstream/stack';
import { eventually, testEnvironment } from '@slipstream/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type NatsProcess, startNatsProcess } from '../test/nats-process.ts';
import { type Admin, connectAdmin } from './admin.ts';
import { connectBus } from './bus.ts';
import { ensureTopology } from './ensure.ts';
import { bucketConfig } from './topology.ts';
import type { Bucket, Bus, Reader } from './types.ts';

const natsBinary = () => {
  const { NATS_SERVER: named, PATH: searchPath, SLIPSTREAM_CACHE: cacheDir } = testEnvironment();
  return obtainNatsServer({ named, searchPath, cacheDir, onProgress: () => undefined });
};

let nats: NatsProcess;
let admin: Admin;
let bus: Bus;
let bucket: Bucket<Interest>;
let reader: Reader | null = null;

const interest = (tokenId: string): Interest => ({
  tokenId,
  wantedBy: 'test',
  since: '2026-01-01T00:00:00.000Z',
  refreshAt: null,
});

beforeAll(async () => {
  nats = await startNatsProcess(await natsBinary());
  admin = await connectAdmin({ url: nats.url });
  bus = await connectBus({ url: nats.url, name: 'decider', log: silentLogger(), activity: idleActivity });
});
afterAll(async () => {
  await Promise.all([bus.close(), admin.close()]);
  await nats.stop();
});
beforeEach(async () => {
  await ensureTopology(admin, { replicas: 1 });
  bucket = await bus.bucket(interestBucket);
});
afterEach(async () => {
  await reader?.stop();
  reader = null;
  await admin.link.nc.request('$JS.API.STREAM.DELETE.KV_interest');
});

test('a value that was put is got, with a revision that grows; a deleted one is gone', async () => {
  const first = await bucket.put('1', interest('1'));
  const second = await bucket.put('1', { ...interest('1'), wantedBy: 'other' });
  expect(second).toBeGreaterThan(first);
  expect(await bucket.get('1')).toEqual({ ...interest('1'), wantedBy: 'other' });
  await bucket.put('2', interest('2'));
  expect(await bucket.keys()).toEqual(['1', '2']);
  await bucket.delete('1');
  expect(await bucket.get('1')).toBeNull();
  expect(await bucket.keys()).toEqual(['2']);
});

test('a watch gives what is there before it resolves, and then every change', async () => {
  await bucket.put('1', interest('1'));
  await bucket.put('2', interest('2'));
  const seen: string[] = [];
  reader = await bucket.watch((key, value) => seen.push(`${key} ${value?.wantedBy ?? 'gone'}`));
  expect(seen.sort()).toEqual(['1 test', '2 test']);
  await bucket.put('3', interest('3'));
  await bucket.delete('1');
  await eventually('the changes', () => seen.length === 4);
  expect(seen.slice(2)).toEqual(['3 test', '1 gone']);
});

test('a watch of an empty bucket resolves', async () => {
  const feeds = await bus.bucket(feedsBucket);
  const watched = await feeds.watch(() => undefined);
  await watched.stop();
});

test('a stored value that does not match its schema counts as absent', async () => {
  await bucket.put('1', interest('1'));
  const seen: (string | null)[] = [];
  reader = await bucket.watch((_key, value) => seen.push(value?.tokenId ?? null));
  await admin.link.nc.jetstream().publish('$KV.interest.1', '{"tokenId":7}');
  await eventually('the change', () => seen.length === 2);
  expect(seen).toEqual(['1', null]);
  expect(await bucket.get('1')).toBeNull();
});

test('what does not match the schema, or is no key, is not put', async () => {
  await expect(bucket.put('1', { ...interest('1'), since: 'yesterday' })).rejects.toThrow();
  await expect(bucket.put('no key', interest('1'))).rejects.toThrow(/not a key/);
  await expect(bucket.get('a.>')).rejects.toThrow(/not a key/);
});

test('a key that its age removes is told as gone', async () => {
  const brief: BucketSpec<typeof interestBucket.schema> = { ...interestBucket, name: 'brief', ttlMs: 1_000 };
  const made = await admin.link.nc.request(
    '$JS.API.STREAM.CREATE.KV_brief',
    JSON.stringify(bucketConfig(brief, 1)),
  );
  expect(made.string()).not.toContain('"error"');
  const opened = await bus.bucket(brief);
  await opened.put('1', interest('1'));
  const seen: (string | null)[] = [];
  reader = await opened.watch((_key, value) => seen.push(value?.tokenId ?? null));
  await eventually('the end of its life', () => seen.length === 2);
  expect(seen).toEqual(['1', null]);
  expect(await opened.get('1')).toBeNull();
  expect(await opened.keys()).toEqual([]);
});

test('any NATS client can read and write a bucket', async () => {
  const kv = await admin.link.nc.jetstream().views.kv('interest', { bindOnly: true });
  await bucket.put('1', interest('1'));
  expect((await kv.get('1'))?.json()).toEqual(interest('1'));
  await kv.put('2', JSON.stringify(interest('2')));
  expect(await bucket.get('2')).toEqual(interest('2'));
  await kv.purge('2');
  expect(await bucket.get('2')).toBeNull();
});

test('setting up again changes nothing', async () => {
  const switches = await bus.bucket(switchesBucket);
  const value = {
    copyEngineEnabled: true,
    liveTradingState: 'OFF' as const,
    entriesPaused: false as const,
    livePauseClearedAt: null,
    version: 1,
    changedAt: '2026-01-01T00:00:00.000Z',
    changedBy: 'test',
  };
  await switches.put('global', value);
  await ensureTopology(admin, { replicas: 1 });
  expect(await switches.get('global')).toEqual(value);
});
