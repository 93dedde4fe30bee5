import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askAs, walletOf } from '../../test/account.ts';
import { openSocket, postJson, startTestSim, type TestSim, waitFor } from '../../test/sim.ts';
import { KeyStore } from './keys.ts';

const FIRST = walletOf(0);
const SECOND = walletOf(1);
const authOf = (address: string) => {
  const { key: apiKey, secret, passphrase } = KeyStore.of(address, '0');
  return { apiKey, secret, passphrase };
};

let sim: TestSim;
beforeEach(async () => {
  sim = await startTestSim({ rate: 0 });
});
afterEach(() => sim.stop());

const admin = (path: string, body: object) => postJson(`${sim.endpoints.admin}${path}`, body);
const markets = () => [...sim.venue.markets.values()].filter(({ negRisk }) => !negRisk);
const tokenOf = (i: number): string => markets()[i]?.tokenIds[0] ?? '';

async function place(more: object = {}, address = FIRST.address): Promise<string> {
  const wish = { tokenId: tokenOf(0), side: 'BUY', price: '0.02', size: '50', orderType: 'GTC' };
  const { body } = await admin('/order', { address, ...wish, ...more });
  return (body as { id: string }).id;
}
const takeNow = () => place({ price: '0.99', size: '20', orderType: 'FAK' });

const cancel = (orderID: string) => askAs(sim, FIRST, 'DELETE', '/order', { orderID });

type Event = {
  readonly event_type: string;
  readonly type: string;
  readonly status: string;
  readonly id: string;
};
async function listen(frame: object) {
  const socket = await openSocket(sim.endpoints.user);
  socket.say(frame);
  await socket.settle();
  const events = async (): Promise<Event[]> => {
    await socket.settle();
    return socket.heard.map((text) => JSON.parse(text) as Event);
  };
  return { ...socket, events };
}
const everything = () => ({ auth: authOf(FIRST.address), type: 'user', markets: [] });
const steps = (events: readonly Event[]) => events.map(({ type, status }) => `${type} ${status}`);

