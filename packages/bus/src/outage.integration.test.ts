import {
  copyIntentPaper,
  copyLeaderTrade,
  copyMarketBook,
  feedsBucket,
  statusBucket,
  switchesBucket,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { obtainNatsServer } from '@slipstream/stack';
import { eventually, testEnvironment } from '@slipstream/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aBook, anIntent, aTrade, tradesOfWallet } from '../test/messages.ts';
import { type NatsProcess, startNatsProcess } from '../test/nats-process.ts';
import { type Admin, connectAdmin } from './admin.ts';
import { connectBus } from './bus.ts';
import { encode } from './encode.ts';
import { ensureTopology } from './ensure.ts';
import { openReader } from './reader.ts';
import { newTrace } from './trace.ts';
import type { Bus, OutboxRow, Reader } from './types.ts';

const natsBinary = () => {
  const { NATS_SERVER: named, PATH: searchPath, SLIPSTREAM_CACHE: cacheDir } = testEnvironment();
  return obtainNatsServer({ named, searchPath, cacheDir, onProgress: () => undefined });
};

let nats: NatsProcess;
let admin: Admin;
let ingest: Bus;
let decider: Bus;
const readers: Reader[] = [];

const open = (name: string): Promise<Bus> =>
  connectBus({ url: nats.url, name, log: silentLogger(), activity: idleActivity });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const crash = async (downMs = 0): Promise<void> => {
  await nats.kill();
  await wait(downMs);
  await nats.start();
};

beforeEach(async () => {
  nats = await startNatsProcess(await natsBinary());
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  [ingest, decider] = await Promise.all([open('ingest'), open('decider')]);
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  await Promise.all([ingest.close(), decider.close(), admin.close()]);
  await nats.stop();
});

/** An outbox in memory, with the rows that were removed. */
function memoryOutbox(left: readonly OutboxRow[] = []) {
  const rows = new Map(left.map((row) => [row.seq, row]));
  let reads = 0;
  return {
    rows,
    reads: () => reads,
    append: (from: number, count: number): OutboxRow[] => {
      const made = Array.from({ length: count }, (_, i) => {
        const id = `i-${from + i}`;
        return { ...encode(copyIntentPaper, anIntent(id), newTrace(id)), seq: BigInt(from + i) };
      });
      for (const row of made) rows.set(row.seq, row);
      return made;
    },
    store: {
      pending: async (limit: number) => {
        reads += 1;
        return [...rows.values()].sort((a, b) => Number(a.seq - b.seq)).slice(0, limit);
      },
      remove: async (seqs: readonly bigint[]) => {
        for (const seq of seqs) rows.delete(seq);
      },
    },
  };
}

async function storedIntents(): Promise<string[]> {
  const ids: string[] = [];
  const reader = await openReader(admin.link, {
    stream: 'INTENTS',
    filter: 'copy.intent.paper',
    label: 'test',
    from: 'all',
    afterGap: 'continue',
    onCaughtUp: () => undefined,
    onMessage: ({ msg }) => ids.push(copyIntentPaper.schema.parse(msg.json()).intentId),
  });
  await reader.stop();
  return ids;
}

test('a durable loses nothing when the server is killed, three times, while it works', async () => {
  const handled = new Map<string, number>();
  readers.push(
    await decider.consume({ ...tradesOfWallet, batchMax: 8 }, async (batch) => {
      await wait(5);
      for (const { message } of batch) handled.set(message.tradeId, (handled.get(message.tradeId) ?? 0) + 1);
    }),
  );
  const publishing = (async () => {
    for (let i = 0; i < 600; i += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, j) =>
          ingest.publish(copyLeaderTrade, aTrade(`t-${i + j}`), newTrace(`t-${i + j}`)),
        ),
      );
  })();
  const kills = [0, 300, 1_000];
  for (const downMs of kills) {
    await wait(80);
    await crash(downMs);
  }
  await publishing;
  await eventually('all handled', () => handled.size === 600, { withinMs: 45_000 });
  // A kill can cost each message one acknowledgement, and so one more delivery.
  expect(Math.max(...handled.values())).toBeLessThanOrEqual(1 + kills.length);
  expect(decider.healthy().ok).toBe(true);
});

test('the relay keeps its order over an outage, sends leftovers first and reads the database only then', async () => {
  const before = memoryOutbox();
  before.append(1, 20);
  const outbox = memoryOutbox([...before.rows.values()]);
  const relay = decider.relay(outbox.store);
  relay.push(outbox.append(21, 20));
  await relay.drain();
  const reads = outbox.reads();
  const pushing = (async () => {
    for (let from = 41; from < 1_041; from += 20) {
      relay.push(outbox.append(from, 20));
      await wait(10);
    }
  })();
  await wait(150);
  await crash(200);
  await pushing;
  await relay.drain();
  await relay.stop();
  expect(outbox.rows.size).toBe(0);
  expect(outbox.reads()).toBe(reads);
  expect(await storedIntents()).toEqual(Array.from({ length: 1_040 }, (_, i) => `i-${i + 1}`));
});

