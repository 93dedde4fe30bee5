import { copyLeaderTrade, copyMarketBook, interestBucket } from '@slipstream/proto';
import { type Activity, idleActivity, silentLogger } from '@slipstream/runtime';
import { obtainNatsServer } from '@slipstream/stack';
import { eventually, testEnvironment } from '@slipstream/testkit';
import { headers } from 'nats';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aBook, aTrade, tradesOfWallet } from '../test/messages.ts';
import { type NatsProcess, startNatsProcess } from '../test/nats-process.ts';
import { type Admin, connectAdmin } from './admin.ts';
import { connectBus } from './bus.ts';
import { listDead } from './dead-letters.ts';
import { ensureTopology } from './ensure.ts';
import { laneOfDurable } from './lanes.ts';
import { newTrace } from './trace.ts';
import type { Bus, Reader } from './types.ts';

/** Remembers how far each lane was produced and consumed, and how much is under way. */
function recordingActivity() {
  const produced = new Map<string, number>();
  const consumed = new Map<string, number[]>();
  let busy = 0;
  const begin = () => {
    busy += 1;
    return () => {
      busy -= 1;
    };
  };
  const activity: Activity = {
    ...idleActivity,
    begin,
    run: async (work) => {
      const end = begin();
      try {
        return await work();
      } finally {
        end();
      }
    },
    produced: (lane, sequence) => void produced.set(lane, sequence),
    consumed: (lane, sequence) => void consumed.set(lane, [...(consumed.get(lane) ?? []), sequence]),
  };
  return { activity, produced, consumed, busy: () => busy };
}

const natsBinary = () => {
  const { NATS_SERVER: named, PATH: searchPath, SLIPSTREAM_CACHE: cacheDir } = testEnvironment();
  return obtainNatsServer({ named, searchPath, cacheDir, onProgress: () => undefined });
};

let nats: NatsProcess;
let admin: Admin;
let bus: Bus;
let seen: ReturnType<typeof recordingActivity>;
const readers: Reader[] = [];

beforeEach(async () => {
  nats = await startNatsProcess(await natsBinary());
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  seen = recordingActivity();
  bus = await connectBus({ url: nats.url, name: 'ingest', log: silentLogger(), activity: seen.activity });
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.stop();
  await Promise.all([bus.close(), admin.close()]);
  await nats.stop();
});

describe('tail', () => {
  test('gives the last message per subject before it resolves, and then what comes', async () => {
    for (const token of ['1', '2', '1']) await bus.publish(copyMarketBook, aBook(token), newTrace('b'));
    const books: string[] = [];
    readers.push(
      await bus.tail(copyMarketBook, (book, { sequence }) => books.push(`${book.tokenId}@${sequence}`)),
    );
    expect(books).toEqual(['2@2', '1@3']);
    await bus.publish(copyMarketBook, aBook('9'), newTrace('b'));
    await eventually('the new book', () => books.length === 3);
    expect(books[2]).toBe('9@4');
  });

  test('from new gives nothing that was there', async () => {
    await bus.publish(copyLeaderTrade, aTrade('t-1'), newTrace('t'));
    const trades: string[] = [];
    readers.push(await bus.tail(copyLeaderTrade, (trade) => trades.push(trade.tradeId), { from: 'new' }));
    await bus.publish(copyLeaderTrade, aTrade('t-2'), newTrace('t'));
    await eventually('the new trade', () => trades.length === 1);
    expect(trades).toEqual(['t-2']);
  });

  test('two hundred large books are read under flow control', async () => {
    const level = (i: number): [bigint, bigint] => [BigInt(500_000 - i), 1_000_000n];
    const bids = copyMarketBook.schema.shape.bids.decode(
      Array.from({ length: 100 }, (_, i) => [level(i)[0].toString(), level(i)[1].toString()]),
    );
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        bus.publish(copyMarketBook, aBook(String(i), bids), newTrace('b')),
      ),
    );
    const books = new Set<string>();
    readers.push(await bus.tail(copyMarketBook, (book) => books.add(book.tokenId)));
    expect(books.size).toBe(200);
  });

  test('what cannot be read is sent to the dead letters once, and skipped', async () => {
    const wire = headers();
    wire.set('Slip-Schema-Version', '1');
    wire.set('Slip-Correlation-Id', 'c');
    await admin.link.nc.jetstream().publish('copy.market.book.1', '{"no":"book"}', { headers: wire });
    const books: string[] = [];
    readers.push(await bus.tail(copyMarketBook, (book) => books.push(book.tokenId)));
    await bus.publish(copyMarketBook, aBook('2'), newTrace('b'));
    await eventually('the next book', () => books.length === 1);
    const [stored, ...more] = await eventually('a dead letter', async () => {
      const all = await listDead(admin, { service: 'ingest' });
      return all.length > 0 ? all : null;
    });
    expect(more).toEqual([]);
    expect(stored?.letter).toMatchObject({
      reason: 'schema',
      subject: 'copy.market.book.1',
      payload: '{"no":"book"}',
    });
  });

  test('an exception of its callback does not end it', async () => {
    const books: string[] = [];
    readers.push(
      await bus.tail(copyMarketBook, (book) => {
        books.push(book.tokenId);
        throw new Error('bug');
      }),
    );
    await bus.publish(copyMarketBook, aBook('1'), newTrace('b'));
    await bus.publish(copyMarketBook, aBook('2'), newTrace('b'));
    await eventually('both', () => books.length === 2);
  });
});

