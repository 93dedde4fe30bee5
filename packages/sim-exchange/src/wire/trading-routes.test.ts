import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askAs, walletOf } from '../../test/account.ts';
import { postJson, startTestSim, type TestSim } from '../../test/sim.ts';
import { KeyStore } from './keys.ts';

const FIRST = walletOf(0);
const SECOND = walletOf(1);

let sim: TestSim;
beforeAll(async () => {
  sim = await startTestSim({ rate: 0 });
});
afterAll(() => sim.stop());

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, wallet = FIRST) =>
  askAs(sim, wallet, method, path, body);
const marketAt = (i: number) => {
  const market = [...sim.venue.markets.values()].filter(({ negRisk }) => !negRisk)[i];
  if (market === undefined) throw new Error('no such market');
  return market;
};

async function place(more: object = {}): Promise<string> {
  const [tokenId] = marketAt(0).tokenIds;
  const wish = { tokenId, side: 'BUY', price: '0.02', size: '50', orderType: 'GTC' };
  const { body } = await postJson(`${sim.endpoints.admin}/order`, {
    address: FIRST.funder,
    ...wish,
    ...more,
  });
  return (body as { id: string }).id;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const uuid = () => expect.stringMatching(UUID);
const address = () => expect.stringMatching(/^0x[0-9a-fA-F]{40}$/);
const decimal = () => expect.stringMatching(/^\d+(\.\d{1,6})?$/);
const seconds = () => expect.stringMatching(/^\d{10}$/);

describe('open orders', () => {
  test('have every field, in the types that strict clients insist on', async () => {
    const id = await place();
    const { body } = await ask('GET', `/data/orders?id=${id}`);
    const row = {
      id,
      status: 'LIVE',
      owner: uuid(),
      maker_address: address(),
      market: marketAt(0).conditionId,
      asset_id: marketAt(0).tokenIds[0],
      side: 'BUY',
      original_size: '50',
      size_matched: '0',
      price: '0.02',
      outcome: 'Yes',
      expiration: '0',
      order_type: 'GTC',
      associate_trades: [],
      created_at: expect.any(Number),
    };
    expect(body).toEqual({ limit: 100, count: 1, next_cursor: 'LTE=', data: [row] });
    expect((await ask('GET', `/data/order/${id}`)).body).toEqual(row);
    await ask('DELETE', '/cancel-all');
  });

  test('come in pages, filtered, and to their owner alone', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 101; i++) ids.push(await place({ size: '6' }));
    const { body: first } = await ask('GET', '/data/orders?next_cursor=MA==');
    const { count, next_cursor } = first as { count: number; next_cursor: string };
    expect(count).toBe(100);
    const { body: second } = await ask('GET', `/data/orders?next_cursor=${next_cursor}`);
    expect(second).toMatchObject({ count: 1, next_cursor: 'LTE=' });
    expect((await ask('GET', '/data/orders?next_cursor=LTE=')).body).toMatchObject({ data: [] });
    expect((await ask('GET', '/data/orders?next_cursor=rubbish')).status).toBe(400);
    const none = `/data/orders?market=${marketAt(1).conditionId}`;
    expect((await ask('GET', none)).body).toMatchObject({ count: 0, next_cursor: 'LTE=' });
    expect((await ask('GET', '/data/orders', undefined, SECOND)).body).toMatchObject({ count: 0 });
    expect((await ask('GET', `/data/order/${ids[0]}`, undefined, SECOND)).status).toBe(404);
    const { body } = await ask('DELETE', '/orders', ids);
    expect((body as { canceled: string[] }).canceled).toHaveLength(101);
  });
});

describe('cancelling', () => {
  test('names what it did and why it did not', async () => {
    const [mine, other] = [await place(), await place({ tokenId: marketAt(1).tokenIds[0] })];
    expect((await ask('DELETE', '/order', { orderID: mine }, SECOND)).body).toMatchObject({ canceled: [] });
    expect(
      (await ask('DELETE', '/cancel-market-orders', { asset_id: marketAt(1).tokenIds[0] })).body,
    ).toEqual({ canceled: [other], not_canceled: {} });
    expect((await ask('DELETE', '/orders', [mine, other])).body).toEqual({
      canceled: [mine],
      not_canceled: { [other]: 'Order not found or already canceled' },
    });
    expect((await ask('DELETE', '/cancel-all')).body).toEqual({ canceled: [], not_canceled: {} });
  });

  test('takes a thousand at most', async () => {
    const { status, body } = await ask('DELETE', '/orders', Array(1_001).fill('0x1'));
    expect([status, body]).toEqual([400, { error: 'Too many orders in payload: 1001, max allowed: 1000' }]);
  });
});