test('rows that nobody pushed are found by the sweep', async () => {
  const outbox = memoryOutbox();
  const relay = decider.relay(outbox.store);
  await relay.drain();
  outbox.append(1, 3);
  await eventually('the sweep', () => outbox.rows.size === 0, { withinMs: 20_000 });
  await relay.stop();
  expect(await storedIntents()).toEqual(['i-1', 'i-2', 'i-3']);
});

test('a tail goes on after a restart that lost the stream in memory', async () => {
  const books = new Map<string, string>();
  readers.push(
    await decider.tail(copyMarketBook, (book) => {
      books.set(book.tokenId, book.changedAt);
    }),
  );
  await ingest.publish(copyMarketBook, aBook('1'), newTrace('b'));
  await eventually('the first book', () => books.size === 1);
  await crash(100);
  // More than one, so that sequences of the new stream pass those of the old.
  for (const token of ['2', '3', '4']) await ingest.publish(copyMarketBook, aBook(token), newTrace('b'));
  await eventually('the new books', () => books.size === 4);
  expect(decider.healthy().ok).toBe(true);
});

test('a tail of a file stream has no gap over a restart', async () => {
  const seen: string[] = [];
  await ingest.publish(copyLeaderTrade, aTrade('t-old'), newTrace('t'));
  readers.push(
    await decider.tail(
      copyLeaderTrade,
      (trade) => {
        seen.push(trade.tradeId);
      },
      { from: 'new' },
    ),
  );
  for (let i = 0; i < 200; i += 1) {
    if (i === 100) await crash();
    await ingest.publish(copyLeaderTrade, aTrade(`t-${i}`), newTrace('t'));
  }
  await eventually('the last one', () => seen.includes('t-199'));
  expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => `t-${i}`));
});

test('a watch tells of keys that a restart lost, and goes on', async () => {
  const feeds = await decider.bucket(feedsBucket);
  const writer = await ingest.bucket(feedsBucket);
  const seen: [string, boolean | null][] = [];
  const session = (sessionId: string) => ({ sessionId, aliveAt: '2026-01-01T00:00:00.000Z', open: true });
  await writer.put('s-1', session('s-1'));
  readers.push(await feeds.watch((key, value) => seen.push([key, value?.open ?? null])));
  expect(seen).toEqual([['s-1', true]]);
  await crash();
  await eventually('the loss', () => seen.length === 2);
  await writer.put('s-2', session('s-2'));
  await eventually('the new key', () => seen.length === 3);
  expect(seen).toEqual([
    ['s-1', true],
    ['s-1', null],
    ['s-2', true],
  ]);
});

test('a durable and a watch survive that their streams are made anew', async () => {
  const handled: string[] = [];
  const switches: (boolean | null)[] = [];
  readers.push(
    await decider.consume(tradesOfWallet, async (batch) => {
      handled.push(...batch.map((d) => d.message.tradeId));
    }),
    await (await decider.bucket(switchesBucket)).watch((_key, value) =>
      switches.push(value?.copyEngineEnabled ?? null),
    ),
  );
  for (const stream of ['LEADER', 'KV_switches'])
    await admin.link.nc.request(`$JS.API.STREAM.DELETE.${stream}`);
  await wait(300);
  await ensureTopology(admin, { replicas: 1 });
  await ingest.publish(copyLeaderTrade, aTrade('t-1'), newTrace('t-1'));
  const value = {
    copyEngineEnabled: true,
    liveTradingState: 'OFF' as const,
    entriesPaused: false,
    livePauseClearedAt: null,
    version: 1,
    changedAt: '2026-01-01T00:00:00.000Z',
    changedBy: 'test',
  };
  await await admin.link.nc.jetstream().publish('$KV.switches.global', JSON.stringify(value));
  await eventually('the trade', () => handled.length === 1, { withinMs: 30_000 });
  await eventually('the switch', () => switches.at(-1) === true, { withinMs: 30_000 });
});

test('memory buckets come back with their writer', async () => {
  const status = await decider.bucket(statusBucket);
  await crash();
  await eventually('the status bucket', async () => {
    await status.put('decider', {
      service: 'decider',
      state: 'ready',
      detail: '',
      pid: 1,
      version: '1',
      startedAt: '2026-01-01T00:00:00.000Z',
      at: '2026-01-01T00:00:00.000Z',
      checks: {},
      figures: {},
    });
    return true;
  });
  expect(await status.keys()).toEqual(['decider']);
  expect((await status.get('decider'))?.state).toBe('ready');
  expect(await status.get('nobody')).toBeNull();
});
