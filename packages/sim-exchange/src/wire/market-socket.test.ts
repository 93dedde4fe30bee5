import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  getJson,
  openSocket,
  postJson,
  recordings,
  startTestSim,
  type TestSim,
  waitFor,
} from '../../test/sim.ts';
import { bestBidOf } from '../venue/book.ts';
import type { Market } from '../venue/market.ts';
import { bestBidAskEvent } from './market-events.ts';

const data = recordings();
let sim: TestSim;
let market: Market;
let socket: Awaited<ReturnType<typeof openSocket>>;

beforeEach(async () => {
  sim = await startTestSim();
  const [first] = [...sim.venue.markets.values()];
  if (!first) throw new Error('no market');
  market = first;
  socket = await openSocket(`${sim.endpoints.ws}/market`);
});
afterEach(async () => {
  socket.close();
  await sim.stop();
});

const heard = () => socket.heard.map((text) => JSON.parse(text));
const kinds = (): string[] => heard().flatMap((m) => (Array.isArray(m) ? ['dump'] : [m.event_type]));
const subscribe = async (more: object = {}) => {
  socket.say({ type: 'market', assets_ids: [market.tokenIds[0]], ...more });
  await socket.settle();
};
const level = (cents: bigint, shares: bigint) =>
  sim.venue.changeLevels(
    market.tokenIds[0],
    [{ side: 'BUY', priceMicros: cents * 10_000n, sizeMicros: shares * 1_000_000n }],
    5_000,
  );

