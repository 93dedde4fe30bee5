import { Wallet } from 'ethers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askAs, walletOf } from '../../test/account.ts';
import { postJson, startTestSim, type TestSim } from '../../test/sim.ts';
import { spendersOf } from '../trading/contracts.ts';
import type { SimWallet } from '../wallets.ts';
import { KeyStore, signRequest } from './keys.ts';

const FIRST = walletOf(0);
const PROXY = walletOf(1);

const ZERO_32 = `0x${'0'.repeat(64)}`;
const TYPES = {
  Order: [
    ...['salt', 'maker', 'signer', 'tokenId', 'makerAmount', 'takerAmount', 'side', 'signatureType'],
    ...['timestamp', 'metadata', 'builder'],
  ].map((name) => {
    if (name === 'maker' || name === 'signer') return { name, type: 'address' };
    if (name === 'metadata' || name === 'builder') return { name, type: 'bytes32' };
    return { name, type: name === 'side' || name === 'signatureType' ? 'uint8' : 'uint256' };
  }),
};

let salt = 0;

/** What a client of a wallet posts: a buy of ten shares at so many cents, signed for a standard market. */
async function signedOrder(
  { privateKey, address, funder, signatureType }: SimWallet,
  wish: { readonly tokenId: string; readonly cents?: number; readonly orderType?: string },
) {
  salt += 1;
  const order = {
    salt,
    maker: funder,
    signer: address,
    tokenId: wish.tokenId,
    makerAmount: String((wish.cents ?? 2) * 100_000),
    takerAmount: '10000000',
    side: 0,
    signatureType,
    timestamp: '1780315200000',
    metadata: ZERO_32,
    builder: ZERO_32,
  };
  const [verifyingContract = ''] = spendersOf(2, false, 137);
  const domain = { name: 'Polymarket CTF Exchange', version: '2', chainId: 137, verifyingContract };
  const signature = await new Wallet(privateKey).signTypedData(domain, TYPES, order);
  return {
    order: { ...order, side: 'BUY', signature },
    owner: KeyStore.of(address, '0').key,
    orderType: wish.orderType ?? 'GTC',
  };
}

let sim: TestSim;
beforeEach(async () => {
  sim = await startTestSim({ rate: 0 });
});
afterEach(() => sim.stop());

const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, wallet = FIRST) =>
  askAs(sim, wallet, method, path, body);
const faults = (asked: object) => postJson(`${sim.endpoints.admin}/faults`, asked);
const tokenId = (): string => {
  const market = [...sim.venue.markets.values()].find((one) => !one.negRisk && one.tickMicros === 10_000n);
  return market?.tokenIds[0] ?? '';
};
const order = (wallet = FIRST) => signedOrder(wallet, { tokenId: tokenId() });

describe('a batch', () => {
  test('is answered row by row, whatever becomes of each', async () => {
    const [good, small] = [await order(), await order()];
    const { status, body } = await ask('POST', '/orders', [good, { ...small, orderType: 'GTD' }, {}]);
    expect([status, body]).toMatchObject([
      200,
      [
        { success: true, status: 'live' },
        { success: false, errorMsg: 'invalid expiration' },
        { success: false, errorMsg: 'Invalid order payload' },
      ],
    ]);
  });

  const OWNER = 'the order owner has to be the owner of the API KEY';
  const SIGNER = 'the order signer address has to be the address of the API KEY';
  test.each<[string, () => Promise<object>, string]>([
    ['somebody else’s owner', async () => ({ ...(await order()), owner: 'x' }), OWNER],
    [
      'somebody else’s signer',
      async () => ({ ...(await order(PROXY)), owner: KeyStore.of(FIRST.address, '0').key }),
      SIGNER,
    ],
  ])('with %s in it is refused as a whole, and nothing of it is done', async (_, other, error) => {
    const answer = await ask('POST', '/orders', [await order(), await other()]);
    expect(answer).toEqual({ status: 400, body: { error } });
    expect((await ask('GET', '/data/orders')).body).toMatchObject({ count: 0 });
  });

  test.each([
    ['banned', 'address banned'],
    ['closedOnly', 'address in closed only mode'],
  ])(
    'of a wallet that is %s is refused as a whole, by whichever address it is named',
    async (list, words) => {
      for (const named of [PROXY.address, PROXY.funder]) {
        await faults({ [list]: [named] });
        const wanted = { status: 400, body: { error: `'${named}' ${words}` } };
        expect(await ask('POST', '/orders', [await order(PROXY)], PROXY)).toEqual(wanted);
        expect(await ask('POST', '/order', await order(PROXY), PROXY)).toEqual(wanted);
        const status = await ask('GET', '/auth/ban-status/closed-only', undefined, PROXY);
        expect(status.body).toEqual({ closed_only: true });
      }
      await faults({ [list]: [] });
      expect(await ask('POST', '/order', await order(PROXY), PROXY)).toMatchObject({ status: 200 });
      expect((await ask('GET', '/auth/ban-status/closed-only', undefined, PROXY)).body).toEqual({
        closed_only: false,
      });
    },
  );

  test('is refused as a whole while nobody may trade, and row by row in post-only mode', async () => {
    for (const [mode, words] of [
      ['tradingDisabled', 'Trading is currently disabled. Check polymarket.com for updates'],
      [
        'cancelOnly',
        'Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.',
      ],
    ] as const) {
      await faults({ [mode]: true });
      expect(await ask('POST', '/orders', [{}])).toEqual({ status: 503, body: { error: words } });
      expect(await ask('POST', '/order', await order())).toEqual({ status: 503, body: { error: words } });
      await faults({ [mode]: false });
    }
    await faults({ postOnlyMode: true });
    expect(await ask('POST', '/orders', [await order()])).toMatchObject({
      status: 200,
      body: [{ success: true, orderID: '', errorMsg: expect.stringContaining('post-only mode') }],
    });
  });
});

