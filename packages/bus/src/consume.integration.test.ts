import {
  copyLeaderTrade,
  type DeadLetter,
  type Durable,
  deciderLeaderTrades,
  filterOf,
  LEADER_PARTITIONS,
  partitionOf,
} from '@slipstream/proto';
import { idleActivity, silentLogger } from '@slipstream/runtime';
import { obtainNatsServer } from '@slipstream/stack';
import { eventually, testEnvironment } from '@slipstream/testkit';
import { headers } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { aTrade, tradesOfWallet } from '../test/messages.ts';
import { type NatsProcess, startNatsProcess } from '../test/nats-process.ts';
import { type Admin, connectAdmin } from './admin.ts';
import { connectBus } from './bus.ts';
import { listDead, replayDead } from './dead-letters.ts';
import { ensureTopology } from './ensure.ts';
import { newTrace } from './trace.ts';
import type { Bus, Handler, Reader } from './types.ts';
import { Poison } from './verdict.ts';

/** Short waits, so that a test of eight deliveries does not take a minute. */
const hasty = (over: Partial<Omit<Durable, 'channel'>> = {}): typeof tradesOfWallet => ({
  ...tradesOfWallet,
  backoffMs: [10, 20],
  deliveriesMax: 3,
  ...over,
});

const natsBinary = () => {
  const { NATS_SERVER: named, PATH: searchPath, SLIPSTREAM_CACHE: cacheDir } = testEnvironment();
  return obtainNatsServer({ named, searchPath, cacheDir, onProgress: () => undefined });
};

let nats: NatsProcess;
let admin: Admin;
let ingest: Bus;
let decider: Bus;
let reader: Reader | null = null;

const open = (name: string): Promise<Bus> =>
  connectBus({ url: nats.url, name, log: silentLogger(), activity: idleActivity });

const publish = (...ids: readonly string[]) =>
  Promise.all(ids.map((id) => ingest.publish(copyLeaderTrade, aTrade(id), newTrace(id))));

const consume = async (
  handler: Handler<ReturnType<typeof aTrade>>,
  over: Partial<Durable> = {},
  options = {},
) => {
  reader = await decider.consume(hasty(over), handler, options);
};

const idsOf = (batch: readonly { message: { tradeId: string } }[]) => batch.map((d) => d.message.tradeId);
const letters = async (): Promise<DeadLetter[]> => (await listDead(admin)).map(({ letter }) => letter);

beforeAll(async () => {
  nats = await startNatsProcess(await natsBinary());
});
afterAll(() => nats.stop());
beforeEach(async () => {
  admin = await connectAdmin({ url: nats.url });
  await ensureTopology(admin, { replicas: 1 });
  [ingest, decider] = await Promise.all([open('ingest'), open('decider')]);
});
afterEach(async () => {
  await reader?.stop();
  reader = null;
  for (const stream of ['LEADER', 'DEAD']) await admin.link.nc.request(`$JS.API.STREAM.DELETE.${stream}`);
  await Promise.all([ingest.close(), decider.close(), admin.close()]);
});

describe('publish', () => {
  test('the same message twice is stored once', async () => {
    const [first] = await publish('t-1');
    const [second] = await publish('t-1');
    expect(first?.duplicate).toBe(false);
    expect(second).toEqual({ sequence: first?.sequence, duplicate: true });
  });
});

describe('partitions', () => {
  test('the broker puts every wallet where we expect it, and each partition has its own reader', async () => {
    const wallets = Array.from({ length: 40 }, (_, n) => `0x${(n * 7_919).toString(16).padStart(40, '0')}`);
    const read: { wallet: string; partition: number | null }[] = [];
    const readers = await Promise.all(
      deciderLeaderTrades.map((durable) =>
        decider.consume(durable, async (batch) => {
          for (const { message } of batch)
            read.push({ wallet: message.wallet, partition: durable.partition });
        }),
      ),
    );
    for (const wallet of wallets)
      await ingest.publish(copyLeaderTrade, aTrade(`t-${wallet}`, { wallet }), newTrace(wallet));
    await vi.waitUntil(() => read.length >= wallets.length);
    await Promise.all(readers.map((one) => one.stop()));
    expect(read.map(({ wallet }) => wallet).sort()).toEqual(wallets);
    for (const { wallet, partition } of read) expect(partition).toBe(partitionOf(wallet, LEADER_PARTITIONS));
    expect(await letters()).toEqual([]);
  });
});

