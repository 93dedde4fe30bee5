import { AssetType, Chain, ClobClient, OrderType, Side } from '@polymarket/clob-client-v2';
import { Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startExchange, type TestExchange } from './scenario.ts';

let exchange: TestExchange;
beforeAll(async () => {
  exchange = await startExchange();
});
afterAll(() => exchange?.stop());

/** A wallet of today's ethers as the client wants it. */
const signerOf = (privateKey: string) => {
  const wallet = new Wallet(privateKey);
  return {
    getAddress: () => wallet.getAddress(),
    _signTypedData: wallet.signTypedData.bind(wallet),
  } as unknown as ConstructorParameters<typeof ClobClient>[0]['signer'];
};

async function logIn(type: 0 | 1 | 2 | 3): Promise<ClobClient> {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('no such wallet');
  const options = {
    host: exchange.host,
    chain: Chain.POLYGON,
    signer: signerOf(wallet.privateKey),
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
      { tokenID: tokenId, price: Number((bid - 0.05).toFixed(2)), side: Side.BUY, size: 10 },
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
      { tokenID: tokenId, price: ask, amount: 10, side: Side.BUY },
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
    await expect(client.postOrder(await order(ask), OrderType.GTC, true)).rejects.toThrow('crosses book');
    const placed = await client.postOrders([
      { order: await order(Number((bid - 0.03).toFixed(2))), orderType: OrderType.GTC },
      { order: await order(Number((bid - 0.04).toFixed(2))), orderType: OrderType.GTC },
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
      signer: signerOf(other.privateKey),
      creds: client.creds,
      throwOnError: true,
    } as ConstructorParameters<typeof ClobClient>[0]);
    await expect(stranger.getOpenOrders()).rejects.toThrow();
    const { requests } = await exchange.admin<{
      requests: { path: string; headers: string[]; address: string }[];
    }>('/requests');
    const post = requests.filter(({ path }) => path === '/order').at(-1);
    expect(post?.headers).toEqual(
      expect.arrayContaining([
        'poly_address',
        'poly_api_key',
        'poly_passphrase',
        'poly_signature',
        'poly_timestamp',
      ]),
    );
    expect(JSON.stringify(requests)).not.toContain(client.creds?.secret);
  });
});
