import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '@slipstream/testkit';
import { describe, expect, test } from 'vitest';
import {
  BalanceReply,
  CancelAnswer,
  ClosedOnlyAnswer,
  fillsOf,
  HeartbeatAnswer,
  OrderRow,
  Page,
  TradeRow,
} from './account-schemas.ts';

type Example = {
  readonly method: string;
  readonly path: string;
  readonly of: string;
  readonly name: string;
  readonly value: unknown;
};

const shared = sharedFolder();
const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(shared ?? '', 'data', 'messages', 'rest', name), 'utf8'));
const examples = shared === null ? [] : (read('clob-openapi-examples.json') as readonly Example[]);
const exampleOf = (method: string, path: string, of = '200'): readonly Example[] =>
  examples.filter((one) => one.method === method && one.path === path && one.of === of);

const KEY = '00000000-0000-0000-0000-000000000001';
const FUNDER = `0x${'f'.repeat(40)}`;
const TOKEN = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
const OTHER_TOKEN = '52114319501245915516055106046884209969926127482827954674443846427813813222426';

const leg = (over: object = {}) => ({
  order_id: '0xAA',
  owner: 'somebody',
  maker_address: '0xsomebody',
  matched_amount: '5',
  price: '0.4',
  asset_id: OTHER_TOKEN,
  side: 'SELL',
  ...over,
});
const trade = (over: object = {}) => ({
  id: 'trade-1',
  taker_order_id: '0xBB',
  market: '0xCC',
  asset_id: TOKEN,
  side: 'BUY',
  size: '25.0000',
  price: '0.5000',
  status: 'MATCHED',
  match_time: '1700000000',
  owner: 'somebody',
  maker_address: '0xSOMEBODY',
  maker_orders: [],
  ...over,
});
const own = { key: KEY, funder: FUNDER };

describe.skipIf(shared === null)('recorded and documented answers', () => {
  test('one order, and a page of orders', () => {
    expect(OrderRow.parse(read('nautilus-http_open_order.json'))).toEqual({
      orderId: '0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12',
      tokenId: TOKEN,
      status: 'LIVE',
      side: 'BUY',
      originalSizeMicros: 100_000_000n,
      sizeMatchedMicros: 25_000_000n,
      priceMicros: 500_000n,
      tradeIds: ['0xabc001'],
    });
    const page = Page.parse(read('nautilus-http_open_orders_page.json'));
    expect(page.next_cursor).toBe('LTE=');
    expect(page.data.map((row) => OrderRow.parse(row).tradeIds)).toEqual([[], []]);
  });

  test.each(exampleOf('GET', '/data/trades'))('$method $path: $name', ({ value }) => {
    const [row] = Page.parse(value).data;
    expect(TradeRow.parse(row)).toMatchObject({
      status: 'CONFIRMED',
      match_time: new Date(1_700_000_000_000),
    });
  });

  test.each(exampleOf('GET', '/data/order/{orderID}'))('$method $path: $name', ({ value }) => {
    expect(OrderRow.parse(value).status).toBe('LIVE');
  });

  test.each([
    ...exampleOf('DELETE', '/order'),
    ...exampleOf('DELETE', '/orders'),
    ...exampleOf('DELETE', '/cancel-all'),
  ])('$method $path: $name', ({ value }) => {
    const { canceled, not_canceled } = CancelAnswer.parse(value);
    for (const id of canceled ?? []) expect(id).toMatch(/^0x[0-9a-f]+$/);
    for (const why of Object.values(not_canceled ?? {})) expect(why).toMatch(/already|not found/);
  });

  test.each(exampleOf('GET', '/balance-allowance'))('$method $path: $name', ({ value }) => {
    const { balance, allowances } = BalanceReply.parse(value);
    expect([balance, Object.keys(allowances ?? {}).length]).toEqual([10n ** 18n, 2]);
  });

  test('a balance of an older form, without allowances', () => {
    expect(BalanceReply.parse(read('nautilus-http_balance_allowance_collateral.json'))).toEqual({
      balance: 1_000_000_000n,
    });
  });

  test('heartbeats, the right one in place of a wrong one, and whether positions may only be closed', () => {
    for (const status of ['200', '400'])
      for (const { value } of exampleOf('POST', '/v1/heartbeats', status))
        expect(HeartbeatAnswer.parse(value).heartbeat_id).toMatch(/^[0-9a-f-]{36}$/);
    for (const { value } of exampleOf('GET', '/auth/ban-status/closed-only'))
      expect(ClosedOnlyAnswer.parse(value)).toEqual({ closed_only: false });
  });
});

