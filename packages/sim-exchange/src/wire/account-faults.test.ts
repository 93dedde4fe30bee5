import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askAs, walletOf } from '../../test/account.ts';
import { getJson, postJson, startTestSim, type TestSim } from '../../test/sim.ts';
import { KeyStore, signRequest } from './keys.ts';

const FIRST = walletOf(0);

let sim: TestSim;
beforeEach(async () => {
  sim = await startTestSim({ rate: 0 });
});
afterEach(() => sim.stop());

const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
  askAs(sim, FIRST, method, path, body);
const faults = (asked: object) => postJson(`${sim.endpoints.admin}/faults`, asked);
async function rest(): Promise<string> {
  const [market] = [...sim.venue.markets.values()];
  const wish = { tokenId: market?.tokenIds[0], side: 'BUY', price: '0.02', size: '50', orderType: 'GTC' };
  const { body } = await postJson(`${sim.endpoints.admin}/order`, { address: FIRST.funder, ...wish });
  return (body as { id: string }).id;
}

/** As `ask`, for those who want to see the headers, or to go away. */
async function raw(method: string, path: string, body: string, signal?: AbortSignal): Promise<Response> {
  const { key, secret, passphrase, address } = KeyStore.of(FIRST.address, '0');
  const timestamp = String(Math.floor(sim.clock.now().getTime() / 1_000));
  return await fetch(`${sim.endpoints.clob}${path}`, {
    method,
    ...(signal === undefined ? {} : { signal }),
    headers: {
      POLY_ADDRESS: address,
      POLY_API_KEY: key,
      POLY_PASSPHRASE: passphrase,
      POLY_TIMESTAMP: timestamp,
      POLY_SIGNATURE: signRequest(secret, timestamp, { method, path, raw: body }),
    },
    body,
  });
}

describe('a restart', () => {
  test('holds batches and cancels back as a whole, and then lets cancels through', async () => {
    const id = await rest();
    await faults({ restart: { downMs: 1_000, postOnlyMs: 10_000 } });
    const notReady = { status: 425, body: { error: 'service not ready' } };
    expect(await ask('POST', '/orders', [{}])).toEqual(notReady);
    expect(await ask('DELETE', '/order', { orderID: id })).toEqual(notReady);
    expect(await ask('DELETE', '/cancel-all')).toEqual(notReady);
    await sim.clock.advance(1_000);
    expect(await ask('DELETE', '/order', { orderID: id })).toMatchObject({ body: { canceled: [id] } });
  });
});

describe('faults of cancels', () => {
  test.each(['acceptThenDrop', 'dropBefore'] as const)('%s cuts the connection', async (fault) => {
    const id = await rest();
    await faults({ cancels: { fault } });
    await expect(ask('DELETE', '/order', { orderID: id })).rejects.toThrow();
    const left = fault === 'dropBefore' ? 1 : 0;
    expect(await ask('GET', '/data/orders')).toMatchObject({ body: { count: left } });
  });

  test('are not those of orders', async () => {
    const id = await rest();
    await faults({ orders: { fault: 'errorBefore' } });
    expect(await ask('DELETE', '/order', { orderID: id })).toMatchObject({ status: 200 });
    expect(await ask('POST', '/orders', [{}])).toMatchObject({ status: 500 });
  });
});

test('a place that is not served can cancel and not trade', async () => {
  await faults({ geoblocked: true });
  expect(await getJson(`${sim.endpoints.clob}/api/geoblock`)).toMatchObject({ body: { blocked: true } });
  for (const [path, body] of [
    ['/order', {}],
    ['/orders', [{}]],
  ] as const) {
    const { status, body: said } = await ask('POST', path, body);
    expect([status, (said as { error: string }).error]).toEqual([
      403,
      expect.stringContaining('Trading restricted'),
    ]);
  }
  expect(await ask('DELETE', '/cancel-all')).toMatchObject({ status: 200 });
});

describe('signers’ buckets', () => {
  test('refuse what is too much, and tell in headers what is left', async () => {
    await faults({ signerBuckets: { orders: { perSecond: 1, burst: 2 } } });
    const first = await raw('POST', '/orders', '[{},{}]');
    expect(first.status).toBe(200);
    expect(first.headers.get('poly-ratelimit-remaining')).toBe('0');
    const second = await raw('POST', '/order', '{}');
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(await second.json()).toMatchObject({ retry_after_seconds: 1 });
    expect((await raw('DELETE', '/orders', '["0x1"]')).headers.get('poly-ratelimit-remaining')).toBe('119');
    await sim.clock.advance(1_000);
    expect((await raw('POST', '/order', '{}')).status).toBe(400);
  });

  test('count what a filter cancels, and only warn where that is asked for', async () => {
    await rest();
    await rest();
    await faults({ signerBuckets: { cancels: { perSecond: 1, burst: 2 }, warnOnly: true } });
    const answer = await raw('DELETE', '/cancel-all', '');
    expect(answer.headers.get('poly-ratelimit-warning')).not.toBeNull();
    expect(((await answer.json()) as { canceled: string[] }).canceled).toHaveLength(2);
  });

  test('are off, and then there are no headers', async () => {
    expect((await raw('DELETE', '/cancel-all', '')).headers.get('poly-ratelimit-remaining')).toBeNull();
  });
});

test('statuses come with their prefix where that is asked for', async () => {
  const id = await rest();
  await faults({ prefixedStatuses: true });
  expect(await ask('GET', `/data/order/${id}`)).toMatchObject({ body: { status: 'ORDER_STATUS_LIVE' } });
  expect(await ask('GET', '/data/orders')).toMatchObject({
    body: { data: [{ status: 'ORDER_STATUS_LIVE' }] },
  });
});

test('latency keeps every request of an account waiting, and nobody once the exchange stops', async () => {
  await faults({ latencyMs: 30 });
  const began = performance.now();
  await ask('GET', '/data/orders');
  // Timers may come a moment early.
  expect(performance.now() - began).toBeGreaterThan(25);
  await faults({ latencyMs: 120_000 });
  const waiting = expect(raw('DELETE', '/cancel-all', '')).rejects.toThrow();
  const asked = async (): Promise<boolean> => {
    const { body } = await getJson(`${sim.endpoints.admin}/requests`);
    return (body as { requests: { path: string }[] }).requests.some(({ path }) => path === '/cancel-all');
  };
  while (!(await asked()));
  await sim.stop();
  await waiting;
});

test('the log knows every request of the order book, the public ones without their bodies', async () => {
  await postJson(`${sim.endpoints.clob}/books`, [{ token_id: '1' }]);
  await getJson(`${sim.endpoints.clob}/nothing-here`);
  const id = await rest();
  await ask('DELETE', '/order', { orderID: id });
  const { body } = await getJson(`${sim.endpoints.admin}/requests`);
  expect((body as { requests: object[] }).requests).toMatchObject([
    { method: 'POST', path: '/books', body: null, status: 200, authenticated: false },
    { method: 'GET', path: '/nothing-here', status: 404 },
    { method: 'DELETE', path: '/order', status: 200, authenticated: true, orderIds: [id] },
  ]);
});
