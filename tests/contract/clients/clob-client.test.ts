import { AssetType, Chain, ClobClient, OrderType, Side } from '@polymarket/clob-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT_HEADERS,
  askedOf,
  centsFrom,
  signerOf,
  startExchange,
  type TestExchange,
} from './scenario.ts';

type Signer = NonNullable<ConstructorParameters<typeof ClobClient>[2]>;

async function logIn(exchange: TestExchange, type: 0 | 1 | 2, throwOnError = true): Promise<ClobClient> {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('no such wallet');
  const client = (creds?: ClobClient['creds']): ClobClient =>
    new ClobClient(
      exchange.host,
      Chain.POLYGON,
      signerOf(wallet.privateKey) as unknown as Signer,
      creds,
      type,
      wallet.funder,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      throwOnError,
    );
  return client(await client().createOrDeriveApiKey());
}

describe('the unmodified @polymarket/clob-client against today’s exchange', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange();
  });
  afterAll(() => exchange?.stop());

  test('reads markets, books and prices', async () => {
    const client = new ClobClient(exchange.host, Chain.POLYGON);
    const { tokenId, bid, ask, negRiskToken } = exchange;
    expect(await client.getOk()).toBe('OK');
    expect(Math.abs((await client.getServerTime()) - Date.now() / 1_000)).toBeLessThan(5);
    const book = await client.getOrderBook(tokenId);
    expect(await client.getOrderBookHash(book)).toBe(book.hash);
    expect(await client.getTickSize(tokenId)).toBe('0.01');
    expect(await client.getNegRisk(negRiskToken)).toBe(true);
    expect(await client.getPrice(tokenId, 'SELL')).toEqual({ price: String(ask) });
    expect(Number((await client.getSpread(tokenId)).spread)).toBeCloseTo(ask - bid, 6);
    const { data } = await client.getMarkets();
    expect(data.map(({ condition_id }) => condition_id)).toContain(book.market);
    expect(await client.getMarket(book.market)).toMatchObject({ condition_id: book.market });
    const price = await client.calculateMarketPrice(tokenId, Side.BUY, 5, OrderType.FAK);
    expect(price).toBe(ask);
  });

  test('logs in, asks for its account, keeps its orders alive and cancels', async () => {
    const client = await logIn(exchange, 0);
    expect(await client.deriveApiKey()).toEqual(client.creds);
    expect(await client.getApiKeys()).toEqual({ apiKeys: [client.creds?.key] });
    expect(await client.getClosedOnlyMode()).toEqual({ closed_only: false });
    const { balance } = await client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL });
    expect(BigInt(balance)).toBeGreaterThan(0n);
    await client.updateBalanceAllowance({ asset_type: AssetType.COLLATERAL });
    const { heartbeat_id } = await client.postHeartbeat();
    expect((await client.postHeartbeat(heartbeat_id)).heartbeat_id).not.toBe('');

    const wallet = exchange.sim.endpoints.wallets[0];
    const { id } = await exchange.admin<{ id: string }>('/order', {
      address: wallet?.funder,
      tokenId: exchange.tokenId,
      side: 'BUY',
      price: '0.02',
      size: '50',
      orderType: 'GTC',
      owner: client.creds?.key,
    });
    expect(await client.getOpenOrders({ asset_id: exchange.tokenId })).toMatchObject([
      { id, status: 'LIVE', side: 'BUY', price: '0.02', original_size: '50', size_matched: '0' },
    ]);
    expect(await client.cancelOrders([id])).toEqual({ canceled: [id], not_canceled: {} });
    expect(await client.getTrades()).toEqual([]);
  });

  test('is told that its orders are of a version that is over', async () => {
    const client = await logIn(exchange, 0);
    const order = { tokenID: exchange.tokenId, price: exchange.bid, side: Side.BUY, size: 10 };
    await expect(client.createAndPostOrder(order)).rejects.toThrow('order_version_mismatch');
  });
});

describe('the unmodified @polymarket/clob-client against the exchange of before', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange(1);
  });
  afterAll(() => exchange?.stop());

  test.each([0, 1, 2] as const)('trades with signature type %i', async (type) => {
    const client = await logIn(exchange, type);
    const { tokenId, negRiskToken, bid, ask } = exchange;
    const resting = await client.createAndPostOrder(
      { tokenID: tokenId, price: centsFrom(bid, -5), side: Side.BUY, size: 10 },
      { tickSize: '0.01', negRisk: false },
      OrderType.GTC,
    );
    expect(resting).toMatchObject({ success: true, status: 'live' });
    expect(await client.getOrder(resting.orderID)).toMatchObject({ id: resting.orderID, status: 'LIVE' });
    expect(await client.cancelOrder({ orderID: resting.orderID })).toEqual({
      canceled: [resting.orderID],
      not_canceled: {},
    });
    const bought = await client.createAndPostMarketOrder(
      { tokenID: tokenId, price: centsFrom(ask, 5), amount: 10, side: Side.BUY },
      { tickSize: '0.01', negRisk: false },
      OrderType.FAK,
    );
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    const trades = await client.getTrades({ asset_id: tokenId });
    expect(trades.map(({ taker_order_id }) => taker_order_id)).toContain(bought.orderID);
    const other = await client.createAndPostOrder(
      { tokenID: negRiskToken, price: 0.02, side: Side.BUY, size: 100 },
      { tickSize: '0.01', negRisk: true },
    );
    expect(other).toMatchObject({ success: true });
    expect(await client.cancelAll()).toEqual({ canceled: [other.orderID], not_canceled: {} });
  });

  test('is known by what it sends', async () => {
    const client = await logIn(exchange, 0);
    const { tokenId, bid } = exchange;
    await client.createAndPostOrder({
      tokenID: tokenId,
      price: centsFrom(bid, -5),
      side: Side.BUY,
      size: 10,
    });
    await client.cancelAll();
    await client.postHeartbeat();
    const [post, cancel, beat] = (await askedOf(exchange)).slice(-3);
    expect([post?.method, post?.path, cancel?.method, cancel?.path, cancel?.body]).toEqual([
      'POST',
      '/order',
      'DELETE',
      '/cancel-all',
      null,
    ]);
    for (const one of [post, cancel, beat])
      expect(one?.headers).toEqual(expect.arrayContaining(ACCOUNT_HEADERS));
    expect(post?.body).toEqual({
      deferExec: false,
      postOnly: false,
      owner: '‹hidden›',
      orderType: 'GTC',
      order: {
        salt: expect.any(Number),
        maker: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        signer: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        taker: '0x0000000000000000000000000000000000000000',
        tokenId,
        makerAmount: expect.stringMatching(/^\d+$/),
        takerAmount: '10000000',
        side: 'BUY',
        expiration: '0',
        nonce: '0',
        feeRateBps: expect.stringMatching(/^\d+$/),
        signatureType: 0,
        signature: '‹hidden›',
      },
    });
    expect(beat?.body).toEqual({ heartbeat_id: null });
  });
});