test('a trade has every field, in the types that strict clients insist on, for either side of it', async () => {
  const [tokenId] = marketAt(2).tokenIds;
  await postJson(`${sim.endpoints.admin}/fund`, { address: SECOND.funder, tokens: { [tokenId]: '100' } });
  const { body: book } = await ask('POST', '/books', [{ token_id: tokenId }]);
  const [{ bids }] = book as [{ bids: { price: string }[] }];
  const better = (Number(bids.at(-1)?.price) + 0.001).toFixed(3);
  const makerOrder = await place({ tokenId, price: better, size: '20' });
  const takerKey = KeyStore.of(SECOND.address, '0').key;
  const sale = { address: SECOND.funder, owner: takerKey, tokenId, side: 'SELL', size: '20' };
  const takerOrder = await place({ ...sale, price: better, orderType: 'FAK' });
  const { body } = await ask('GET', `/data/trades?asset_id=${tokenId}`, undefined, SECOND);
  const row = {
    id: uuid(),
    taker_order_id: takerOrder,
    market: marketAt(2).conditionId,
    asset_id: tokenId,
    side: 'SELL',
    size: '20',
    fee_rate_bps: '0',
    price: better,
    status: 'MATCHED',
    match_time: seconds(),
    match_time_nano: expect.stringMatching(/^\d{19}$/),
    last_update: seconds(),
    outcome: 'Yes',
    bucket_index: 0,
    owner: takerKey,
    maker_address: address(),
    transaction_hash: '',
    err_msg: '',
    trader_side: 'TAKER',
    maker_orders: [
      {
        order_id: makerOrder,
        owner: uuid(),
        maker_address: address(),
        matched_amount: '20',
        price: decimal(),
        fee_rate_bps: '0',
        asset_id: tokenId,
        outcome: 'Yes',
        side: 'BUY',
      },
    ],
  };
  expect(body).toEqual({ limit: 100, count: 1, next_cursor: 'LTE=', data: [row] });
  const own = await ask('GET', `/data/trades?asset_id=${tokenId}`);
  expect(own.body).toMatchObject({ data: [{ ...row, trader_side: 'MAKER' }] });
  // Clients name the wallet in three ways.
  for (const name of ['maker_address', 'maker', 'taker'])
    expect((await ask('GET', `/data/trades?asset_id=${tokenId}&${name}=${FIRST.funder}`)).body).toMatchObject(
      {
        count: 1,
      },
    );
});

