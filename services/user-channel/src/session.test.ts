import { silentLogger } from '@slipstream/runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type SessionOptions, UserSession } from './session.ts';

const PACE = { pingEveryMs: 40, silenceMs: 120, steadyMs: 30_000 };

let server: WebSocketServer | undefined;
let session: UserSession | undefined;
afterEach(async () => {
  await session?.stop();
  server?.close();
});

/** A session with a server of the test, which answers pings unless told to be deaf. */
async function opened(
  options: Partial<SessionOptions> & { readonly deaf?: (connection: number) => boolean } = {},
) {
  const listening = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const peers: WebSocket[] = [];
  const heard: string[] = [];
  const life: string[] = [];
  listening.on('connection', (peer) => {
    peers.push(peer);
    const connection = peers.length;
    peer.on('message', (data) => {
      heard.push(data.toString());
      if (data.toString() === 'PING' && options.deaf?.(connection) !== true) peer.send('PONG');
    });
  });
  const catchUp = vi.fn(async () => {
    life.push('caught up');
  });
  session = new UserSession({
    url: `ws://127.0.0.1:${address.port}`,
    authentication: () => 'credentials',
    onText: (text) => life.push(text),
    catchUp,
    onState: (state) => {
      if (state !== 'alive') life.push(state);
    },
    log: silentLogger(),
    pace: PACE,
    ...options,
  });
  const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 3_000 });
  return { session, peers, heard, life, catchUp, until };
}

describe('a session', () => {
  test('names its credentials first, catches up once they are read, and is connected only then', async () => {
    const { session, heard, life, until } = await opened();
    await until(() => session.isOpen());
    expect(heard.slice(0, 2)).toEqual(['credentials', 'PING']);
    expect(life.slice(0, 3)).toEqual(['PONG', 'caught up', 'open']);
  });

  test('hears what is told while it catches up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { session, peers, life, until } = await opened({ catchUp: () => promise });
    await until(() => life.includes('PONG'));
    peers[0]?.send('a trade');
    await until(() => life.includes('a trade'));
    expect(session.isOpen()).toBe(false);
    resolve();
    await until(() => session.isOpen());
  });

  test('is opened again after a cut, and catches up again', async () => {
    const { session, peers, life, until } = await opened();
    await until(() => session.isOpen());
    peers[0]?.terminate();
    await until(() => peers.length === 2 && session.isOpen());
    expect(life.filter((word) => word !== 'PONG')).toEqual([
      'caught up',
      'open',
      'closed',
      'caught up',
      'open',
    ]);
  });

  test('is given up when what was missed cannot be found out', async () => {
    let answers = 0;
    const { session, peers, until } = await opened({
      catchUp: async () => {
        answers += 1;
        if (answers === 1) throw new Error('the exchange does not answer');
      },
    });
    await until(() => session.isOpen());
    expect(peers).toHaveLength(2);
  });

  test('is given up when not even a ping is answered, though it is not closed', async () => {
    const { session, peers, until } = await opened({ deaf: (connection) => connection === 1 });
    await until(() => peers.length === 2 && session.isOpen());
    expect(session.failures()).toBe(1);
  });

  test('waits longer each time when it is closed as soon as it has named its credentials', async () => {
    const opens: number[] = [];
    const { peers, until } = await opened({ deaf: () => true });
    for (let n = 1; n <= 3; n++) {
      await until(() => peers.length === n);
      opens.push(performance.now());
      peers[n - 1]?.terminate();
    }
    const [first = 0, second = 0, third = 0] = opens;
    expect(third - first).toBeGreaterThan(600);
    expect(third - second).toBeGreaterThan(400);
  });

  test('says that it is closed when it is stopped, and opens no more', async () => {
    const { session, peers, life, until } = await opened();
    await until(() => session.isOpen());
    await session.stop();
    expect(life.at(-1)).toBe('closed');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(peers).toHaveLength(1);
  });
});
