import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { describe, expect, test } from 'vitest';
import { walletOf } from '../../test/account.ts';
import { openMarket, recordings } from '../../test/sim.ts';
import { spendersOf } from '../trading/contracts.ts';
import type { Market } from '../venue/market.ts';
import { Venue } from '../venue/venue.ts';
import { KeyStore } from './keys.ts';
import { type FormOptions, readOrder } from './order-form.ts';

const EOA = walletOf(0);
const PROXY = walletOf(1);
const KEY = KeyStore.of(EOA.address, '0');
const ZERO_32 = `0x${'0'.repeat(64)}`;
const NOBODY = `0x${'0'.repeat(40)}`;

/** An exchange with one market, and wallets bound as the simulator binds its own. */
function formOptions(market: Partial<Market>, more: Partial<FormOptions> = {}): FormOptions {
  const venue = new Venue();
  venue.addMarket({ ...openMarket(), ...market });
  return { venue, chainId: 137, clobVersion: 2, funderOf: () => null, ...more };
}
const MARKET = openMarket();
const FIELDS = ['maker', 'signer'] as const;

const ORDER_V1 = [
  ...['salt', 'maker', 'signer', 'taker', 'tokenId', 'makerAmount', 'takerAmount', 'expiration', 'nonce'],
  ...['feeRateBps', 'side', 'signatureType'],
];
const ORDER_V2 = [
  ...['salt', 'maker', 'signer', 'tokenId', 'makerAmount', 'takerAmount', 'side', 'signatureType'],
  ...['timestamp', 'metadata', 'builder'],
];
const typeOf = (name: string): string => {
  if (['maker', 'signer', 'taker'].includes(name)) return 'address';
  if (['metadata', 'builder'].includes(name)) return 'bytes32';
  return ['side', 'signatureType'].includes(name) ? 'uint8' : 'uint256';
};

type Wish = { readonly version?: 1 | 2 | 3; readonly negRisk?: boolean; readonly order?: object };

/** What a client of the first wallet posts, with a signature that is right. */
async function posted({ version = 2, negRisk = false, order: more = {} }: Wish = {}) {
  const signer = new Wallet(EOA.privateKey);
  const names = version === 1 ? ORDER_V1 : ORDER_V2;
  const order: Record<string, unknown> = {
    salt: 479_249_096_354,
    maker: signer.address,
    signer: signer.address,
    tokenId: MARKET.tokenIds[0],
    makerAmount: '4600000',
    takerAmount: '10000000',
    side: 0,
    signatureType: 0,
    ...(version === 1
      ? { taker: NOBODY, expiration: '0', nonce: '0', feeRateBps: '0' }
      : { timestamp: '1780315200000', metadata: ZERO_32, builder: ZERO_32 }),
    ...more,
  };
  const [verifyingContract = ''] = spendersOf(version, negRisk, 137);
  const domain = {
    name: 'Polymarket CTF Exchange',
    version: String(version),
    chainId: 137,
    verifyingContract,
  };
  const types = { Order: names.map((name) => ({ name, type: typeOf(name) })) };
  const value = Object.fromEntries(names.map((name) => [name, order[name]]));
  const signature = await signer.signTypedData(domain, types, value);
  const side = order['side'] === 0 ? 'BUY' : 'SELL';
  return { order: { ...order, side, signature }, owner: KEY.key, orderType: 'GTC' };
}

const refusal = (error: string, status = 400, more: object = {}) => ({
  kind: 'refused',
  status,
  error,
  ...more,
});
const OF_REQUEST = { isOfRequest: true };

