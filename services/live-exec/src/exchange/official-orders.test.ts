import { Chain as ChainV1, ClobClient as ClobClientV1 } from '@polymarket/clob-client';
import { type Chain, OrderBuilder, OrderType, orderToJsonV2, Side } from '@polymarket/clob-client-v2';
import type { ExchangePort, OrderRequest, SignatureType } from '@slipstream/exchange';
import { afterEach, describe, expect, test } from 'vitest';
import { openClobClient } from './clob-client.ts';
import { openClobClientV2 } from './clob-client-v2.ts';
import { createSigner } from './signer.ts';
import type { ClientOptions } from './trading-client.ts';

/** The well-known development key; never fund it. */
const signer = createSigner('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', 'a test');
const TOKEN = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
/** With its checksum, as the official client wants it. */
const WALLET_CHECKSUMMED = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const WALLET = WALLET_CHECKSUMMED.toLowerCase();
/** Nobody listens there, and nothing may be asked. */
const NOWHERE = 'http://127.0.0.1:9';

const optionsOf = (signatureType: SignatureType, chainId = 137): ClientOptions => ({
  clobUrl: NOWHERE,
  chainId,
  signatureType,
  funder: signatureType === 0 ? signer.address : WALLET,
  signer,
  credentials: null,
  now: () => new Date(),
});

const anOrder = (over: Partial<OrderRequest> = {}): OrderRequest => ({
  tokenId: TOKEN,
  side: 'BUY',
  makerMicros: 5_500_000n,
  takerMicros: 10_000_000n,
  orderType: 'GTC',
  postOnly: false,
  expirationS: 0,
  negRisk: false,
  version: 2,
  salt: 1n,
  timestampMs: 1,
  ...over,
});

const opened: ExchangePort[] = [];
const open = (port: ExchangePort): ExchangePort => {
  opened.push(port);
  return port;
};
afterEach(() => Promise.all(opened.splice(0).map((port) => port.close())));

/** What the official client chose by itself, the salt and the time among it, as our order. */
const asOurs = (official: Record<string, unknown>, over: Partial<OrderRequest>): OrderRequest =>
  anOrder({
    side: official['side'] === 'BUY' || official['side'] === 0 ? 'BUY' : 'SELL',
    makerMicros: BigInt(String(official['makerAmount'])),
    takerMicros: BigInt(String(official['takerAmount'])),
    salt: BigInt(String(official['salt'])),
    timestampMs: Number(official['timestamp'] ?? 1),
    expirationS: Number(official['expiration']),
    ...over,
  });

const CASES = ([0, 1, 2, 3] as const).flatMap((type) =>
  ([137, 80_002] as const).flatMap((chainId) =>
    (['BUY', 'SELL'] as const).flatMap((side) =>
      ([2, 3] as const).flatMap((version) =>
        [false, true].map((negRisk) => ({ type, chainId, side, version, negRisk })),
      ),
    ),
  ),
);

describe('an order of ours, and the one that the official client makes of the same figures', () => {
  test.each(CASES)('type $type, chain $chainId, $side, version $version, neg risk $negRisk', async (one) => {
    const { type, chainId, side, version, negRisk } = one;
    const options = optionsOf(type, chainId);
    const builder = new OrderBuilder(
      signer as unknown as ConstructorParameters<typeof OrderBuilder>[0],
      chainId as Chain,
      type as ConstructorParameters<typeof OrderBuilder>[2],
      type === 0 ? undefined : WALLET_CHECKSUMMED,
    );
    const official = await builder.buildOrder(
      { tokenID: TOKEN, price: 0.55, size: 10, side: side === 'BUY' ? Side.BUY : Side.SELL },
      { tickSize: '0.01', negRisk },
      version,
    );
    const port = open(openClobClientV2(options));
    const order = asOurs(official as unknown as Record<string, unknown>, { side, version, negRisk });
    const signed = await port.sign(order);
    const body = orderToJsonV2(official as Parameters<typeof orderToJsonV2>[0], 'owner', OrderType.GTC);
    expect(JSON.parse(signed.order)).toEqual(JSON.parse(JSON.stringify(body.order)));
    expect(signed.orderId).toBe(port.orderIdOf(order));
  });
});