const LANE = laneOfDurable(tradesOfWallet);

describe('lanes', () => {
  test('a reader begins at 0 and says how far it is; a second one of the lane counts by itself', async () => {
    await bus.publish(copyLeaderTrade, aTrade('t-1'), newTrace('t'));
    await bus.publish(copyMarketBook, aBook('1'), newTrace('b'));
    const durable = await bus.consume(tradesOfWallet, async () => undefined);
    readers.push(durable, await bus.tail(copyMarketBook, () => undefined));
    readers.push(await bus.tail(copyMarketBook, () => undefined));
    await eventually('the trade', () => seen.consumed.get(LANE)?.at(-1) === 1);
    expect(seen.produced.get(LANE)).toBe(1);
    expect(seen.consumed.get(LANE)?.[0]).toBe(0);
    for (const lane of ['copyMarketBook', 'copyMarketBook#2']) {
      expect(seen.consumed.get(lane)?.[0]).toBe(0);
      expect(seen.consumed.get(lane)?.at(-1)).toBe(1);
    }
  });

  test('a failed message holds its lane back until it is settled', async () => {
    let failing = true;
    readers.push(
      await bus.consume({ ...tradesOfWallet, backoffMs: [50], deliveriesMax: 1_000 }, async (batch) => {
        if (failing && batch.some((d) => d.message.tradeId === 't-2')) throw new Error('not yet');
      }),
    );
    for (const id of ['t-1', 't-2', 't-3']) await bus.publish(copyLeaderTrade, aTrade(id), newTrace('t'));
    await eventually('the first', () => seen.consumed.get(LANE)?.at(-1) === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.consumed.get(LANE)?.at(-1)).toBe(1);
    failing = false;
    await eventually('all', () => seen.consumed.get(LANE)?.at(-1) === 3);
    await eventually('rest', () => seen.busy() === 0);
  });

  test('a bucket is a lane of its own', async () => {
    const bucket = await bus.bucket(interestBucket);
    readers.push(await bucket.watch(() => undefined));
    const revision = await bucket.put('1', {
      tokenId: '1',
      wantedBy: 'test',
      since: '2026-01-01T00:00:00.000Z',
      refreshAt: null,
    });
    expect(seen.produced.get('kv:interest')).toBe(revision);
    await eventually('the put', () => seen.consumed.get('kv:interest')?.at(-1) === revision);
  });
});