test('cancels stop while trading is disabled, and go on while it is only cancels', async () => {
  const { body } = await ask('POST', '/order', await order());
  const { orderID } = body as { orderID: string };
  await faults({ tradingDisabled: true });
  const disabled = {
    status: 503,
    body: { error: 'Trading is currently disabled. Check polymarket.com for updates' },
  };
  expect(await ask('DELETE', '/order', { orderID })).toEqual(disabled);
  expect(await ask('DELETE', '/orders', [orderID])).toEqual(disabled);
  expect(await ask('DELETE', '/cancel-all')).toEqual(disabled);
  expect(await ask('DELETE', '/cancel-market-orders', {})).toEqual(disabled);
  await faults({ tradingDisabled: false, cancelOnly: true });
  expect(await ask('DELETE', '/order', { orderID })).toMatchObject({ body: { canceled: [orderID] } });
});

test('a killed order is unknown when asked for, and a duplicate when sent again', async () => {
  const killed = await signedOrder(FIRST, { tokenId: tokenId(), cents: 15, orderType: 'FOK' });
  await postJson(`${sim.endpoints.admin}/fund`, { address: FIRST.funder, cash: '1000' });
  const wanted = { ...killed, order: { ...killed.order } };
  const first = await ask('POST', '/order', wanted);
  expect(first).toMatchObject({ status: 400, body: { error: expect.stringContaining('fully filled') } });
  const again = await ask('POST', '/order', wanted);
  expect(again).toMatchObject({ status: 400, body: { error: expect.stringContaining('Duplicated.') } });
  const [id = ''] = /0x[0-9a-f]{64}/.exec((again.body as { error: string }).error) ?? [];
  expect((await ask('GET', `/data/order/${id}`)).status).toBe(404);
});

test('any refusal may be asked for, before or after an order is taken, and name it', async () => {
  const words = { fault: 'refuse', status: 400, error: 'order {id} crosses the book' };
  const posted = await order();
  await faults({ orders: words });
  const before = await ask('POST', '/order', posted);
  expect(before).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^order 0x[0-9a-f]{64} /) },
  });
  expect((await ask('GET', '/data/orders')).body).toMatchObject({ count: 0 });
  await faults({ orders: { ...words, after: true } });
  expect(await ask('POST', '/order', posted)).toEqual(before);
  const { body } = await ask('GET', '/data/orders');
  const [{ id }] = (body as { data: [{ id: string }] }).data;
  expect((before.body as { error: string }).error).toBe(`order ${id} crosses the book`);
});

test('a body that is no JSON is no order, once it is known whose it is', async () => {
  const post = async (path: string, isProved: boolean) => {
    const { key, secret, passphrase, address } = KeyStore.of(FIRST.address, '0');
    const timestamp = String(Math.floor(sim.clock.now().getTime() / 1_000));
    const raw = '{"order":';
    const headers = {
      POLY_ADDRESS: address,
      POLY_API_KEY: key,
      POLY_PASSPHRASE: passphrase,
      POLY_TIMESTAMP: timestamp,
      POLY_SIGNATURE: signRequest(secret, timestamp, { method: 'POST', path, raw }),
    };
    const answer = await fetch(`${sim.endpoints.clob}${path}`, {
      method: 'POST',
      headers: isProved ? headers : {},
      body: raw,
    });
    return [answer.status, await answer.json()];
  };
  for (const path of ['/order', '/orders']) {
    expect(await post(path, true)).toEqual([400, { error: 'Invalid order payload' }]);
    expect(await post(path, false)).toEqual([401, { error: 'Unauthorized/Invalid api key' }]);
  }
  const admin = await fetch(`${sim.endpoints.admin}/faults`, { method: 'POST', body: '{"a":' });
  expect(admin.status).toBe(400);
});