describe('an account', () => {
  test('is told its balance, and every contract that may move it', async () => {
    const { body } = await ask('GET', '/balance-allowance?asset_type=COLLATERAL&signature_type=0');
    const { balance, allowances } = body as { balance: string; allowances: Record<string, string> };
    expect(balance).toMatch(/^\d+$/);
    expect(Object.keys(allowances)).toContain('0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296');
    expect(Object.keys(allowances)).toHaveLength(6);
    const shares = `/balance-allowance?asset_type=CONDITIONAL&token_id=${marketAt(0).tokenIds[1]}`;
    expect((await ask('GET', shares)).body).toMatchObject({ balance: '0' });
    expect((await ask('GET', '/balance-allowance?asset_type=GOLD')).status).toBe(400);
    for (const method of ['GET', 'PUT'] as const)
      expect((await ask(method, '/balance-allowance/update?asset_type=COLLATERAL')).status).toBe(200);
  });

  test('has a balance for the wallet of each signature type, and none for one that nobody bound', async () => {
    const balance = async (type: string, method: 'GET' | 'PUT' = 'GET') =>
      ask(method, `/balance-allowance?asset_type=COLLATERAL&signature_type=${type}`, undefined, SECOND);
    const key = SECOND.address;
    await postJson(`${sim.endpoints.admin}/fund`, { address: key, cash: '7' });
    expect((await balance('0')).body).toMatchObject({ balance: '7000000' });
    expect((await balance('1')).body).toMatchObject({ balance: '10000000000' });
    for (const type of ['2', '3']) expect((await balance(type)).body).toMatchObject({ balance: '0' });
    const wallet = `0x${'5'.repeat(40)}`;
    const fund = { address: wallet, cash: '9', signer: key, signatureType: 3 };
    expect((await postJson(`${sim.endpoints.admin}/fund`, fund)).status).toBe(200);
    expect((await balance('3')).body).toMatchObject({ balance: '9000000' });
    expect(await balance('3', 'PUT')).toEqual({ status: 200, body: {} });
    const half = { address: wallet, signer: key };
    expect((await postJson(`${sim.endpoints.admin}/fund`, half)).status).toBe(400);
  });

  test.each(['4', '-1', 'x', '1.5'])('is refused a signature type of %s', async (type) => {
    const refused = { status: 400, body: { error: 'Invalid signature_type' } };
    for (const path of ['/balance-allowance', '/balance-allowance/update', '/notifications'])
      expect(await ask('GET', `${path}?asset_type=COLLATERAL&signature_type=${type}`)).toEqual(refused);
  });

  test('keeps its orders alive by simple heartbeats, too, with or without a body', async () => {
    const id = await place();
    for (let i = 0; i < 4; i++) {
      const body = i % 2 === 0 ? undefined : {};
      expect(await ask('POST', '/heartbeats', body)).toEqual({ status: 200, body: { status: 'ok' } });
      await sim.clock.advance(8_000);
    }
    expect((await ask('GET', `/data/order/${id}`)).body).toMatchObject({ status: 'LIVE' });
    await sim.clock.advance(15_000);
    expect((await ask('GET', `/data/order/${id}`)).body).toMatchObject({ status: 'CANCELED' });
  });

  test('keeps its orders alive by a chain of heartbeats, and loses them ten seconds after the last', async () => {
    const beat = (heartbeat_id: unknown) => ask('POST', '/v1/heartbeats', { heartbeat_id }, SECOND);
    const first = await beat(null);
    expect(first.body).toEqual({ heartbeat_id: uuid() });
    const { heartbeat_id: id } = first.body as { heartbeat_id: string };
    const second = await beat(id);
    const { heartbeat_id: next } = second.body as { heartbeat_id: string };
    expect(next).not.toBe(id);
    expect(await beat(id)).toEqual({
      status: 400,
      body: { error_msg: 'Invalid Heartbeat ID', error: 'Invalid Heartbeat ID', heartbeat_id: next },
    });
    await place({ address: SECOND.funder, owner: KeyStore.of(SECOND.address, '0').key });
    expect((await ask('GET', '/data/orders', undefined, SECOND)).body).toMatchObject({ count: 1 });
    for (let i = 0; i < 4; i++) await sim.clock.advance(5_000);
    expect((await ask('GET', '/data/orders', undefined, SECOND)).body).toMatchObject({ count: 0 });
  });
});

describe('posting', () => {
  test('nothing is answered without an account, to warm a connection up; anything else is not', async () => {
    expect(await postJson(`${sim.endpoints.clob}/orders`, [])).toEqual({ status: 200, body: [] });
    for (const path of ['/order', '/orders'])
      expect(await postJson(`${sim.endpoints.clob}${path}`, [{}])).toEqual({
        status: 401,
        body: { error: 'Unauthorized/Invalid api key' },
      });
  });

  test('fifteen at most, each answered for itself', async () => {
    expect(await ask('POST', '/orders', Array(16).fill({}))).toEqual({
      status: 400,
      body: { error: 'Too many orders in payload: 16, max allowed: 15' },
    });
    const { status, body } = await ask('POST', '/orders', [{}, {}]);
    const bad = {
      success: false,
      errorMsg: 'Invalid order payload',
      orderID: '',
      status: '',
      makingAmount: '',
      takingAmount: '',
      transactionsHashes: [],
      tradeIDs: [],
    };
    expect([status, body]).toEqual([200, [bad, bad]]);
  });
});