describe('the user channel', () => {
  test('tells what becomes of an order, from its placement to its cancellation', async () => {
    const { events, close } = await listen(everything());
    const id = await place();
    await cancel(id);
    const heard = await events();
    expect(steps(heard)).toEqual(['PLACEMENT LIVE', 'CANCELLATION CANCELED']);
    const { key } = KeyStore.of(FIRST.address, '0');
    expect(heard[0]).toEqual({
      event_type: 'order',
      type: 'PLACEMENT',
      id,
      owner: key,
      order_owner: key,
      maker_address: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
      market: markets()[0]?.conditionId,
      asset_id: tokenOf(0),
      side: 'BUY',
      outcome: 'Yes',
      price: '0.02',
      original_size: '50',
      size_matched: '0',
      status: 'LIVE',
      order_type: 'GTC',
      expiration: '0',
      associate_trades: [],
      created_at: expect.stringMatching(/^\d{10}$/),
      timestamp: expect.stringMatching(/^\d{13}$/),
    });
    close();
  });

  test('tells a trade from its match to its confirmation, its transaction once it is mined', async () => {
    const { events, close } = await listen(everything());
    await takeNow();
    await sim.clock.advance(2_000);
    await sim.clock.advance(2_000);
    const trades = (await events()).filter(({ event_type }) => event_type === 'trade');
    const shares = expect.stringMatching(/^\d+(\.\d{1,6})?$/);
    expect(steps(trades)).toEqual(['TRADE MATCHED', 'TRADE MINED', 'TRADE CONFIRMED']);
    const hash = expect.stringMatching(/^0x[0-9a-f]{64}$/);
    expect(trades).toMatchObject([
      { transaction_hash: '' },
      { transaction_hash: hash },
      { transaction_hash: hash },
    ]);
    expect(trades[0]).toMatchObject({
      trader_side: 'TAKER',
      size: shares,
      bucket_index: 0,
      fee_rate_bps: '0',
      match_time: expect.stringMatching(/^\d{10}$/),
      last_update: expect.stringMatching(/^\d{10}$/),
      maker_orders: [
        {
          order_id: expect.any(String),
          maker_address: expect.any(String),
          matched_amount: shares,
          fee_rate_bps: '0',
          side: 'SELL',
          outcome: 'Yes',
          outcome_index: 0,
        },
      ],
    });
    close();
  });

  test('tells nobody of another’s account, nor of what came before', async () => {
    await place();
    const { events, close } = await listen({ ...everything(), auth: authOf(SECOND.address) });
    await place();
    expect(await events()).toEqual([]);
    await place({ address: SECOND.funder, owner: authOf(SECOND.address).apiKey });
    expect(steps(await events())).toEqual(['PLACEMENT LIVE']);
    close();
  });

  test('keeps to the markets that were asked for, which may change', async () => {
    const [first, second] = markets();
    const { events, say, close } = await listen({ ...everything(), markets: [first?.conditionId] });
    await place({ tokenId: tokenOf(1) });
    expect(await events()).toEqual([]);
    say({ operation: 'subscribe', markets: [second?.conditionId] });
    await events();
    await place({ tokenId: tokenOf(1) });
    expect(await events()).toHaveLength(1);
    say({ operation: 'unsubscribe', markets: [first?.conditionId] });
    await events();
    await place();
    expect(await events()).toHaveLength(1);
    close();
  });

  test('tells nothing any more once the last market that was asked for is taken away', async () => {
    const [first] = markets();
    const { events, say, close } = await listen({ ...everything(), markets: [first?.conditionId] });
    await place();
    say({ operation: 'unsubscribe', markets: [first?.conditionId] });
    await events();
    await place();
    await place({ tokenId: tokenOf(1) });
    expect(await events()).toHaveLength(1);
    close();
  });

  test('names the taker’s key as the owner of a trade, to its maker, too', async () => {
    const { events, close } = await listen(everything());
    const taker = KeyStore.of(SECOND.address, '0').key;
    // Within the spread, where nobody else stands.
    const tokenId = markets().find(({ tickMicros }) => tickMicros === 1_000n)?.tokenIds[0] ?? '';
    await admin('/fund', { address: SECOND.funder, tokens: { [tokenId]: '50' } });
    const best = await askAs(sim, FIRST, 'GET', `/price?token_id=${tokenId}&side=BUY`);
    const price = (Number((best.body as { price: string }).price) + 0.001).toFixed(3);
    await place({ tokenId, price, size: '20' });
    const sale = { tokenId, side: 'SELL', price, size: '20', orderType: 'FAK' };
    await place({ address: SECOND.funder, owner: taker, ...sale });
    const [trade] = (await events()).filter(({ event_type }) => event_type === 'trade');
    expect(trade).toMatchObject({ trader_side: 'MAKER', owner: taker, trade_owner: taker });
    close();
  });

  test('tells why the exchange cancelled an order only where that is asked for', async () => {
    const cancelled = async (reason: string) => {
      const orderId = await place();
      const { status } = await admin('/cancel', { orderId, reason });
      return status;
    };
    const { events, close } = await listen(everything());
    expect(await cancelled('NOT_ENOUGH_BALANCE')).toBe(200);
    await admin('/faults', { userCancelReasons: true });
    for (const reason of ['NOT_ENOUGH_BALANCE', 'MARKET_NOT_FOUND', 'ORDER_TIMED_OUT', 'EXPIRED_ORDER'])
      await cancelled(reason);
    await place();
    const conditionId = markets()[0]?.conditionId;
    await admin('/resolve', { conditionId, payouts: ['1', '0'] });
    const ends = steps(await events()).filter((step) => step.startsWith('CANCELLATION'));
    expect(ends).toEqual([
      'CANCELLATION CANCELED',
      'CANCELLATION CANCELED_NOT_ENOUGH_BALANCE',
      'CANCELLATION CANCELED_MARKET_NOT_FOUND',
      'CANCELLATION CANCELED_ORDER_TIMED_OUT',
      'CANCELLATION CANCELED_EXPIRED_ORDER',
      'CANCELLATION CANCELED_MARKET_RESOLVED',
    ]);
    expect((await admin('/cancel', { orderId: '0x1', reason: 'EXPIRED_ORDER' })).status).toBe(404);
    close();
  });

  test('tells a killed order as it was recorded, where that is asked for', async () => {
    const { events, close } = await listen(everything());
    const kill = () => place({ price: '0.02', size: '100', orderType: 'FOK' });
    await kill();
    await admin('/faults', { tellKilled: true });
    await kill();
    await admin('/faults', { userSizesInDollars: true });
    await kill();
    const heard = await events();
    expect(heard).toHaveLength(2);
    expect(heard).toMatchObject([{ original_size: '100' }, { original_size: '2' }]);
    expect(heard[1]).toMatchObject({
      type: 'CANCELLATION',
      status: "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.",
      side: 'BUY',
      price: '0.02',
      size_matched: '',
      outcome: '',
      created_at: '',
      expiration: '0',
      order_type: 'FOK',
      associate_trades: [],
    });
    close();
  });

  test('is opened by the first frame of the official Rust client, too, which names an operation', async () => {
    const frame = { ...everything(), operation: 'subscribe', assets_ids: [], initial_dump: true };
    const { events, close } = await listen(frame);
    await place();
    expect(steps(await events())).toEqual(['PLACEMENT LIVE']);
    close();
  });

  test.each([
    ['wrong credentials', { auth: { ...authOf(FIRST.address), secret: 'x' }, type: 'user' }],
    ['no credentials', { type: 'user', markets: [] }],
  ])('closes on %s', async (_, frame) => {
    const { isClosed, say } = await openSocket(sim.endpoints.user);
    say(frame);
    await waitFor(isClosed);
  });
});

describe('its faults', () => {
  test('repeat and swap events', async () => {
    await admin('/faults', { userRepeat: 2 });
    const { events, close } = await listen(everything());
    const id = await place();
    expect(steps(await events())).toEqual(['PLACEMENT LIVE', 'PLACEMENT LIVE']);
    await admin('/faults', { userRepeat: 1, userSwapped: true });
    await cancel(id);
    expect(await events()).toHaveLength(2);
    await place();
    expect(steps(await events()).slice(2)).toEqual(['PLACEMENT LIVE', 'CANCELLATION CANCELED']);
    close();
  });

  test('freeze the channel: no event, no PONG, and no closed socket', async () => {
    const { heard, say, isClosed, settle, close } = await listen(everything());
    await admin('/faults', { userFrozen: true });
    await place();
    say('PING');
    await admin('/faults', { userFrozen: false });
    await settle();
    expect([heard.filter((text) => text !== 'PONG'), isClosed()]).toEqual([[], false]);
    close();
  });

  test('silence the channel, which goes on answering PING', async () => {
    const { heard, settle, events, close } = await listen(everything());
    await admin('/faults', { userSilent: true });
    await place();
    await settle();
    expect(heard).toEqual([]);
    await admin('/faults', { userSilent: false });
    await place();
    expect(await events()).toHaveLength(1);
    close();
  });

  test('cut its sockets and no others', async () => {
    const { isClosed } = await listen(everything());
    const other = await openSocket(`${sim.endpoints.ws}/market`);
    await admin('/faults', { dropUserSockets: true });
    await waitFor(isClosed);
    expect(other.isClosed()).toBe(false);
    other.close();
  });
});
