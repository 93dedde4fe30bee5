import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { KeptSocket } from './socket.ts';

let server: WebSocketServer | undefined;
let kept: KeptSocket | undefined;
afterEach(() => {
  kept?.stop();
  server?.close();
});

/** A socket that is kept to a server of the test; `life` is what happened to its connections, in order. */
async function keptSocket() {
  const opened = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = opened;
  await new Promise((resolve) => opened.once('listening', resolve));
  const address = opened.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const peers: WebSocket[] = [];
  opened.on('connection', (socket) => peers.push(socket));
  const life: string[] = [];
  let connections = 0;
  const socket = new KeptSocket(`ws://127.0.0.1:${address.port}`, () => {
    connections += 1;
    const own = connections;
    life.push(`open ${own}`);
    return {
      onText: (text) => life.push(`${text} on ${own}`),
      onClose: () => life.push(`close ${own}`),
    };
  });
  kept = socket;
  const until = (event: string) => vi.waitFor(() => expect(life).toContain(event), { timeout: 3_000 });
  await until('open 1');
  return { socket, peers, life, until };
}

describe('a kept socket', () => {
  test('opens again after it was cut', async () => {
    const { socket, peers, life, until } = await keptSocket();
    peers[0]?.terminate();
    await until('open 2');
    expect(life).toEqual(['open 1', 'close 1', 'open 2']);
    expect(socket.isOpen()).toBe(true);
  });

  test('waits longer each time when it is closed as soon as it is open', async () => {
    const { peers, until } = await keptSocket();
    const opens: number[] = [];
    for (let n = 1; n <= 4; n++) {
      opens.push(performance.now());
      peers[n - 1]?.terminate();
      await until(`open ${n + 1}`);
    }
    expect(performance.now() - (opens[3] ?? 0)).toBeGreaterThan(700);
  });

  test('is replaced without a moment between the two', async () => {
    const { socket, peers, life, until } = await keptSocket();
    socket.replace();
    socket.replace();
    await until('close 1');
    expect(life).toEqual(['open 1', 'open 2', 'close 1']);
    peers[1]?.terminate();
    await until('open 3');
    expect(peers).toHaveLength(3);
  });

  test('is flushed when all that was sent before has arrived', async () => {
    const { socket, peers, life } = await keptSocket();
    for (let i = 0; i < 50; i++) peers[0]?.send(`frame ${i}`);
    await socket.flushed();
    expect(life.at(-1)).toBe('frame 49 on 1');
  });

  test('cannot be flushed while it is closed, and opens no more once it is stopped', async () => {
    const { socket, life, until } = await keptSocket();
    socket.stop();
    await until('close 1');
    await expect(socket.flushed()).rejects.toThrow('not open');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(life).toEqual(['open 1', 'close 1']);
  });
});
