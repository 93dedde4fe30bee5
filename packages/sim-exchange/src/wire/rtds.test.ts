import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSocket, postJson, recordings, startTestSim, type TestSim, waitFor } from '../../test/sim.ts';

const data = recordings();
let sim: TestSim;
let socket: Awaited<ReturnType<typeof openSocket>>;

beforeEach(async () => {
  sim = await startTestSim();
  socket = await openSocket(sim.endpoints.rtds);
});
afterEach(async () => {
  socket.close();
  await sim.stop();
});

const subscribe = async (type: string, action = 'subscribe') => {
  socket.say({ action, subscriptions: [{ topic: 'activity', type }] });
  await socket.settle();
};
const burst = async (count: number) => {
  const { body } = await postJson(`${sim.endpoints.admin}/burst`, { wallet: sim.wallets[0], count });
  return (body as { trades: { transactionHash: string }[] }).trades.map((trade) => trade.transactionHash);
};
const faults = (body: object) => postJson(`${sim.endpoints.admin}/faults`, body);
const frames = () => socket.heard.map((text) => JSON.parse(text));
const hashes = (): string[] => frames().map((frame) => frame.payload.transactionHash);

describe('the real-time feed', () => {
  test('says nothing before it is asked', async () => {
    await burst(2);
    await socket.settle();
    expect(socket.heard).toEqual([]);
  });

  test.each(['trades', 'orders_matched'])('tells every trade of everybody as %s', async (type) => {
    await subscribe(type);
    const made = await burst(3);
    await socket.settle();
    expect(hashes()).toEqual(made);
    expect(frames()[0]).toMatchObject({ topic: 'activity', type });
  });

  test('tells fills of resting orders as trades only', async () => {
    await subscribe('trades');
    await subscribe('orders_matched');
    const [market] = [...sim.venue.markets.values()];
    sim.venue.trade({
      wallet: sim.wallets[0] ?? '',
      tokenId: market?.tokenIds[0] ?? '',
      conditionId: market?.conditionId ?? '',
      side: 'BUY',
      price: '0.4',
      size: '1',
      transactionHash: `0x${'a'.repeat(64)}`,
      atMs: 1_000,
      isTaker: false,
    });
    await socket.settle();
    expect(frames().map((frame) => frame.type)).toEqual(['trades']);
  });

  test('stops when asked', async () => {
    await subscribe('trades');
    await subscribe('trades', 'unsubscribe');
    await burst(1);
    await socket.settle();
    expect(socket.heard).toEqual([]);
  });

  test('survives rubbish', async () => {
    for (const rubbish of ['{', '[]', '{"action":"dance"}']) socket.say(rubbish);
    await subscribe('trades');
    await burst(1);
    await socket.settle();
    expect(socket.heard).toHaveLength(1);
  });

  test('leaves out every third trade on request', async () => {
    await subscribe('trades');
    await faults({ rtdsMissEvery: 3 });
    const made = await burst(6);
    await socket.settle();
    expect(hashes()).toEqual(made.filter((_, i) => (i + 1) % 3 !== 0));
  });

  test('repeats on request', async () => {
    await subscribe('trades');
    await faults({ rtdsRepeat: 2 });
    const made = await burst(2);
    await socket.settle();
    expect(hashes()).toEqual(made.flatMap((hash) => [hash, hash]));
  });

  test.each([
    [
      [
        { topic: 'activity', type: 'trades' },
        { topic: 'crypto_prices', type: 'update' },
      ],
      0,
    ],
    [
      [
        { topic: 'activity', type: 'trades' },
        { topic: 'activity', type: 'fills' },
      ],
      0,
    ],
    [
      [
        { topic: 'activity', type: 'trades' },
        { topic: 'comments', type: '*' },
      ],
      1,
    ],
    [[{ topic: 'activity', type: '*' }], 2],
  ])(
    'of the batch %j tells %i frames: one bad topic kills the whole of it',
    async (subscriptions, frames) => {
      socket.say({ action: 'subscribe', subscriptions });
      await burst(1);
      await socket.settle();
      expect(socket.heard).toHaveLength(frames);
    },
  );

  test('spells addresses in mixed case, as recorded ones are', async () => {
    await subscribe('trades');
    const wallet = '0x99e42eb9038705165b22f821e27659c1dc41e4c4';
    const [market] = [...sim.venue.markets.values()];
    await postJson(`${sim.endpoints.admin}/trade`, {
      wallet,
      tokenId: market?.tokenIds[0],
      conditionId: market?.conditionId,
      side: 'BUY',
      price: '0.4',
      size: '5',
    });
    await socket.settle();
    expect(frames()[0].payload.proxyWallet).toBe('0x99E42Eb9038705165b22f821e27659C1Dc41e4c4');
  });

  test('on request answers PING and tells nothing', async () => {
    await subscribe('trades');
    await faults({ rtdsSilent: true });
    await burst(2);
    await socket.settle();
    expect(socket.heard).toEqual([]);
  });

  test('swaps pairs of trades on request', async () => {
    await subscribe('trades');
    await faults({ rtdsSwapped: true });
    const [a, b, c, d] = await burst(4);
    await socket.settle();
    expect(hashes()).toEqual([b, a, d, c]);
  });

  test('is late on request, and says the time of the trade', async () => {
    await subscribe('trades');
    await faults({ rtdsLagMs: 80 });
    const made = await burst(2);
    await socket.settle();
    expect(socket.heard).toEqual([]);
    await waitFor(() => socket.heard.length === 2);
    expect(hashes()).toEqual(made);
  });

  test('freezes on request: the socket stays open and says nothing', async () => {
    await subscribe('trades');
    await faults({ rtdsFrozen: true });
    await burst(2);
    socket.say('PING');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(socket.heard).toEqual([]);
    expect(socket.isClosed()).toBe(false);
    await faults({ rtdsFrozen: false });
    await burst(1);
    await waitFor(() => socket.heard.length === 1);
  });

  test('delivers every trade of a load', async () => {
    await subscribe('trades');
    const total = 6_000;
    await postJson(`${sim.endpoints.admin}/load`, { tradesPerSecond: 50_000, total });
    await waitFor(() => socket.heard.length >= total);
    expect(new Set(hashes()).size).toBe(total);
  });

  test.skipIf(data === null)('has the keys of a recorded frame', async () => {
    await subscribe('trades');
    await burst(1);
    await socket.settle();
    const recorded = JSON.parse(
      readFileSync(join(data ?? '', 'messages/rtds/rtds-activity-trade.json'), 'utf8'),
    );
    const [frame] = frames();
    expect(Object.keys(frame).sort()).toEqual(Object.keys(recorded).sort());
    expect(Object.keys(frame.payload)).toEqual(expect.arrayContaining(Object.keys(recorded.payload)));
  });
});
