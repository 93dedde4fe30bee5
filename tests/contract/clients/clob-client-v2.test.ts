import { AssetType, Chain, ClobClient, OrderType, Side } from '@polymarket/clob-client-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACCOUNT_HEADERS,
  askedOf,
  centsFrom,
  signerOf,
  startExchange,
  type TestExchange,
} from './scenario.ts';

let exchange: TestExchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

const signer = (privateKey: string) =>
  signerOf(privateKey) as unknown as ConstructorParameters<typeof ClobClient>[0]['signer'];

async function logIn(type: 0 | 1 | 2 | 3): Promise<ClobClient> {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('no such wallet');
  const options = {
    host: exchange.host,
    chain: Chain.POLYGON,
    signer: signer(wallet.privateKey),
    signatureType: type,
    funderAddress: wallet.funder,
    throwOnError: true,
  };
  const creds = await new ClobClient(
    options as ConstructorParameters<typeof ClobClient>[0],
  ).createOrDeriveApiKey();
  return new ClobClient({ ...options, creds } as ConstructorParameters<typeof ClobClient>[0]);
}

describe('the unmodified @polymarket/clob-client-v2', () => {
  test.each([0, 1, 2, 3] as const)('trades with signature type %i', async (type) => {
    const client = await logIn(type);
    const { tokenId, bid, ask } = exchange;
    expect(await client.getOk()).toBe('OK');
    const before = await client.getBalanceAllowance({ asset_type: AssetType.COLLATERAL });
    expect(BigInt(before.balance)).toBeGreaterThan(0n);

    const resting = await client.createAndPostOrder(
      { tokenID: tokenId, price: centsFrom(bid, -5), side: Side.BUY, size: 10 },
      { tickSize: '0.01', negRisk: false },
      OrderType.GTC,
    );
    expect(resting).toMatchObject({ success: true, status: 'live', makingAmount: '' });
    const open = await client.getOpenOrders({ asset_id: tokenId });
    expect(open.map(({ id }) => id)).toContain(resting.orderID);
    expect(await client.getOrder(resting.orderID)).toMatchObject({
      id: resting.orderID,
      status: 'LIVE',
      size_matched: '0',
    });
    expect(await client.cancelOrder({ orderID: resting.orderID })).toMatchObject({
      canceled: [resting.orderID],
    });

    const bought = await client.createAndPostMarketOrder(
      { tokenID: tokenId, price: centsFrom(ask, 5), amount: 10, side: Side.BUY },
      { tickSize: '0.01', negRisk: false },
      OrderType.FAK,
      true,
    );
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    expect(bought.tradeIDs?.length).toBeGreaterThan(0);
    const trades = await client.getTrades({ asset_id: tokenId });
    expect(trades.some(({ taker_order_id }) => taker_order_id === bought.orderID)).toBe(true);
    for (const trade of trades) expect(['MATCHED', 'MINED', 'CONFIRMED']).toContain(trade.status);
  });

  test('is told how a FAK and a FOK ended that found nothing', async () => {
    const client = await logIn(0);
    const at = { tokenID: exchange.tokenId, price: 0.02, amount: 5, side: Side.BUY };
    const options = { tickSize: '0.01', negRisk: false } as const;
    for (const [type, words] of [
      [OrderType.FAK, 'no orders found to match with FAK order'],
      [OrderType.FOK, "order couldn't be fully filled"],
    ] as const)
      await expect(client.createAndPostMarketOrder(at, options, type, true)).rejects.toThrow(words);
  });

  test('places post-only orders and many at once, keeps them alive, and cancels all', async () => {
    const client = await logIn(0);
    const { tokenId, bid, ask, negRiskToken } = exchange;
    const order = (price: number) =>
      client.createOrder(
        { tokenID: tokenId, price, side: Side.BUY, size: 6 },
        { tickSize: '0.01', negRisk: false },
      );
    await expect(client.postOrder(await order(centsFrom(ask, 5)), OrderType.GTC, true)).rejects.toThrow(
      'crosses book',
    );
    const placed = await client.postOrders([
      { order: await order(centsFrom(bid, -3)), orderType: OrderType.GTC },
      { order: await order(centsFrom(bid, -4)), orderType: OrderType.GTC },
    ]);
    expect(placed).toMatchObject([{ success: true }, { success: true }]);
    const other = await client.createAndPostOrder(
      { tokenID: negRiskToken, price: 0.02, side: Side.BUY, size: 100 },
      { tickSize: '0.01', negRisk: true },
      OrderType.GTC,
    );
    expect(other).toMatchObject({ success: true });
    const beat = await client.postHeartbeat();
    expect((await client.postHeartbeat(beat.heartbeat_id)).heartbeat_id).toMatch(/^[0-9a-f-]{36}$/);
    const { canceled } = await client.cancelAll();
    expect(canceled).toHaveLength(3);
    expect(await client.getOpenOrders()).toEqual([]);
  });

  test('is refused with a wrong wallet, and is known by its headers', async () => {
    const { wallets } = exchange.sim.endpoints;
    const right = wallets[0];
    const other = wallets[1];
    if (right === undefined || other === undefined) throw new Error('no wallets');
    const client = await logIn(0);
    const stranger = new ClobClient({
      host: exchange.host,
      chain: Chain.POLYGON,
      signer: signer(other.privateKey),
      creds: client.creds,
      throwOnError: true,
    } as ConstructorParameters<typeof ClobClient>[0]);
    await expect(stranger.getOpenOrders()).rejects.toThrow();
    const requests = await askedOf(exchange);
    const post = requests.filter(({ path }) => path === '/order').at(-1);
    expect(post?.headers).toEqual(expect.arrayContaining(ACCOUNT_HEADERS));
    expect(post?.body).toEqual({
      deferExec: false,
      postOnly: false,
      owner: '‹hidden›',
      orderType: 'GTC',
      order: {
        salt: expect.any(Number),
        maker: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        signer: expect.stringMatching(/^0x[0-9a-fA-F]{40}$/),
        tokenId: exchange.negRiskToken,
        makerAmount: '2000000',
        takerAmount: '100000000',
        side: 'BUY',
        expiration: '0',
        timestamp: expect.stringMatching(/^\d{13}$/),
        metadata: `0x${'0'.repeat(64)}`,
        builder: `0x${'0'.repeat(64)}`,
        signatureType: 0,
        signature: '‹hidden›',
      },
    });
    expect(JSON.stringify(requests)).not.toContain(client.creds?.secret);
  });

  test('trades a market of Protocol V2, whose orders the third contract settles', async () => {
    const { conditionId } = await exchange.admin<{ conditionId: string }>('/market', {
      name: 'protocol-v2-of-the-client',
      version: 'v2',
    });
    const [tokenID = ''] = exchange.sim.venue.markets.get(conditionId)?.tokenIds ?? [];
    const client = await logIn(3);
    const { asks } = await client.getOrderBook(tokenID);
    const ask = Number(asks.at(-1)?.price);
    const options = { tickSize: '0.01', negRisk: false } as const;
    const at = { tokenID, price: centsFrom(ask, 5), amount: 10, side: Side.BUY };
    // Signed for the second contract it is nobody's order.
    await expect(client.createAndPostMarketOrder(at, options, OrderType.FAK, true)).rejects.toThrow(
      'invalid signature',
    );
    const bought = await client.createAndPostMarketOrder(at, { ...options, version: 3 }, OrderType.FAK, true);
    expect(bought).toMatchObject({ success: true, status: 'matched' });
    const resting = await client.createAndPostOrder(
      { tokenID, price: 0.01, side: Side.BUY, size: 100 },
      { ...options, version: 3 },
      OrderType.GTC,
    );
    expect(resting).toMatchObject({ success: true, status: 'live' });
    expect(await client.cancelMarketOrders({ market: conditionId })).toMatchObject({
      canceled: [resting.orderID],
    });
  });

  test('waits until its trades have a transaction', async () => {
    await exchange.admin('/faults', { minedAfterMs: 100, confirmedAfterMs: 200 });
    const client = await logIn(2);
    const { tokenId, ask } = exchange;
    const bought = await client.createAndPostMarketOrder(
      { tokenID: tokenId, price: centsFrom(ask, 5), amount: 10, side: Side.BUY },
      { tickSize: '0.01', negRisk: false },
      OrderType.FAK,
    );
    expect(bought.transactionsHashes?.length).toBeGreaterThan(0);
    for (const hash of bought.transactionsHashes ?? []) expect(hash).toMatch(/^0x[0-9a-f]{64}$/);
  });
});