describe('an order of ours for a venue of before, and the official client’s', () => {
  test.each(([0, 1, 2] as const).flatMap((type) => [false, true].map((negRisk) => ({ type, negRisk }))))(
    'type $type, neg risk $negRisk',
    async ({ type, negRisk }) => {
      const client = new ClobClientV1(
        NOWHERE,
        ChainV1.POLYGON,
        signer as unknown as ConstructorParameters<typeof ClobClientV1>[2],
        undefined,
        type,
        type === 0 ? undefined : WALLET_CHECKSUMMED,
      );
      const official = await client.orderBuilder.buildOrder(
        { tokenID: TOKEN, price: 0.55, size: 10, side: 'BUY' as never, feeRateBps: 0 },
        { tickSize: '0.01', negRisk },
      );
      const port = open(openClobClient(optionsOf(type)));
      const order = asOurs(official as unknown as Record<string, unknown>, { version: 1, negRisk });
      const signed = await port.sign({ ...order, timestampMs: 1 });
      expect(JSON.parse(signed.order)).toEqual({
        ...official,
        salt: Number(official.salt),
        side: 'BUY',
        signatureType: type,
      });
    },
  );
});

describe('what nobody may sign', () => {
  test.each<[string, Partial<OrderRequest>]>([
    ['a BUY at a dollar', { makerMicros: 10_000_000n }],
    ['a BUY over a dollar', { makerMicros: 11_000_000n }],
    ['a SELL over a dollar', { side: 'SELL', makerMicros: 1_000_000n, takerMicros: 2_000_000n }],
    ['nothing for something', { takerMicros: 0n }],
    ['something for nothing', { makerMicros: 0n }],
    ['a negative amount', { makerMicros: -1n }],
    ['a salt that JSON would change', { salt: 2n ** 53n }],
    ['a negative salt', { salt: -1n }],
    ['no token', { tokenId: '' }],
    ['a token in hexadecimal', { tokenId: '0x12' }],
    ['a time between milliseconds', { timestampMs: 1.5 }],
    ['an expiration of an order that has none', { expirationS: 5 }],
    ['a GTD without expiration', { orderType: 'GTD' }],
    ['a post-only FAK', { orderType: 'FAK', postOnly: true }],
    ['an order of version 1 at today’s venue', { version: 1 }],
  ])('%s is neither signed nor named', async (_what, over) => {
    const port = open(openClobClientV2(optionsOf(0)));
    await expect(port.sign(anOrder(over))).rejects.toThrow(RangeError);
    expect(() => port.orderIdOf(anOrder(over))).toThrow(RangeError);
  });

  test.each([2, 3] as const)('an order of version %i at a venue of before', async (version) => {
    const port = open(openClobClient(optionsOf(0)));
    await expect(port.sign(anOrder({ version }))).rejects.toThrow(RangeError);
  });

  test('a deposit wallet’s order of version 1', async () => {
    const port = open(openClobClient(optionsOf(3)));
    await expect(port.sign(anOrder({ version: 1 }))).rejects.toThrow('deposit wallets');
  });
});

describe('without a key', () => {
  test('an order has the id that it would have with one, and cannot be signed or sent', async () => {
    const withKey = open(openClobClientV2(optionsOf(0)));
    const without = open(openClobClientV2({ ...optionsOf(0), signer: null }));
    const order = anOrder();
    expect(without.orderIdOf(order)).toBe(withKey.orderIdOf(order));
    await expect(without.sign(order)).rejects.toThrow('without a key');
    await expect(without.place(await withKey.sign(order))).rejects.toThrow('without key');
    await expect(without.openOrders()).rejects.toThrow('no API credentials');
  });
});

test('ids, salts and times decide an order: the same ones give the same bytes', async () => {
  const port = open(openClobClientV2(optionsOf(3)));
  expect(await port.sign(anOrder())).toEqual(await port.sign(anOrder()));
  const ids = [anOrder(), anOrder({ salt: 2n }), anOrder({ timestampMs: 2 }), anOrder({ version: 3 })];
  expect(new Set(ids.map(port.orderIdOf)).size).toBe(4);
});

test('300 orders are signed in a second', async () => {
  const port = open(openClobClientV2(optionsOf(3)));
  const rates: number[] = [];
  // The best of several, and of the processor's time: others may be using the machine.
  for (let batch = 0; batch < 8; batch++) {
    const started = process.cpuUsage();
    for (let i = 0; i < 40; i++) await port.sign(anOrder({ salt: BigInt(batch * 100 + i) }));
    const { user, system } = process.cpuUsage(started);
    rates.push(40 / ((user + system) / 1_000_000));
  }
  expect(Math.max(...rates)).toBeGreaterThan(300);
});
