import * as before from '@polymarket/clob-client';
import * as today from '@polymarket/clob-client-v2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT_HEADERS,
  askedOf,
  centsFrom,
  signerOf,
  startExchange,
  type TestExchange,
} from './scenario.ts';

/** What the exchange has noted of an order, and whose signature it has found on it. */
type Noted = {
  readonly id: string;
  readonly version: number;
  readonly maker: string;
  readonly signer: string;
  readonly owner: string;
};

const LOGIN_HEADERS = ['poly_address', 'poly_nonce', 'poly_signature', 'poly_timestamp'];
const TYPES = [0, 1, 2, 3] as const;

type TodayOptions = ConstructorParameters<typeof today.ClobClient>[0];
type BeforeSigner = NonNullable<ConstructorParameters<typeof before.ClobClient>[2]>;

const walletOf = (exchange: TestExchange, type: number) => {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('no such wallet');
  return wallet;
};

async function openToday(exchange: TestExchange, type: number): Promise<today.ClobClient> {
  const { privateKey, funder } = walletOf(exchange, type);
  const options = {
    host: exchange.host,
    chain: today.Chain.POLYGON,
    signer: signerOf(privateKey),
    signatureType: type,
    funderAddress: funder,
  };
  const creds = await new today.ClobClient(options as unknown as TodayOptions).createOrDeriveApiKey();
  return new today.ClobClient({ ...options, creds } as unknown as TodayOptions);
}

async function openBefore(exchange: TestExchange, type: number): Promise<before.ClobClient> {
  const { privateKey, funder } = walletOf(exchange, type);
  const signer = signerOf(privateKey) as unknown as BeforeSigner;
  const client = (creds?: before.ApiKeyCreds) =>
    new before.ClobClient(exchange.host, before.Chain.POLYGON, signer, creds, type, funder);
  return client(await client().createOrDeriveApiKey());
}

const polyHeaders = (headers: readonly string[]): readonly string[] =>
  headers.filter((name) => name.startsWith('poly_'));

/** Everything that was asked since, in order: what, and with which of the exchange's own headers. */
async function recordOf(exchange: TestExchange, run: () => Promise<unknown>) {
  const seen = (await askedOf(exchange)).length;
  await run();
  const asked = (await askedOf(exchange)).slice(seen);
  return asked.map(({ method, path, headers }) => ({
    call: `${method} ${path.replace(/\/(0x[0-9a-f]{64}|\d{60,78})$/, '/…')}`,
    headers: polyHeaders(headers),
  }));
}
const callsOf = (record: Awaited<ReturnType<typeof recordOf>>) => record.map(({ call }) => call);

async function notedOf(exchange: TestExchange, id: string): Promise<Noted | undefined> {
  const { orders } = await exchange.admin<{ orders: readonly Noted[] }>('/books');
  return orders.find((order) => order.id === id);
}

