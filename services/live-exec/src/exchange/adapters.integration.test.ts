import { type ExchangePort, type OrderRequest, orderAmounts } from '@slipstream/exchange';
import { Secret } from '@slipstream/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startExchange, type TestExchange } from '../../../../tests/contract/clients/scenario.ts';
import { readOutcome } from '../core/outcome.ts';
import { logIn } from './clob-client.ts';
import { openExchange } from './open-exchange.ts';
import { createSigner } from './signer.ts';

const CENT = 10_000n;
const SHARES = 10_000_000n;

type Type = 0 | 1 | 2 | 3;

async function portOf(exchange: TestExchange, type: Type, funder?: string): Promise<ExchangePort> {
  const wallet = exchange.sim.endpoints.wallets[type];
  if (wallet === undefined) throw new Error('the simulator has no such wallet');
  const signer = createSigner(wallet.privateKey, 'the simulator');
  const login = await logIn({ clobUrl: exchange.host, chainId: 137, signer });
  const opened = await openExchange({
    clobUrl: exchange.host,
    chainId: 137,
    signatureType: type,
    funder: funder ?? wallet.funder,
    signer,
    credentials: {
      key: new Secret(login.key),
      secret: new Secret(login.secret),
      passphrase: new Secret(login.passphrase),
      address: signer.address,
    },
    now: () => new Date(),
  });
  if (opened.kind !== 'open') throw new Error(`the simulator was not opened: ${opened.kind}`);
  return opened.port;
}

type Market = Pick<OrderRequest, 'tokenId' | 'negRisk' | 'version'>;
let salt = 1n;

/** An order of ten shares at a price in cents. */
function orderOf(
  market: Market,
  orderType: 'FAK' | 'GTC',
  side: 'BUY' | 'SELL',
  cents: bigint,
): OrderRequest {
  const priceMicros = cents * CENT;
  const amounts = orderAmounts({ side, priceMicros, sizeMicros: SHARES, tickMicros: CENT, orderType });
  if (amounts === null) throw new Error('no such order');
  salt += 1n;
  return {
    ...market,
    ...amounts,
    side,
    orderType,
    postOnly: orderType === 'GTC',
    expirationS: 0,
    salt,
    timestampMs: Date.now(),
  };
}

/** Places an order and reads its answer. */
async function place(port: ExchangePort, order: OrderRequest) {
  const signed = await port.sign(order);
  expect(signed.orderId).toBe(port.orderIdOf(order));
  return { signed, outcome: readOutcome(await port.place(signed), { ...order, orderId: signed.orderId }) };
}

/** What was bought is there when the chain has it. */
const untilHeld = (port: ExchangePort, { tokenId, version }: Market): Promise<void> =>
  expect
    .poll(async () => (await port.balance({ kind: 'token', tokenId, version })).balanceMicros, {
      timeout: 10_000,
    })
    .toBeGreaterThan(0n);

/** A resting order is seen under the id that we gave it, and goes; one that takes is found among our fills. */
async function trade(port: ExchangePort, market: Market): Promise<void> {
  const resting = await place(port, orderOf(market, 'GTC', 'BUY', 1n));
  expect(resting.outcome).toMatchObject({ kind: 'accepted', status: 'live' });
  const { orderId } = resting.signed;
  expect(await port.order(orderId)).toMatchObject({ orderId, status: 'LIVE', sizeMatchedMicros: 0n });
  expect((await port.openOrders()).map((order) => order.orderId)).toContain(orderId);
  // The very same bytes: no second order, however often they are sent.
  const again = { orderId, side: 'BUY', makerMicros: 1n } as const;
  expect(readOutcome(await port.place(resting.signed), again)).toMatchObject({ code: 'DUPLICATED' });
  expect(await port.cancel([orderId])).toEqual({ canceled: [orderId], notCanceled: new Map() });
  expect(await port.order(orderId)).toMatchObject({ status: 'CANCELED' });

  const taking = await place(port, orderOf(market, 'FAK', 'BUY', 99n));
  expect(taking.outcome).toMatchObject({ kind: 'accepted', status: 'matched' });
  const own = (await port.fills({ tokenId: market.tokenId })).filter(
    (fill) => fill.orderId === taking.signed.orderId,
  );
  expect(own.length).toBeGreaterThan(0);
  expect(own.every(({ liquidity, side }) => liquidity === 'TAKER' && side === 'BUY')).toBe(true);
  const found = await port.order(taking.signed.orderId);
  const filled = own.reduce((sum, { sizeMicros }) => sum + sizeMicros, 0n);
  expect(filled).toBe(found?.sizeMatchedMicros);
  await untilHeld(port, market);
}