describe('a posted order', () => {
  test('is read whole, in every version, for the contract that its market settles on', async () => {
    expect(readOrder(await posted(), KEY, formOptions({}))).toMatchObject({
      id: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      version: 2,
      owner: KEY.key,
      maker: EOA.address,
      signer: EOA.address,
      tokenId: MARKET.tokenIds[0],
      side: 'BUY',
      makerMicros: 4_600_000n,
      takerMicros: 10_000_000n,
      expirationS: 0,
      orderType: 'GTC',
      postOnly: false,
    });
    const v1 = formOptions({}, { clobVersion: 1 });
    expect(readOrder(await posted({ version: 1 }), KEY, v1)).toMatchObject({ version: 1 });
    const v3 = formOptions({ version: 'v2' });
    expect(readOrder(await posted({ version: 3 }), KEY, v3)).toMatchObject({ version: 3 });
    const negRisk = formOptions({ negRisk: true });
    expect(readOrder(await posted({ negRisk: true }), KEY, negRisk)).toMatchObject({ version: 2 });
  });

  test('signed for another contract is nobody’s', async () => {
    const wrong = refusal('invalid signature');
    expect(readOrder(await posted(), KEY, formOptions({ negRisk: true }))).toEqual(wrong);
    expect(readOrder(await posted(), KEY, formOptions({ version: 'v2' }))).toEqual(wrong);
    expect(readOrder(await posted({ version: 3 }), KEY, formOptions({}))).toEqual(wrong);
  });

  test('of the version that is not spoken is told so', async () => {
    const mismatch = refusal('order_version_mismatch');
    expect(readOrder(await posted({ version: 1 }), KEY, formOptions({}))).toEqual(mismatch);
    expect(readOrder(await posted(), KEY, formOptions({}, { clobVersion: 1 }))).toEqual(mismatch);
  });

  test.each([
    ['salt', 1],
    ['makerAmount', '4700000'],
    ['takerAmount', '11000000'],
    ['side', 'SELL'],
    ['timestamp', '1780315200001'],
    ['metadata', `0x${'0'.repeat(63)}1`],
    ['builder', `0x${'0'.repeat(63)}1`],
    ['tokenId', MARKET.tokenIds[1]],
  ])('with another %s than was signed is nobody’s', async (name, value) => {
    const body = await posted();
    const changed = { ...body, order: { ...body.order, [name]: value } };
    expect(readOrder(changed, KEY, formOptions({}))).toEqual(refusal('invalid signature'));
  });

  test('carries an expiration that is not signed', async () => {
    const body = await posted();
    const later = { ...body, order: { ...body.order, expiration: '1780400000' }, orderType: 'GTD' };
    expect(readOrder(later, KEY, formOptions({}))).toMatchObject({
      expirationS: 1_780_400_000,
      orderType: 'GTD',
    });
  });

  test.each<[string, object]>([
    ['a salt in quotes', { salt: '479249096354' }],
    ['an amount with a point', { makerAmount: '4.6' }],
    ['an amount of nothing', { takerAmount: '0' }],
    ['a side of its own', { side: 'HOLD' }],
    ['a signature type of its own', { signatureType: 4 }],
    ['a maker that is no address', { maker: '0x12' }],
    ['no signature', { signature: undefined }],
    ['a builder that is no word', { builder: '0x12' }],
  ])('with %s is no order', async (_, wrong) => {
    const body = await posted();
    const broken = { ...body, order: { ...body.order, ...wrong } };
    expect(readOrder(broken, KEY, formOptions({}))).toEqual(refusal('Invalid order payload'));
  });

  test('names no metadata and no builder where they are left out, or empty', async () => {
    const body = await posted();
    const { id } = readOrder(body, KEY, formOptions({})) as { id: string };
    for (const nothing of [undefined, '']) {
      const order = { ...body.order, metadata: nothing, builder: nothing };
      expect(readOrder({ ...body, order }, KEY, formOptions({}))).toMatchObject({ id });
    }
  });

  test('may write its addresses in whatever case', async () => {
    const body = await posted();
    const { id } = readOrder(body, KEY, formOptions({})) as { id: string };
    const maker = EOA.address.slice(2);
    for (const written of [
      maker.toUpperCase(),
      maker,
      `${maker.slice(0, 20).toUpperCase()}${maker.slice(20)}`,
    ]) {
      const order = { ...body.order, maker: `0x${written}`, signer: `0x${written}` };
      expect(readOrder({ ...body, order }, KEY, formOptions({}))).toMatchObject({ id, maker: EOA.address });
    }
  });

  test('that names a taker is one of version 1', async () => {
    const body = await posted();
    const named = { ...body, order: { ...body.order, taker: NOBODY } };
    expect(readOrder(named, KEY, formOptions({}))).toEqual(refusal('order_version_mismatch'));
    const unnamed = { ...body, order: { ...body.order, taker: null } };
    expect(readOrder(unnamed, KEY, formOptions({}))).toMatchObject({ version: 2 });
    const before = await posted({ version: 1 });
    const { nonce: _nonce, feeRateBps: _fee, ...order } = before.order as Record<string, unknown>;
    const v1 = formOptions({}, { clobVersion: 1 });
    expect(readOrder({ ...before, order }, KEY, v1)).toMatchObject({ version: 1 });
  });

  test('in an envelope that is none is no order', async () => {
    const body = await posted();
    for (const wrong of [null, [], { ...body, orderType: 'IOC' }, { ...body, postOnly: 'yes' }, { order: 1 }])
      expect(readOrder(wrong, KEY, formOptions({}))).toEqual(refusal('Invalid order payload'));
  });

  test('belongs to its key, and its token to a market', async () => {
    const body = await posted();
    expect(readOrder({ ...body, owner: 'another' }, KEY, formOptions({}))).toEqual(
      refusal('the order owner has to be the owner of the API KEY', 400, OF_REQUEST),
    );
    const other = KeyStore.of(PROXY.address, '0');
    expect(readOrder({ ...body, owner: other.key }, other, formOptions({}))).toEqual(
      refusal('the order signer address has to be the address of the API KEY', 400, OF_REQUEST),
    );
    expect(readOrder(body, KEY, formOptions({ tokenIds: ['1', '2'] }))).toEqual(
      refusal('No orderbook exists for the requested token id', 404),
    );
  });

  test.each([
    [1, 'invalid POLY_PROXY signature'],
    [2, 'invalid signature'],
  ])('of signature type %i is for the wallet that is bound to the key', async (signatureType, error) => {
    const body = await posted({ order: { signatureType, maker: PROXY.funder } });
    const bound = formOptions({}, { funderOf: (_, type) => (type === signatureType ? PROXY.funder : null) });
    expect(readOrder(body, KEY, bound)).toMatchObject({ maker: PROXY.funder, signer: EOA.address });
    expect(readOrder(body, KEY, formOptions({}))).toEqual(refusal(error));
  });
});

