import { fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Observation } from '../core/observation.ts';
import { Rtds } from './rtds.ts';

const LEADER = `0x${'1a'.repeat(20)}`;
const frameOf = (patch: object = {}, type = 'trades') =>
  JSON.stringify({
    topic: 'activity',
    type,
    timestamp: 1,
    connection_id: 'x',
    payload: {
      proxyWallet: `0x${'1A'.repeat(20)}`,
      timestamp: 1_784_076_314,
      conditionId: `0x${'cd'.repeat(32)}`,
      size: 10,
      price: 0.5,
      transactionHash: `0x${'ab'.repeat(32)}`,
      asset: '101',
      side: 'BUY',
      ...patch,
    },
  });

let server: WebSocketServer | undefined;
let rtds: Rtds | undefined;
afterEach(() => {
  rtds?.stop();
  server?.close();
});

/** The feed as a test plays it; `seen` are the sizes that were observed. */
async function listening() {
  const feed = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = feed;
  await new Promise((resolve) => feed.once('listening', resolve));
  const address = feed.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const peer = new Promise<WebSocket>((resolve) => {
    feed.once('connection', (socket) => socket.once('message', () => resolve(socket)));
  });
  const seen: Observation[] = [];
  const problems = vi.fn();
  const onGap = vi.fn();
  rtds = new Rtds({
    url: `ws://127.0.0.1:${address.port}`,
    silenceMs: 30_000,
    merger: { add: async (observations) => void seen.push(...observations) },
    followed: {
      ownerOf: (wallet) => (wallet === LEADER ? { leaderId: 'anna', followedAtMs: 0 } : undefined),
      wallets: () => [LEADER],
      onLeader: () => undefined,
    },
    problems,
    onGap,
    clock: fakeClock(new Date(0)),
    activity: idleActivity,
    log: silentLogger(),
  });
  const socket = await peer;
  const say = async (...frames: readonly string[]): Promise<void> => {
    for (const frame of frames) socket.send(frame);
    socket.send(frameOf({ transactionHash: `0x${'ee'.repeat(32)}` }, 'end'));
    await vi.waitFor(() => expect(seen.at(-1)?.identity.transactionHash).toMatch(/^0xeeee/));
    seen.pop();
  };
  return { say, seen, problems, onGap, socket };
}

describe('the real-time feed', () => {
  test('shows trades of followed wallets, however their letters are written, and no others', async () => {
    const { say, seen } = await listening();
    await say(frameOf({ proxyWallet: `0x${'2b'.repeat(20)}` }), frameOf());
    expect(seen.map((o) => [o.identity.wallet, o.figure.sizeMicros, o.source])).toEqual([
      [LEADER, 10_000_000n, 'rtds'],
    ]);
  });

  test('adds up the rows of a trade, and neither repetitions nor its second subscription', async () => {
    const { say, seen } = await listening();
    await say(frameOf(), frameOf(), frameOf({}, 'orders_matched'), frameOf({ price: 0.51 }));
    expect(seen.map((o) => o.figure.sizeMicros)).toEqual([10_000_000n, 10_000_000n, 20_000_000n]);
  });

  test('goes on after rubbish, which is kept; signs of life are none', async () => {
    const { say, seen, problems } = await listening();
    await say(
      'PONG',
      '',
      'INVALID',
      '{"topic":"activity","payload":{"proxyWallet":7}}',
      frameOf({ price: 'high' }),
      frameOf({ side: 'HOLD' }),
      `${frameOf().slice(0, -1)}`,
      frameOf(),
    );
    expect(problems).toHaveBeenCalledTimes(5);
    expect(seen).toHaveLength(1);
  });

  test('tells of the gap after it was cut', async () => {
    const { socket, onGap } = await listening();
    expect(onGap).not.toHaveBeenCalled();
    socket.terminate();
    await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(1), { timeout: 3_000 });
  });
});
