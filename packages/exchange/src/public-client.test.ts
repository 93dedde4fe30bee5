import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { openPublicClient, type PublicClient } from './public-client.ts';

const WALLET = `0x${'1a'.repeat(20)}`;
const CONDITION = `0x${'cd'.repeat(32)}`;
const tradeV2 = {
  proxy_wallet: WALLET,
  timestamp: 1_784_076_314,
  condition_id: CONDITION,
  type: 'TRADE',
  size: 11.11,
  price: 0.07,
  transaction_hash: `0x${'ab'.repeat(32)}`,
  token_id: '101',
  side: 'BUY',
};
const page = (data: unknown[], next: string | null = null) => ({
  data,
  pagination: { limit: 100, offset: 0, has_more: next !== null, next_cursor: next },
});

type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown };
let server: Server | undefined;
let client: PublicClient | undefined;
const asked: string[] = [];

/** A client of an exchange that answers as the test says, by path. */
async function clientOf(answer: (path: string, times: number) => Reply): Promise<PublicClient> {
  const times = new Map<string, number>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    asked.push(path);
    times.set(path, (times.get(path) ?? 0) + 1);
    const { status = 200, headers = {}, body } = answer(path, times.get(path) ?? 0);
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const opened = createServer(handle);
  server = opened;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  const address = opened.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}`;
  client = openPublicClient({ clobUrl: url, dataUrl: `${url}/data`, gammaUrl: `${url}/gamma` });
  return client;
}

afterEach(async () => {
  await client?.close();
  const closed = server;
  if (closed !== undefined) await new Promise((resolve) => closed.close(resolve));
  client = undefined;
  server = undefined;
  asked.length = 0;
});

const query = { wallet: WALLET, startSecond: 7, cursor: null, limit: 1_000 };

describe('the public client', () => {
  test('reads a book to micros', async () => {
    const level = { price: '0.48', size: '10.5' };
    const exchange = await clientOf(() => ({
      body: { market: CONDITION, asset_id: '101', timestamp: '1', bids: [level], asks: [] },
    }));
    expect(await exchange.book('101')).toMatchObject({
      kind: 'ok',
      value: { bids: [{ price: 480_000n, size: 10_500_000n }], asks: [] },
    });
  });

  test('knows a book that is absent from one that is not answered', async () => {
    const exchange = await clientOf((path) => ({ status: path.endsWith('101') ? 404 : 400, body: {} }));
    expect(await exchange.book('101')).toEqual({ kind: 'absent' });
    expect((await exchange.book('102')).kind).toBe('failed');
  });

  test.each([
    ['not JSON', 'INVALID OPERATION'],
    ['another shape', { bids: 'none' }],
    ['a price that cannot be', { asset_id: '101', bids: [{ price: '7', size: '1' }], asks: [] }],
  ])('an answer that is %s is a failure, not an exception', async (_case, body) => {
    const exchange = await clientOf(() => ({ body }));
    expect((await exchange.book('101')).kind).toBe('failed');
  });

  test('asks again after being told to slow down, and after an outage', async () => {
    const exchange = await clientOf((_path, times) =>
      times === 1
        ? { status: 429, headers: { 'retry-after': '0' }, body: {} }
        : times === 2
          ? { status: 503, body: {} }
          : { body: { condition_id: CONDITION } },
    );
    expect(await exchange.conditionOf('101')).toEqual({ kind: 'ok', value: CONDITION });
    expect(asked).toHaveLength(3);
  });

  test('gives up after a bounded number of attempts', async () => {
    const exchange = await clientOf(() => ({ status: 500, headers: { 'retry-after': '0' }, body: {} }));
    expect(await exchange.conditionOf('101')).toEqual({ kind: 'failed', why: 'status 500' });
    expect(asked).toHaveLength(3);
  });

  test('pages through activity oldest first', async () => {
    const exchange = await clientOf((path) => ({
      body: path.includes('cursor=') ? page([]) : page([tradeV2, { ...tradeV2, price: 'x' }], '500'),
    }));
    const first = await exchange.activity(query);
    expect(first).toMatchObject({
      kind: 'ok',
      value: {
        rows: [{ priceMicros: 70_000n }],
        rubbish: [{ why: expect.stringContaining('price') }],
        next: '500',
      },
    });
    expect(await exchange.activity({ ...query, cursor: '500' })).toMatchObject({ value: { next: null } });
    expect(asked).toEqual([
      `/data/v2/activity?user=${WALLET}&start=7&sort_direction=ASC&limit=1000`,
      `/data/v2/activity?user=${WALLET}&start=7&sort_direction=ASC&limit=1000&cursor=500`,
    ]);
  });

  test('reads v1 where v2 is gone, by offsets', async () => {
    const tradeV1 = {
      proxyWallet: WALLET,
      timestamp: 1,
      conditionId: CONDITION,
      size: 1,
      price: 0.5,
      asset: '101',
      side: 'SELL',
      transactionHash: tradeV2.transaction_hash,
    };
    const exchange = await clientOf((path) =>
      path.startsWith('/data/v2') ? { status: 410, body: {} } : { body: Array(2).fill(tradeV1) },
    );
    const first = await exchange.activity({ ...query, limit: 2 });
    if (first.kind !== 'ok') throw new Error(first.kind);
    expect(first.value.rows).toHaveLength(2);
    await exchange.activity({ ...query, limit: 2, cursor: first.value.next });
    expect(asked.at(-1)).toContain('/data/activity?');
    expect(asked.at(-1)).toContain('offset=2');
  });

  test.each([
    ['v2', { data: { proxy_wallet: WALLET.toUpperCase().replace('0X', '0x'), value: 1234.5678901 } }],
    ['v1, where v2 is gone', [{ user: WALLET, value: '1234.56789' }]],
  ])('reads what a wallet holds from %s', async (_case, body) => {
    const exchange = await clientOf((path) =>
      path.startsWith('/data/v2') === Array.isArray(body) ? { status: 404, body: {} } : { body },
    );
    expect(await exchange.portfolioValue(WALLET)).toEqual({ kind: 'ok', value: 1_234_567_890n });
    await exchange.portfolioValue(WALLET);
    expect(asked.at(-1)).toBe(`/data/${Array.isArray(body) ? '' : 'v2/'}value?user=${WALLET}`);
    expect(asked).toHaveLength(Array.isArray(body) ? 3 : 2);
  });

  test.each([
    ['nothing', { data: null }],
    ['a list', { data: [{ proxy_wallet: WALLET, value: 5 }] }],
    ['less than nothing', { data: { proxy_wallet: WALLET, value: -5 } }],
    ['no number', { data: { proxy_wallet: WALLET, value: 'much' } }],
    ['more than there is', { data: { proxy_wallet: WALLET, value: 1e13 } }],
    ['another wallet', { data: { proxy_wallet: `0x${'2b'.repeat(20)}`, value: 5 } }],
  ])('does not believe %s for what a wallet holds', async (_case, body) => {
    const exchange = await clientOf(() => ({ body }));
    expect((await exchange.portfolioValue(WALLET)).kind).toBe('failed');
  });

  test('a host that does not answer is a failure', async () => {
    const exchange = openPublicClient({
      clobUrl: 'http://127.0.0.1:1',
      dataUrl: 'http://127.0.0.1:1',
      gammaUrl: 'http://127.0.0.1:1',
    });
    expect((await exchange.book('101')).kind).toBe('failed');
    await exchange.close();
  });
});