describe('the market channel', () => {
  test('answers the first frame with an array of books', async () => {
    await subscribe();
    expect(heard()).toMatchObject([[{ event_type: 'book', asset_id: market.tokenIds[0] }]]);
  });

  test('answers unknown tokens with an empty array', async () => {
    socket.say({ type: 'market', assets_ids: ['1'] });
    await socket.settle();
    expect(heard()).toEqual([[]]);
  });

  test('says nothing to a frame that it does not understand', async () => {
    for (const rubbish of ['{', '[]', '7', '{"assets_ids":"all"}']) socket.say(rubbish);
    await socket.settle();
    expect(socket.heard).toEqual([]);
  });

  test('gives a book once: again only after unsubscribing', async () => {
    await subscribe();
    socket.say({ operation: 'subscribe', assets_ids: [market.tokenIds[0]] });
    await socket.settle();
    expect(kinds()).toEqual(['dump']);
    socket.say({ operation: 'unsubscribe', assets_ids: [market.tokenIds[0]] });
    socket.say({ operation: 'subscribe', assets_ids: [market.tokenIds[0]] });
    await socket.settle();
    expect(kinds()).toEqual(['dump', 'dump']);
  });

  test('gives no book where none is wanted', async () => {
    await subscribe({ initial_dump: false });
    expect(socket.heard).toEqual([]);
  });

  test('answers PING with PONG', async () => {
    socket.say('PING');
    await waitFor(() => socket.heard.length > 0);
    expect(socket.heard).toEqual(['PONG']);
  });

  test('tells a change of both tokens, mirrored, in one message', async () => {
    await subscribe();
    level(7n, 55n);
    await socket.settle();
    expect(heard()[1]).toMatchObject({
      event_type: 'price_change',
      market: market.conditionId,
      price_changes: [
        { asset_id: market.tokenIds[0], price: '0.07', size: '55', side: 'BUY' },
        { asset_id: market.tokenIds[1], price: '0.93', size: '55', side: 'SELL' },
      ],
    });
    level(7n, 0n);
    await socket.settle();
    expect(heard()[2].price_changes[0].size).toBe('0');
  });

  test('tells trades of the subscribed token only', async () => {
    await subscribe();
    const trade = (tokenId: string) =>
      sim.venue.trade({
        wallet: sim.wallets[0] ?? '',
        tokenId,
        conditionId: market.conditionId,
        side: 'BUY',
        price: '0.5',
        size: '12.5',
        transactionHash: `0x${'a'.repeat(64)}`,
        atMs: 5_000,
      });
    trade(market.tokenIds[1]);
    trade(market.tokenIds[0]);
    await socket.settle();
    expect(heard().slice(1)).toMatchObject([
      { event_type: 'last_trade_price', asset_id: market.tokenIds[0], price: '0.5', size: '12.5' },
    ]);
  });

  test('tells a new tick', async () => {
    await subscribe();
    sim.venue.setTick(market.conditionId, 1_000n, 5_000);
    await socket.settle();
    expect(heard()[1]).toMatchObject({
      event_type: 'tick_size_change',
      old_tick_size: '0.01',
      new_tick_size: '0.001',
    });
  });

  test.each([true, false])('tells a resolution where custom features are %s', async (custom) => {
    await subscribe({ custom_feature_enabled: custom });
    sim.venue.resolve(market.conditionId, [1n, 0n], 1n, 5_000);
    // A resolved market has no book any more, and nothing is said of it.
    level(7n, 55n);
    await socket.settle();
    expect(kinds()).toEqual(custom ? ['dump', 'market_resolved'] : ['dump']);
    if (custom) expect(heard()[1]).toMatchObject({ winning_asset_id: market.tokenIds[0] });
  });

  test.each([true, false])('tells new best prices where custom features are %s', async (custom) => {
    await subscribe({ custom_feature_enabled: custom });
    level(7n, 55n);
    const book = sim.venue.book(market.tokenIds[0]);
    const above = ((book && bestBidOf(book.view)) ?? 0n) / 10_000n;
    level(above, 0n);
    await socket.settle();
    const told = heard().filter((message) => message.event_type === 'best_bid_ask');
    expect(told).toHaveLength(custom ? 1 : 0);
    if (custom)
      expect(told[0]).toMatchObject({
        market: market.conditionId,
        asset_id: market.tokenIds[0],
        best_bid: `0.${above - 1n}`,
        spread: expect.stringMatching(/^0\.\d+$/),
      });
  });

  test('tells a further market to who asked for the extras, and gives its book', async () => {
    await subscribe({ custom_feature_enabled: true });
    const open = () => postJson(`${sim.endpoints.admin}/market`, { name: 'second-ferry' });
    const { status, body } = await open();
    expect(status).toBe(200);
    expect((await open()).status).toBe(409);
    await socket.settle();
    const told = heard().find((message) => message.event_type === 'new_market');
    expect(told).toMatchObject({
      slug: 'second-ferry',
      condition_id: (body as { conditionId: string }).conditionId,
    });
    const found = await getJson(`${sim.endpoints.clob}/book?token_id=${told.assets_ids[0]}`);
    expect(found.status).toBe(200);
    if (data !== null) {
      const recorded = readFileSync(
        join(data, 'messages/market-channel/nautilus-ws_market_new_market_msg.json'),
        'utf8',
      );
      expect(Object.keys(told)).toEqual(expect.arrayContaining(Object.keys(JSON.parse(recorded))));
    }
  });

  test('takes nulls for what a client leaves out', async () => {
    socket.say({ type: 'market', assets_ids: null, initial_dump: null, custom_feature_enabled: null });
    await socket.settle();
    expect(socket.heard).toEqual([]);
    socket.say({ type: 'market', operation: null, assets_ids: [market.tokenIds[0]], initial_dump: null });
    await socket.settle();
    expect(kinds()).toEqual(['dump']);
  });

  test('tells a match of two accounts once, with the taker’s side', async () => {
    await subscribe();
    const trade = (wallet: string, isTaker: boolean, side: 'BUY' | 'SELL') =>
      sim.venue.trade({
        wallet,
        tokenId: market.tokenIds[0],
        conditionId: market.conditionId,
        side,
        price: '0.5',
        size: '12',
        transactionHash: `0x${'a'.repeat(64)}`,
        atMs: 5_000,
        isTaker,
        orderId: `0x${(isTaker ? 'b' : 'c').repeat(64)}`,
      });
    trade(sim.wallets[0] ?? '', false, 'SELL');
    trade(sim.wallets[1] ?? '', true, 'BUY');
    await socket.settle();
    expect(heard().slice(1)).toMatchObject([{ event_type: 'last_trade_price', price: '0.5', side: 'BUY' }]);
  });

  test('tells a resting order’s trade, of which nobody else tells, with its taker’s side', async () => {
    await subscribe();
    await postJson(`${sim.endpoints.admin}/trade`, {
      wallet: sim.wallets[0],
      tokenId: market.tokenIds[0],
      conditionId: market.conditionId,
      side: 'BUY',
      price: '0.4',
      size: '5',
      maker: true,
    });
    await socket.settle();
    expect(heard().slice(1)).toMatchObject([{ event_type: 'last_trade_price', price: '0.4', side: 'SELL' }]);
    const last = await getJson(`${sim.endpoints.clob}/last-trade-price?token_id=${market.tokenIds[1]}`);
    expect(last.body).toEqual({ price: '0.6', side: 'BUY' });
  });

  const faults = (body: object) => postJson(`${sim.endpoints.admin}/faults`, body);
  /** Sizes of the level at seven cents, as they were told. */
  const told = (): string[] =>
    heard().flatMap((m) => (m.event_type === 'price_change' ? [m.price_changes[0].size] : []));
  const levels = async (...sizes: readonly bigint[]) => {
    for (const size of sizes) level(7n, size);
    await socket.settle();
    return told();
  };

  test('on request answers PING and says nothing else', async () => {
    await faults({ marketSilent: true });
    await subscribe();
    expect(await levels(1n, 2n)).toEqual([]);
    expect(socket.heard).toEqual([]);
    await faults({ marketSilent: false });
    expect(await levels(3n)).toEqual(['3']);
  });

  test.each([
    [{ marketRepeat: 2 }, ['1', '1', '2', '2', '3', '3', '4', '4']],
    [{ marketMissEvery: 2 }, ['1', '3']],
    [{ marketSwapped: true }, ['2', '1', '4', '3']],
  ])('with %j tells four changes as %j', async (fault, wanted) => {
    await subscribe();
    await faults(fault);
    expect(await levels(1n, 2n, 3n, 4n)).toEqual(wanted);
  });

  test('on request tells changes late, as they were', async () => {
    await subscribe();
    await faults({ marketLagMs: 80 });
    expect(await levels(1n, 2n)).toEqual([]);
    await waitFor(() => told().length === 2);
    expect(told()).toEqual(['1', '2']);
  });

  test('on request names no best prices', async () => {
    await subscribe();
    await faults({ marketNoBest: true });
    await levels(1n);
    expect(heard()[1].price_changes).toMatchObject([
      { best_bid: '', best_ask: '' },
      { best_bid: '', best_ask: '' },
    ]);
  });

  test('takes the form of the first frame from the faults while it runs', async () => {
    await faults({ firstFrame: 'objects' });
    await subscribe();
    expect(kinds()).toEqual(['book']);
    await faults({ firstFrame: 'array' });
    socket.say({ operation: 'subscribe', assets_ids: [market.tokenIds[1]] });
    await socket.settle();
    expect(kinds()).toEqual(['book', 'dump']);
  });

  test('names markets and events as Gamma does', async () => {
    await subscribe({ custom_feature_enabled: true });
    await postJson(`${sim.endpoints.admin}/market`, { name: 'third-ferry' });
    sim.venue.resolve(market.conditionId, [1n, 0n], 1n, 5_000);
    await socket.settle();
    const { body } = await getJson(`${sim.endpoints.gamma}/markets/slug/third-ferry`);
    const { id, events } = body as { id: string; events: { id: string }[] };
    expect(heard().find((message) => message.event_type === 'new_market')).toMatchObject({
      id,
      event_message: { id: events[0]?.id },
      fee_schedule: { rate: '0.05', exponent: '1', taker_only: true, rebate_rate: '0.25' },
    });
    const resolved = await getJson(`${sim.endpoints.gamma}/markets/slug/${market.slug}`);
    expect(heard().at(-1)).toMatchObject({
      event_type: 'market_resolved',
      id: (resolved.body as { id: string }).id,
    });
  });

  test('is silent when frozen, not even PONG', async () => {
    const faults = `${sim.endpoints.admin}/faults`;
    await fetch(faults, { method: 'POST', body: '{"marketFrozen":true}' });
    socket.say('PING');
    socket.say({ type: 'market', assets_ids: [market.tokenIds[0]] });
    level(7n, 55n);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(socket.heard).toEqual([]);
  });

  test('is cut, and sends rubbish, on request', async () => {
    const faults = `${sim.endpoints.admin}/faults`;
    await fetch(faults, { method: 'POST', body: '{"malformedFrame":true}' });
    await waitFor(() => socket.heard.length === 3);
    await fetch(faults, { method: 'POST', body: '{"dropSockets":true}' });
    await waitFor(socket.isClosed);
  });

  test.skipIf(data === null)('has the keys of recorded messages', async () => {
    const recorded = (name: string) => {
      const value = JSON.parse(readFileSync(join(data ?? '', 'messages/market-channel', name), 'utf8'));
      return Array.isArray(value) ? value[0] : value;
    };
    await subscribe({ custom_feature_enabled: true });
    level(7n, 55n);
    sim.venue.trade({
      wallet: sim.wallets[0] ?? '',
      tokenId: market.tokenIds[0],
      conditionId: market.conditionId,
      side: 'BUY',
      price: '0.5',
      size: '12.5',
      transactionHash: `0x${'a'.repeat(64)}`,
      atMs: 5_000,
    });
    sim.venue.setTick(market.conditionId, 1_000n, 5_000);
    sim.venue.resolve(market.conditionId, [1n, 0n], 1n, 5_000);
    await socket.settle();
    const [[book], change, trade, ...rest] = heard();
    const resolved = rest.at(-1);
    const wantedBest = recorded('nautilus-ws_market_best_bid_ask_msg.json');
    const best = bestBidAskEvent(sim.venue, market, market.tokenIds[0], 5_000);
    const keys = (value: object): string[] => Object.keys(value);
    expect(keys(book)).toEqual(expect.arrayContaining(keys(recorded('nautilus-ws_book_snapshot.json'))));
    const wanted = recorded('nautilus-ws_market_price_change_msg.json');
    expect(keys(change).sort()).toEqual(keys(wanted).sort());
    expect(keys(change.price_changes[0]).sort()).toEqual(keys(wanted.price_changes[0]).sort());
    expect(keys(trade)).toEqual(expect.arrayContaining(keys(recorded('nautilus-py-last_trade_price.json'))));
    expect(keys(rest[0])).toEqual(
      expect.arrayContaining(keys(recorded('nautilus-py-tick_size_change.json'))),
    );
    expect(keys(best).sort()).toEqual(keys(wantedBest).sort());
    expect(keys(resolved)).toEqual(
      expect.arrayContaining(keys(recorded('nautilus-ws_market_resolved_msg.json'))),
    );
  });
});

test('on request the first frame comes as single objects', async () => {
  const other = await startTestSim({ singleObjects: true });
  const client = await openSocket(`${other.endpoints.ws}/market`);
  const tokens = [...other.venue.markets.values()].map((m) => m.tokenIds[0]);
  client.say({ type: 'market', assets_ids: tokens });
  await client.settle();
  expect(client.heard.map((text) => JSON.parse(text).asset_id)).toEqual(tokens);
  client.close();
  await other.stop();
});