const data = recordings();
const vectorsIn = (name: string) =>
  JSON.parse(readFileSync(join(data ?? '', 'vectors', name), 'utf8')).vectors.map(
    (vector: { name: string }) => [vector.name, vector],
  );

describe.skipIf(data === null)('the vectors of the official clients', () => {
  const names = ['orders-v1.json', 'orders-v2.json', 'orders-v2-poly1271.json'];
  test.each(data === null ? [] : names.flatMap(vectorsIn))('%s', (_, vector) => {
    const { domain, order, orderHash, signature } = vector;
    const contract: string = domain.verifyingContract.toLowerCase();
    const version = Number(domain.version) as 1 | 2;
    const options = formOptions(
      {
        tokenIds: [order.tokenId, '1'],
        negRisk: spendersOf(version, true, domain.chainId)[0] === contract,
      },
      { chainId: domain.chainId, clobVersion: version, funderOf: () => order.maker.toLowerCase() },
    );
    const body = {
      order: { ...order, salt: Number(order.salt), signature },
      owner: KEY.key,
      orderType: 'GTC',
    };
    const read = readOrder(body, KEY, options);
    expect(read).toMatchObject({ version, ...(orderHash === undefined ? {} : { id: orderHash }) });
    for (const name of FIELDS) expect(read).toMatchObject({ [name]: order[name].toLowerCase() });
    const another = { ...body, order: { ...body.order, makerAmount: '1' } };
    expect(readOrder(another, KEY, options)).toMatchObject({ kind: 'refused', status: 400 });
  });
});