describe('an order', () => {
  const row = { id: '0xAB', asset_id: TOKEN, side: 'buy', original_size: '10', size_matched: 0, price: 0.5 };
  test.each([
    ['LIVE', 'LIVE'],
    ['ORDER_STATUS_MATCHED', 'MATCHED'],
    ['ORDER_STATUS_DELAYED', 'DELAYED'],
    ['unmatched', 'UNMATCHED'],
    ['INVALID', 'INVALID'],
    ['CANCELED', 'CANCELED'],
    ['CANCELED_MARKET_RESOLVED', 'CANCELED'],
    ['EXPIRED', 'CANCELED'],
  ])('with the status %s is %s to us', (status, ours) => {
    expect(OrderRow.parse({ ...row, status })).toMatchObject({ orderId: '0xab', side: 'BUY', status: ours });
  });

  test.each(['PENDING', 'OPEN', '', 'UNCANCELED', 'CANCELEDISH'])(
    'is not taken for ended by the status %j',
    (status) => {
      expect(OrderRow.safeParse({ ...row, status }).success).toBe(false);
    },
  );

  test.each(['1.000001', '2', '1000000'])('is none with the price %j, and does not throw', (price) => {
    expect(OrderRow.safeParse({ ...row, status: 'LIVE', price }).success).toBe(false);
  });

  test.each([['-1'], ['1e3'], ['0x10'], [''], [null], ['9'.repeat(16)]])(
    'is none with the size %j',
    (size) => {
      expect(OrderRow.safeParse({ ...row, status: 'LIVE', original_size: size }).success).toBe(false);
    },
  );
});

describe('our legs of a trade', () => {
  const fills = (over: object) => fillsOf(TradeRow.parse(trade(over)), own);

  test('are the whole of it when we took, by key or by wallet', () => {
    const whole = {
      orderId: '0xbb',
      tokenId: TOKEN,
      conditionId: '0xcc',
      side: 'BUY',
      sizeMicros: 25_000_000n,
      priceMicros: 500_000n,
      liquidity: 'TAKER',
      status: 'MATCHED',
      transactionHash: '',
    };
    expect(fills({ owner: KEY.toUpperCase() })).toMatchObject([whole]);
    expect(fills({ maker_address: FUNDER.toUpperCase().replace('X', 'x') })).toMatchObject([whole]);
  });

  test('are each of our resting orders with its own size, price, side and token', () => {
    const maker_orders = [
      leg({ owner: KEY }),
      leg(),
      leg({ maker_address: FUNDER, order_id: '0xDD', matched_amount: '2.5', asset_id: TOKEN }),
    ];
    expect(fills({ maker_orders, trader_side: 'MAKER' })).toMatchObject([
      { orderId: '0xaa', tokenId: OTHER_TOKEN, side: 'SELL', sizeMicros: 5_000_000n, liquidity: 'MAKER' },
      { orderId: '0xdd', tokenId: TOKEN, sizeMicros: 2_500_000n, liquidity: 'MAKER' },
    ]);
  });

  test('are not the whole of it, too, where the exchange says that we rested', () => {
    const told = fills({ owner: KEY, trader_side: 'MAKER', maker_orders: [leg({ owner: KEY })] });
    expect(told.map(({ liquidity }) => liquidity)).toEqual(['MAKER']);
  });

  test('are both when we met ourselves', () => {
    const told = fills({ owner: KEY, maker_orders: [leg({ owner: KEY })] });
    expect(told.map(({ liquidity }) => liquidity)).toEqual(['TAKER', 'MAKER']);
  });

  test('are none of strangers', () => {
    expect(fills({ maker_orders: [leg()] })).toEqual([]);
  });

  test.each([
    ['TRADE_STATUS_MINED', 'MINED'],
    ['MATCHED_NOT_BROADCASTED', 'MATCHED'],
    ['TRADE_STATUS_RETRYING', 'RETRYING'],
    ['FAILED', 'FAILED'],
  ])('have the status %s as %s', (status, ours) => {
    expect(TradeRow.parse(trade({ status })).status).toBe(ours);
  });

  test('cannot be told of a status or a time that we do not know', () => {
    expect(TradeRow.safeParse(trade({ status: 'SETTLED' })).success).toBe(false);
    expect(TradeRow.safeParse(trade({ match_time: 'yesterday' })).success).toBe(false);
    expect(TradeRow.parse(trade({ transaction_hash: null })).transaction_hash).toBe('');
  });
});