describe('the adapter of today’s venue', () => {
  let exchange: TestExchange;
  let third = '';
  beforeAll(async () => {
    exchange = await startExchange();
    await exchange.admin('/faults', { minedAfterMs: 50, confirmedAfterMs: 100 });
    const { conditionId } = await exchange.admin<{ conditionId: string }>('/market', {
      name: 'protocol-v2-of-the-adapter',
      version: 'v2',
    });
    third = exchange.sim.venue.markets.get(conditionId)?.tokenIds[0] ?? '';
  });
  afterAll(() => exchange?.stop());

  test.each([0, 1, 2, 3] as const)('trades all three contracts with signature type %i', async (type) => {
    const port = await portOf(exchange, type);
    try {
      expect(port.venueVersion).toBe(2);
      await trade(port, { tokenId: exchange.tokenId, negRisk: false, version: 2 });
      await trade(port, { tokenId: exchange.negRiskToken, negRisk: true, version: 2 });
      await trade(port, { tokenId: third, negRisk: false, version: 3 });
    } finally {
      await port.close();
    }
  });

  test('sells what it has, and is told when there is too little', async () => {
    const port = await portOf(exchange, 0);
    const market = { tokenId: exchange.tokenId, negRisk: false, version: 2 } as const;
    try {
      await place(port, orderOf(market, 'FAK', 'BUY', 99n));
      await untilHeld(port, market);
      expect((await place(port, orderOf(market, 'FAK', 'SELL', 1n))).outcome.kind).toBe('accepted');
      const much = {
        ...orderOf(market, 'FAK', 'SELL', 1n),
        makerMicros: 10n ** 12n,
        takerMicros: 10n ** 10n,
      };
      expect((await place(port, much)).outcome).toMatchObject({
        kind: 'rejected',
        code: 'NOT_ENOUGH_BALANCE',
      });
    } finally {
      await port.close();
    }
  });

  test('knows the wrong contract and the wrong wallet by the answer', async () => {
    const [port, stranger] = [await portOf(exchange, 1), await portOf(exchange, 1, `0x${'1'.repeat(40)}`)];
    const { tokenId, negRiskToken } = exchange;
    const wrong = { kind: 'rejected', code: 'INVALID_SIGNATURE' };
    try {
      for (const market of [
        { tokenId, negRisk: true, version: 2 },
        { tokenId: negRiskToken, negRisk: false, version: 2 },
        { tokenId: third, negRisk: false, version: 2 },
      ] as const)
        expect((await place(port, orderOf(market, 'FAK', 'BUY', 99n))).outcome).toMatchObject(wrong);
      const market = { tokenId, negRisk: false, version: 2 } as const;
      expect((await place(stranger, orderOf(market, 'FAK', 'BUY', 99n))).outcome.kind).toBe('rejected');
    } finally {
      await port.close();
      await stranger.close();
    }
  });

  test('keeps orders alive, tells the time, and asks about the account', async () => {
    const port = await portOf(exchange, 2);
    try {
      const beat = await port.heartbeat(null);
      expect(await port.heartbeat(beat)).not.toBe('');
      expect(Math.abs((await port.serverTime()).getTime() - Date.now())).toBeLessThan(5_000);
      expect(await port.closedOnly()).toBe(false);
      await port.refreshBalance({ kind: 'collateral' });
      const { balanceMicros, allowances } = await port.balance({ kind: 'collateral' });
      expect(balanceMicros).toBeGreaterThan(0n);
      expect([...allowances.keys()].every((address) => address === address.toLowerCase())).toBe(true);
      expect(await port.order(`0x${'0'.repeat(64)}`)).toBeNull();
    } finally {
      await port.close();
    }
  });
});

describe('the adapter of a venue of before', () => {
  let exchange: TestExchange;
  beforeAll(async () => {
    exchange = await startExchange(1);
    await exchange.admin('/faults', { minedAfterMs: 50, confirmedAfterMs: 100 });
  });
  afterAll(() => exchange?.stop());

  test.each([0, 1, 2] as const)('trades with signature type %i', async (type) => {
    const port = await portOf(exchange, type);
    try {
      expect(port.venueVersion).toBe(1);
      await trade(port, { tokenId: exchange.tokenId, negRisk: false, version: 1 });
      await trade(port, { tokenId: exchange.negRiskToken, negRisk: true, version: 1 });
    } finally {
      await port.close();
    }
  });
});
