import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  ADDRESS,
  anAccount,
  credentials,
  FUNDER,
  ID,
  KEY,
  PASSPHRASE,
  type Respond,
  SECRET,
  saying,
} from '../test/account.ts';
import { l2Headers } from './l2.ts';
import { VenueError } from './port.ts';

const errorOf = async (question: Promise<unknown>): Promise<VenueError> => {
  const error = await question.then(
    () => null,
    (problem: unknown) => problem,
  );
  if (error instanceof VenueError) return error;
  throw new Error(`no VenueError: ${inspect(error)}`);
};

const orderRow = (over: object = {}) => ({
  id: ID.toUpperCase().replace('0X', '0x'),
  status: 'ORDER_STATUS_LIVE',
  owner: KEY,
  maker_address: FUNDER,
  market: `0x${'c'.repeat(64)}`,
  asset_id: '123',
  side: 'buy',
  original_size: '10',
  size_matched: 2.5,
  price: '0.55',
  outcome: 'Yes',
  expiration: '0',
  order_type: 'GTC',
  associate_trades: ['t1'],
  created_at: 1_790_000_000,
  something_new: { of: 'theirs' },
  ...over,
});
const makerLeg = (over: object = {}) => ({
  order_id: ID,
  owner: 'somebody',
  maker_address: `0x${'e'.repeat(40)}`,
  matched_amount: '4',
  price: '0.45',
  fee_rate_bps: '0',
  asset_id: '456',
  outcome: 'No',
  side: 'BUY',
  ...over,
});
const tradeRow = (over: object = {}) => ({
  id: 't1',
  taker_order_id: ID,
  market: `0x${'C'.repeat(64)}`,
  asset_id: '123',
  side: 'BUY',
  size: '10',
  fee_rate_bps: '0',
  price: '0.55',
  status: 'TRADE_STATUS_MATCHED',
  match_time: '1790000000',
  last_update: '1790000000',
  outcome: 'Yes',
  bucket_index: 0,
  owner: KEY,
  maker_address: FUNDER.toUpperCase().replace('0X', '0x'),
  transaction_hash: '',
  trader_side: 'TAKER',
  maker_orders: [makerLeg()],
  ...over,
});
const page = (data: unknown[], next_cursor: unknown = 'LTE=') => ({
  limit: 100,
  count: data.length,
  next_cursor,
  data,
});

