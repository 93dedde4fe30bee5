import { fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { BookSession } from './book-session.ts';

const TOKEN = '101';
const bookOf = (bid: string, ask: string) => ({
  event_type: 'book',
  asset_id: TOKEN,
  timestamp: '1000',
  bids: [{ price: bid, size: '10' }],
  asks: [{ price: ask, size: '10' }],
});
const changeOf = (price: string, size: string, best: object = {}) => ({
  event_type: 'price_change',
  timestamp: '2000',
  price_changes: [{ asset_id: TOKEN, price, size, side: 'BUY', ...best }],
});

let server: WebSocketServer | undefined;
let session: BookSession | undefined;
afterEach(() => {
  session?.stop();
  server?.close();
});

/** A session that is connected to an exchange played by the test. */
async function connected() {
  const exchange = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = exchange;
  await new Promise((resolve) => exchange.once('listening', resolve));
  const address = exchange.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const heard: unknown[] = [];
  const peer = new Promise<WebSocket>((resolve) => {
    exchange.once('connection', (socket) => {
      socket.on('message', (data) => {
        const text = data.toString();
        if (text === 'PING') return socket.send('PONG');
        heard.push(JSON.parse(text));
        return undefined;
      });
      resolve(socket);
    });
  });
  const clock = fakeClock(new Date('2026-06-01T12:00:00Z'));
  const told = {
    onBook: vi.fn(),
    onDoubt: vi.fn(),
    onTick: vi.fn(),
    onResolved: vi.fn(),
    onAlive: vi.fn(),
    problems: vi.fn(),
  };
  const opened = new BookSession({
    url: `ws://127.0.0.1:${address.port}`,
    name: 'market-1',
    clock,
    activity: idleActivity,
    log: silentLogger(),
    ...told,
  });
  session = opened;
  opened.add(TOKEN);
  const socket = await peer;
  await vi.waitFor(() => expect(opened.isOpen()).toBe(true));
  /** The exchange says it, it has arrived, and so has the answer. */
  const say = async (frame: unknown): Promise<void> => {
    socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    await opened.prove();
    await opened.prove();
  };
  return { session: opened, say, heard, clock, ...told };
}

const operations = (heard: readonly unknown[]): unknown[] =>
  heard.flatMap((frame) =>
    typeof frame === 'object' && frame !== null && 'operation' in frame ? [frame.operation] : [],
  );

describe('a book session', () => {
  test('takes snapshots in a list or alone, and builds on with changes', async () => {
    const t = await connected();
    await t.say([bookOf('0.48', '0.50')]);
    await t.say(changeOf('0.49', '5', { best_bid: '0.49', best_ask: '0.50' }));
    expect(t.session.book(TOKEN)?.best()).toEqual({ bid: 490_000n, ask: 500_000n });
    await t.say(bookOf('0.30', '0.70'));
    expect(t.session.book(TOKEN)?.best()).toEqual({ bid: 300_000n, ask: 700_000n });
    expect(t.onBook).toHaveBeenCalledTimes(3);
    expect(t.onDoubt).not.toHaveBeenCalled();
  });

  test('drops a change that comes before the snapshot, and asks', async () => {
    const t = await connected();
    await t.say(changeOf('0.49', '5'));
    expect(t.session.book(TOKEN)).toBeNull();
    expect(t.onDoubt).toHaveBeenCalledExactlyOnceWith(TOKEN);
  });

  test.each([
    ['contradicts the stated best price', changeOf('0.49', '5', { best_bid: '0.495', best_ask: '0.50' })],
    ['is crossed', changeOf('0.51', '5')],
  ])('a book that %s is not believed until its next snapshot', async (_case, change) => {
    const t = await connected();
    await t.say(bookOf('0.48', '0.50'));
    const before = t.heard.length;
    await t.say(change);
    expect(t.session.book(TOKEN)).toBeNull();
    expect(t.onDoubt).toHaveBeenCalledExactlyOnceWith(TOKEN);
    expect(operations(t.heard.slice(before))).toEqual(['unsubscribe', 'subscribe']);
    await t.say(bookOf('0.49', '0.50'));
    expect(t.session.book(TOKEN)?.best().bid).toBe(490_000n);
  });

  test('a market that always contradicts itself makes no storm', async () => {
    const t = await connected();
    for (let i = 0; i < 20; i++) {
      await t.say(bookOf('0.48', '0.50'));
      await t.say(changeOf('0.51', '5'));
    }
    expect(t.onDoubt).toHaveBeenCalledTimes(1);
    await t.clock.advance(1_000);
    await t.say(bookOf('0.48', '0.50'));
    await t.say(changeOf('0.51', '5'));
    expect(t.onDoubt).toHaveBeenCalledTimes(2);
  });

  test('an empty best price says nothing, and one of an empty side agrees', async () => {
    const t = await connected();
    await t.say(bookOf('0.48', '0.50'));
    await t.say(changeOf('0.48', '0', { best_bid: '0', best_ask: '' }));
    expect(t.session.book(TOKEN)?.best()).toEqual({ bid: null, ask: 500_000n });
  });

  test('goes on after rubbish, which is kept', async () => {
    const t = await connected();
    await t.say('{"event_type":"book","asset_id":17');
    await t.say({ event_type: 'price_change', price_changes: 'none' });
    await t.say({ hello: 1 });
    await t.say(bookOf('0.48', '0.50'));
    expect(t.problems).toHaveBeenCalledTimes(3);
    expect(t.session.book(TOKEN)?.whole).toBe(true);
  });

  test('tells of a new tick and of a decided market', async () => {
    const t = await connected();
    const market = `0x${'cd'.repeat(32)}`;
    await t.say({ event_type: 'tick_size_change', asset_id: TOKEN, new_tick_size: '0.001' });
    await t.say({ event_type: 'market_resolved', market });
    expect(t.onTick).toHaveBeenCalledWith(TOKEN);
    expect(t.onResolved).toHaveBeenCalledWith(market);
  });

  test('is proven alive again as time passes', async () => {
    const t = await connected();
    await t.session.prove();
    const before = t.onAlive.mock.calls.length;
    await t.session.prove();
    expect(t.onAlive).toHaveBeenCalledTimes(before);
    await t.clock.advance(1_000);
    await t.session.prove();
    expect(t.onAlive).toHaveBeenLastCalledWith(
      expect.objectContaining({ aliveAt: '2026-06-01T12:00:01.000Z', open: true }),
    );
  });
});