describe('what @polymarket/clob-client-v2 asks of the exchange', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange();
  });
  afterAll(() => exchange?.stop());
  beforeEach(() =>
    exchange.admin('/faults', { restart: { downMs: 0, postOnlyMs: 0 }, fixedPointAmounts: false }),
  );

  const limit = () => ({ tokenID: exchange.tokenId, price: 0.02, side: today.Side.BUY, size: 50 });

  test('a login proves the wallet, and every later call of the account proves the key', async () => {
    const client = await openToday(exchange, 0);
    const login = await recordOf(exchange, () => client.deriveApiKey());
    expect(login).toEqual([{ call: 'GET /auth/derive-api-key', headers: LOGIN_HEADERS }]);
    const record = await recordOf(exchange, async () => {
      await client.getApiKeys();
      await client.getOpenOrders();
      await client.getTrades();
      await client.getBalanceAllowance({ asset_type: today.AssetType.COLLATERAL });
      await client.postHeartbeat();
      await client.getNotifications();
      await client.cancelMarketOrders({ asset_id: exchange.tokenId });
      await client.cancelAll();
    });
    expect(record).toEqual(
      [
        'GET /auth/api-keys',
        'GET /data/orders',
        'GET /data/trades',
        'GET /balance-allowance',
        'POST /v1/heartbeats',
        'GET /notifications',
        'DELETE /cancel-market-orders',
        'DELETE /cancel-all',
      ].map((call) => ({ call, headers: ACCOUNT_HEADERS })),
    );
  });

  test('the first orders of a client look up what they need', async () => {
    const client = await openToday(exchange, 0);
    const resting = await recordOf(exchange, () => client.createAndPostOrder(limit()));
    expect(callsOf(resting).at(-1)).toBe('POST /order');
    expect(callsOf(resting).slice(0, -1).sort()).toEqual(['GET /neg-risk', 'GET /tick-size', 'GET /version']);
    const other = await openToday(exchange, 0);
    const order = { tokenID: exchange.tokenId, amount: 5, side: today.Side.BUY };
    const bought = await recordOf(exchange, () =>
      other.createAndPostMarketOrder(order, {}, today.OrderType.FAK, true),
    );
    expect(callsOf(bought).at(-1)).toBe('POST /order');
    // Tick and kind of the market come with the rest of what is known of it.
    expect(callsOf(bought).slice(0, -1).sort()).toEqual([
      'GET /book',
      'GET /clob-markets/…',
      'GET /markets-by-token/…',
      'GET /version',
    ]);
    await client.cancelAll();
  });

  test.each(TYPES)('an order of signature type %i is found to be of its wallet and key', async (type) => {
    const client = await openToday(exchange, type);
    const wallet = walletOf(exchange, type);
    const { orderID } = await client.createAndPostOrder(limit());
    expect(await notedOf(exchange, orderID)).toMatchObject({
      version: 2,
      maker: wallet.funder,
      // A deposit wallet signs in its own name, with its owner's key.
      signer: type === 3 ? wallet.funder : wallet.address,
      owner: client.creds?.key,
    });
    expect(await client.cancelAll()).toMatchObject({ canceled: [orderID] });
  });

  test('a restart is told to every order and cancel; after it only post-only orders are taken', async () => {
    const client = await openToday(exchange, 0);
    const order = await client.createOrder(limit());
    const batch = [{ order, orderType: today.OrderType.GTC }];
    await exchange.admin('/faults', { restart: { downMs: 60_000, postOnlyMs: 60_000 } });
    const notReady = { status: 425, error: 'service not ready' };
    expect(await client.postOrder(order, today.OrderType.GTC)).toMatchObject(notReady);
    expect(await client.postOrders(batch)).toMatchObject(notReady);
    expect(await client.cancelAll()).toMatchObject(notReady);
    await exchange.admin('/faults', { restart: { downMs: 0, postOnlyMs: 60_000 } });
    expect(await client.postOrder(order, today.OrderType.GTC)).toMatchObject({
      status: 503,
      code: 'post_only_mode',
      retry_after_seconds: expect.any(Number),
    });
    expect(await client.postOrders(batch)).toMatchObject([
      { success: true, orderID: '', errorMsg: expect.stringContaining('post-only mode') },
    ]);
    const placed = await client.postOrder(order, today.OrderType.GTC, true);
    expect(placed).toMatchObject({ success: true, status: 'live' });
    expect(await client.cancelAll()).toMatchObject({ canceled: [placed.orderID] });
  });

  test('the same order is taken once, and amounts come in millionths where that is asked for', async () => {
    await exchange.admin('/faults', { fixedPointAmounts: true });
    const client = await openToday(exchange, 0);
    const order = await client.createMarketOrder({
      tokenID: exchange.tokenId,
      price: centsFrom(exchange.ask, 5),
      amount: 5,
      side: today.Side.BUY,
    });
    expect(await client.postOrder(order, today.OrderType.FAK, false, true)).toMatchObject({
      success: true,
      makingAmount: expect.stringMatching(/^[1-5]\d{6}$/),
      takingAmount: expect.stringMatching(/^\d{7,9}$/),
    });
    expect(await client.postOrder(order, today.OrderType.FAK, false, true)).toMatchObject({
      status: 400,
      error: expect.stringContaining('Duplicated.'),
    });
  });
});

describe('what @polymarket/clob-client asks of the exchange of before', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange(1);
  });
  afterAll(() => exchange?.stop());

  const limit = () => ({ tokenID: exchange.tokenId, price: 0.02, side: before.Side.BUY, size: 50 });

  test('the first orders of a client look up what they need', async () => {
    const client = await openBefore(exchange, 0);
    const resting = await recordOf(exchange, () => client.createAndPostOrder(limit()));
    expect(callsOf(resting).at(-1)).toBe('POST /order');
    expect(resting.at(-1)?.headers).toEqual(ACCOUNT_HEADERS);
    expect(callsOf(resting).slice(0, -1).sort()).toEqual([
      'GET /fee-rate',
      'GET /neg-risk',
      'GET /tick-size',
    ]);
    const other = await openBefore(exchange, 0);
    const order = { tokenID: exchange.tokenId, amount: 5, side: before.Side.BUY };
    const bought = await recordOf(exchange, () =>
      other.createAndPostMarketOrder(order, {}, before.OrderType.FAK),
    );
    expect(callsOf(bought).slice(0, -1).sort()).toEqual([
      'GET /book',
      'GET /fee-rate',
      'GET /neg-risk',
      'GET /tick-size',
    ]);
    await client.cancelAll();
  });

  test.each([0, 1, 2])('an order of signature type %i is found to be of its wallet and key', async (type) => {
    const client = await openBefore(exchange, type);
    const wallet = walletOf(exchange, type);
    const { orderID } = await client.createAndPostOrder(limit());
    expect(await notedOf(exchange, orderID)).toMatchObject({
      version: 1,
      maker: wallet.funder,
      signer: wallet.address,
      owner: client.creds?.key,
    });
    expect(await client.cancelAll()).toMatchObject({ canceled: [orderID] });
  });
});