describe('a private request', () => {
  test('is signed over its path without the query, and its exact body', async () => {
    const { account, seen } = await anAccount(saying({ canceled: [ID], not_canceled: {} }));
    await account.cancel([ID]);
    const [cancel] = seen;
    expect(cancel).toMatchObject({ method: 'DELETE', path: '/orders', body: `["${ID}"]` });
    const timestampS = 1_790_000_001;
    const headers = l2Headers(credentials, ADDRESS, {
      timestampS,
      method: 'DELETE',
      path: '/orders',
      body: `["${ID}"]`,
    });
    for (const [name, value] of Object.entries(headers))
      expect(cancel?.headers[name.toLowerCase()]).toBe(value);
  });

  test('says the wallet and what it asks about in its query, which is not signed', async () => {
    const { account, seen } = await anAccount(saying({ balance: '5', allowances: { '0xAB': '7' } }));
    expect(await account.balance({ kind: 'token', tokenId: '123', version: 3 })).toEqual({
      balanceMicros: 5n,
      allowances: new Map([['0xab', 7n]]),
    });
    await account.balance({ kind: 'collateral' });
    expect(seen.map(({ query }) => Object.fromEntries(query))).toEqual([
      { asset_type: 'CONDITIONAL-V2', token_id: '123', signature_type: '2' },
      { asset_type: 'COLLATERAL', signature_type: '2' },
    ]);
    const signed = l2Headers(credentials, ADDRESS, {
      timestampS: 1_790_000_001,
      method: 'GET',
      path: '/balance-allowance',
      body: '',
    });
    expect(seen[0]?.headers['poly_signature']).toBe(signed['POLY_SIGNATURE']);
  });

  test.each([429, 425, 500, 502, 503])(
    'answered with %i is an error that says when to come again',
    async (status) => {
      const { account, seen } = await anAccount(saying('{"error":"no"}', status, { 'retry-after': '3' }));
      const error = await errorOf(account.openOrders());
      expect(error).toMatchObject({ status, retryAfterMs: 3_000 });
      expect(seen).toHaveLength(1);
    },
  );

  test.each<[string, Respond]>([
    ['the connection is cut', (_seen, response) => void response.destroy()],
    ['the answer is a page for people', saying('<html>blocked</html>', 403)],
    ['the answer is no JSON', saying('{"data": [')],
    ['the answer is something else', saying({ hello: 'world' })],
    [
      'the answer repeats what was sent',
      (seen, response) => void response.writeHead(400).end(JSON.stringify(seen.headers)),
    ],
  ])('is an error without a secret in it when %s, and is not repeated', async (_what, respond) => {
    const { account, seen } = await anAccount(respond);
    for (const question of [account.openOrders(), account.closedOnly(), account.cancelAll()]) {
      const text = inspect(await errorOf(question), { depth: null, showHidden: true });
      for (const secret of [KEY, SECRET, PASSPHRASE]) expect(text).not.toContain(secret);
      expect(text).not.toContain('POLY_');
    }
    expect(seen).toHaveLength(3);
  });

  test('is an error when the answer has no end', async () => {
    const { account } = await anAccount((_seen, response) => {
      const chunk = 'x'.repeat(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    expect((await errorOf(account.openOrders())).message).toContain('bytes');
  });

  test('is given up in bounded time when nothing comes', async () => {
    const { account } = await anAccount(() => undefined);
    const started = performance.now();
    await errorOf(account.closedOnly());
    expect(performance.now() - started).toBeLessThan(11_000);
  }, 20_000);
});

describe('an order', () => {
  test('is read whatever the exchange adds to it', async () => {
    const { account } = await anAccount(saying(orderRow()));
    expect(await account.order(ID)).toEqual({
      orderId: ID,
      tokenId: '123',
      status: 'LIVE',
      side: 'BUY',
      originalSizeMicros: 10_000_000n,
      sizeMatchedMicros: 2_500_000n,
      priceMicros: 550_000n,
      tradeIds: ['t1'],
    });
  });

  test.each([
    ['CANCELED_MARKET_RESOLVED', 'CANCELED'],
    ['CANCELED_EXPIRED_ORDER', 'CANCELED'],
    ['canceled', 'CANCELED'],
    ['ORDER_STATUS_INVALID', 'INVALID'],
    ['matched', 'MATCHED'],
  ])('of status %s is %s', async (status, ours) => {
    const { account } = await anAccount(saying(orderRow({ status })));
    expect((await account.order(ID))?.status).toBe(ours);
  });

  test.each<[string, Respond]>([
    ['404', saying({ error: 'order not found' }, 404)],
    ['null', saying('null')],
    ['nothing', saying('')],
    ['an empty object', saying('{}')],
  ])('that is answered with %s is not there', async (_what, respond) => {
    const { account } = await anAccount(respond);
    expect(await account.order(ID)).toBeNull();
  });

  test.each(['../../auth/api-key', '', '0x12', `${ID}/x`, `${ID}?a=b`])(
    'with the id %j is not asked about',
    async (id) => {
      const { account, seen } = await anAccount(saying('{}'));
      await errorOf(account.order(id));
      expect(seen).toEqual([]);
    },
  );
});

test('an answer about another order is none', async () => {
  const { account } = await anAccount(saying(orderRow({ id: `0x${'b'.repeat(64)}` })));
  expect((await errorOf(account.order(ID))).message).toContain('another order');
});

describe('lists', () => {
  test('are read to their last page, and cursors are passed on as they are', async () => {
    const { account, seen } = await anAccount(({ query }, response) => {
      const cursor = query.get('next_cursor');
      const next = { 'MA==': 'Mg==', 'Mg==': 'a+b/c=' }[cursor ?? ''] ?? 'LTE=';
      response.end(JSON.stringify(page([orderRow()], next)));
    });
    expect(await account.openOrders()).toHaveLength(3);
    expect(seen.map(({ query }) => query.get('next_cursor'))).toEqual(['MA==', 'Mg==', 'a+b/c=']);
  });

  test('that never end are an error, not a wait', async () => {
    const { account, seen } = await anAccount(saying(page([], 'Mg==')));
    expect((await errorOf(account.openOrders())).message).toContain('pages');
    expect(seen).toHaveLength(200);
  });

  test('with a row that cannot be read are an error: no list with holes', async () => {
    for (const bad of [
      { size: 'many' },
      { match_time: 'yesterday' },
      { status: 'PERHAPS' },
      { price: '1.2' },
    ]) {
      const { account } = await anAccount(saying(page([tradeRow(), tradeRow(bad)])));
      await expect(account.fills({})).rejects.toThrow();
    }
  });

  test('of fills are asked for by wallet and time, or by trade', async () => {
    const { account, seen } = await anAccount(saying(page([])));
    await account.fills({ since: new Date(1_790_000_000_999), tokenId: '123' });
    await account.fills({ tradeId: 't1' });
    expect(seen.map(({ query }) => Object.fromEntries(query))).toEqual([
      { maker_address: FUNDER, after: '1790000000', asset_id: '123', next_cursor: 'MA==' },
      { id: 't1', next_cursor: 'MA==' },
    ]);
  });
});

describe('fills', () => {
  const fillsOf = async (...rows: object[]) => {
    const { account } = await anAccount(saying(page(rows)));
    return account.fills({});
  };

  test('are the whole of a trade that we took, oldest first', async () => {
    const fills = await fillsOf(tradeRow({ match_time: 1_790_000_005 }), tradeRow({ id: 't0' }));
    expect(fills).toMatchObject([
      {
        tradeId: 't0',
        orderId: ID,
        tokenId: '123',
        conditionId: `0x${'c'.repeat(64)}`,
        side: 'BUY',
        sizeMicros: 10_000_000n,
        priceMicros: 550_000n,
        liquidity: 'TAKER',
        status: 'MATCHED',
        transactionHash: '',
      },
      { tradeId: 't1', matchedAt: new Date(1_790_000_005_000) },
    ]);
  });

  test('are our resting order’s own part of a trade that somebody took', async () => {
    const leg = makerLeg({ maker_address: FUNDER, side: 'SELL' });
    const fills = await fillsOf(
      tradeRow({
        owner: 'other',
        maker_address: '0xother',
        trader_side: 'MAKER',
        maker_orders: [makerLeg(), leg],
      }),
    );
    expect(fills).toMatchObject([
      { liquidity: 'MAKER', tokenId: '456', side: 'SELL', sizeMicros: 4_000_000n, priceMicros: 450_000n },
    ]);
    expect(fills).toHaveLength(1);
  });

  test('have an average price rounded at the sixth place', async () => {
    const [fill] = await fillsOf(tradeRow({ price: '0.5333333333' }));
    expect(fill?.priceMicros).toBe(533_333n);
  });
});