describe('consume', () => {
  test('gives the message with its trace, in stream order', async () => {
    const trace = newTrace('t-1', { seen: 1_700_000_000_000_000 });
    const seen: unknown[] = [];
    await consume(async (batch) => {
      seen.push(...batch);
    });
    await ingest.publish(copyLeaderTrade, aTrade('t-1'), trace);
    await publish('t-2', 't-3');
    await eventually('three deliveries', () => seen.length === 3);
    expect(seen[0]).toMatchObject({ message: aTrade('t-1'), trace, sequence: 1, deliveries: 1 });
    expect(seen[1]).toMatchObject({ message: { tradeId: 't-2' }, sequence: 2 });
  });

  test('a message that fails comes again, and is acknowledged once it succeeds', async () => {
    const deliveries: number[] = [];
    await consume(async (batch) => {
      deliveries.push(...batch.map((d) => d.deliveries));
      if (deliveries.length < 3) throw new Error('database away');
    });
    await publish('t-1');
    await eventually('third delivery', () => deliveries.length === 3);
    expect(deliveries).toEqual([1, 2, 3]);
    expect(await letters()).toEqual([]);
  });

  test('a message that keeps failing ends in the dead letters, and the next one is handled', async () => {
    const handled: string[] = [];
    await consume(async (batch) => {
      if (idsOf(batch).includes('t-bad')) throw new Error('cannot');
      handled.push(...idsOf(batch));
    });
    await publish('t-bad', 't-good');
    const [letter] = await eventually('a dead letter', async () => {
      const all = await letters();
      return all.length > 0 ? all : null;
    });
    expect(letter).toMatchObject({ service: 'decider', reason: 'exhausted', deliveries: 3, sequence: 1 });
    expect(letter?.error).toContain('cannot');
    expect(handled).toEqual(['t-good']);
  });

  test('poison goes to the dead letters at its first delivery', async () => {
    let calls = 0;
    await consume(async () => {
      calls += 1;
      throw new Poison('impossible state');
    });
    await publish('t-1');
    await eventually('a dead letter', async () => (await letters()).length === 1);
    expect((await letters())[0]).toMatchObject({
      reason: 'poison',
      deliveries: 1,
      durable: tradesOfWallet.name,
    });
    expect(calls).toBe(1);
  });

  test('an outage never ends in the dead letters', async () => {
    const deliveries: number[] = [];
    class Away extends Error {}
    await consume(
      async (batch) => {
        deliveries.push(...batch.map((d) => d.deliveries));
        if (deliveries.length < 6) throw new Away();
      },
      {},
      { outageFrom: (error: unknown) => error instanceof Away },
    );
    await publish('t-1');
    await eventually('sixth delivery', () => deliveries.length === 6);
    expect(await letters()).toEqual([]);
  });

  test('of a batch that fails only the bad message is tried again', async () => {
    const handled: string[] = [];
    const batches: number[] = [];
    await publish('t-1', 't-bad', 't-3');
    await consume(async (batch) => {
      batches.push(batch.length);
      if (idsOf(batch).includes('t-bad')) throw new Poison('bad');
      handled.push(...idsOf(batch));
    });
    await eventually('a dead letter', async () => (await letters()).length === 1);
    await eventually('the third', () => handled.length === 2);
    // All, the first half, its halves, the second half.
    expect(batches).toEqual([3, 2, 1, 1, 1]);
    expect(handled).toEqual(['t-1', 't-3']);
  });

  test('gathers for a while where it may, in order, and hands a full batch on at once', async () => {
    const batches: string[][] = [];
    const gatherMs = 400;
    await consume(async (batch) => void batches.push(idsOf(batch)), { batchMax: 3 }, { gatherMs });
    await publish('t-1');
    await publish('t-2');
    await eventually('the first two', () => batches.length === 1);
    const began = performance.now();
    await publish('t-3', 't-4', 't-5', 't-6');
    await eventually('all', () => batches.flat().length === 6);
    expect(batches[0]).toEqual(['t-1', 't-2']);
    expect(batches.flat()).toEqual(['t-1', 't-2', 't-3', 't-4', 't-5', 't-6']);
    expect(batches.length).toBeLessThan(6);
    expect(performance.now() - began).toBeGreaterThan(gatherMs / 2);
  });

  test('that gathers stops at once, and leaves what it had not begun', async () => {
    const handled: string[] = [];
    await consume(async (batch) => void handled.push(...idsOf(batch)), {}, { gatherMs: 60_000 });
    await publish('t-1');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await reader?.stop();
    expect(handled).toEqual([]);
    await consume(async (batch) => void handled.push(...idsOf(batch)));
    await eventually('the message', () => handled.length === 1);
  });

  test.each([
    ['no JSON', '{', '1'],
    ['another schema', '{"a":1}', '1'],
    ['a newer version', '{}', '99'],
    ['no headers', '{}', null],
  ])('%s goes to the dead letters and never reaches the handler', async (_name, payload, version) => {
    const handled: string[] = [];
    await consume(async (batch) => {
      handled.push(...idsOf(batch));
    });
    const wire = headers();
    if (version !== null) {
      wire.set('Slip-Schema-Version', version);
      wire.set('Slip-Correlation-Id', 'c');
    }
    await ingest.publish(copyLeaderTrade, aTrade('t-0'), newTrace('t-0'));
    await admin.link.nc.request(`copy.leader.trade.${aTrade('t').wallet}`, payload, {
      timeout: 2_000,
      headers: wire,
    });
    await publish('t-2');
    await eventually('the next one', () => handled.length === 2);
    expect(handled).toEqual(['t-0', 't-2']);
    expect(await letters()).toMatchObject([{ reason: 'schema', payload, deliveries: 1 }]);
  });

  test('stop waits for the batch in hand, and the rest is for the next reader', async () => {
    const release = Promise.withResolvers<void>();
    const first: string[] = [];
    await publish('t-1', 't-2', 't-3');
    const inHand = Promise.withResolvers<void>();
    await consume(
      async (batch) => {
        inHand.resolve();
        await release.promise;
        first.push(...idsOf(batch));
      },
      { batchMax: 1 },
    );
    await inHand.promise;
    const stopped = reader?.stop();
    release.resolve();
    await stopped;
    expect(first).toEqual(['t-1']);
    const rest: string[] = [];
    await consume(async (batch) => {
      rest.push(...idsOf(batch));
    });
    await eventually('the rest', () => rest.length === 2, { withinMs: 3_000 });
    expect(rest.sort()).toEqual(['t-2', 't-3']);
  });

  test('a long handler keeps its messages', async () => {
    const seen: number[] = [];
    const info = await admin.link.nc.request(
      `$JS.API.CONSUMER.CREATE.LEADER.${tradesOfWallet.name}.${filterOf(tradesOfWallet)}`,
      JSON.stringify({
        stream_name: 'LEADER',
        config: {
          durable_name: tradesOfWallet.name,
          name: tradesOfWallet.name,
          filter_subject: filterOf(tradesOfWallet),
          ack_policy: 'explicit',
          ack_wait: 600_000_000,
          max_ack_pending: 2000,
          max_waiting: 64,
          num_replicas: 0,
        },
      }),
    );
    expect(info.string()).not.toContain('"error"');
    await consume(
      async (batch) => {
        seen.push(...batch.map((d) => d.deliveries));
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      },
      { ackWaitMs: 600 },
    );
    await publish('t-1');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(seen).toEqual([1]);
  });
});

describe('replayDead', () => {
  test('sends the original message again, past the dedupe window', async () => {
    let healed = false;
    const handled: string[] = [];
    await consume(async (batch) => {
      if (!healed) throw new Poison('not yet');
      handled.push(...idsOf(batch));
    });
    await publish('t-1');
    await eventually('a dead letter', async () => (await letters()).length === 1);
    healed = true;
    expect(await replayDead(admin, { service: 'decider' })).toBe(1);
    await eventually('the replay', () => handled.length === 1);
    const [letter] = await letters();
    expect(await replayDead(admin, { deadIds: [letter?.deadId ?? ''] })).toBe(1);
    await eventually('the second replay', () => handled.length === 2);
    expect(handled).toEqual(['t-1', 't-1']);
    expect(await replayDead(admin, { deadIds: ['another'] })).toBe(0);
  });
});
