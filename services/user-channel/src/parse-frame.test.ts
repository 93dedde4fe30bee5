import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '@slipstream/testkit';
import { describe, expect, test } from 'vitest';
import { legsOf } from './core/legs.ts';
import { parseFrame } from './parse-frame.ts';

const order = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    event_type: 'order',
    id: `0x${'A'.repeat(64)}`,
    owner: '00000000-0000-0000-0000-000000000001',
    market: `0x${'C'.repeat(64)}`,
    asset_id: '7000',
    side: 'BUY',
    original_size: '10',
    size_matched: '2.5',
    price: '0.57',
    associate_trades: null,
    type: 'UPDATE',
    status: 'LIVE',
    timestamp: '1725842520990',
    ...over,
  });

describe('a frame', () => {
  test.each(['PONG', '"pong"', '', '[]'])('that only shows life says nothing: %j', (text) => {
    expect(parseFrame(text)).toEqual([]);
  });

  test.each([
    ['not JSON', '{', 'not JSON'],
    ['of another kind', '{"event_type":"book"}', 'neither a trade nor an order'],
    ['without what matters', '{"event_type":"trade"}', /^trade /],
    ['with a status that nobody knows', order({ status: 'TELEPORTED' }), /^order status/],
    ['with a price of more than a dollar', order({ price: '1.5' }), /^order price/],
  ])('that is %s is said to be so', (_, text, why) => {
    const [event] = parseFrame(text);
    expect(event).toMatchObject({ kind: 'rubbish' });
    if (event?.kind === 'rubbish') expect(event.why).toMatch(why);
  });

  test('may be a list; ids come in lower case, amounts in micros, and the key is not kept', () => {
    const [event] = parseFrame(`[${order()}]`);
    expect(event).toEqual({
      kind: 'order',
      order: {
        clobOrderId: `0x${'a'.repeat(64)}`,
        conditionId: `0x${'c'.repeat(64)}`,
        tokenId: '7000',
        side: 'BUY',
        status: 'LIVE',
        priceMicros: 570_000n,
        originalSizeMicros: 10_000_000n,
        sizeMatchedMicros: 2_500_000n,
        at: new Date(1_725_842_520_990),
      },
    });
  });

  test.each([
    ['ORDER_STATUS_LIVE', 'LIVE'],
    ['CANCELED_MARKET_RESOLVED', 'CANCELED'],
    ['CANCELED_order couldn’t be fully filled.', 'CANCELED'],
    ['UNMATCHED', 'UNMATCHED'],
  ])('names an order’s status in many ways: %s', (status, meant) => {
    expect(parseFrame(order({ status, size_matched: '' }))).toMatchObject([
      { order: { status: meant, sizeMatchedMicros: 0n } },
    ]);
  });
});

const shared = sharedFolder();

describe.skipIf(shared === null)('frames as they were recorded', () => {
  const folder = join(shared ?? '', 'data', 'messages', 'user-channel');
  const recorded = (file: string, kind: 'trade' | 'order'): string =>
    JSON.stringify({ event_type: kind, ...JSON.parse(readFileSync(join(folder, file), 'utf8')) });

  test.each([
    ['nautilus-py-order_cancel.json', { status: 'CANCELED', side: 'SELL', sizeMatchedMicros: 5_000_000n }],
    ['nautilus-py-order_placement.json', { status: 'LIVE', side: 'BUY', sizeMatchedMicros: 0n }],
    ['nautilus-ws_user_order_cancellation.json', { status: 'CANCELED', priceMicros: 500_000n }],
    ['nautilus-ws_user_order_matched.json', { status: 'MATCHED', sizeMatchedMicros: 100_000_000n }],
    ['nautilus-ws_user_order_update.json', { status: 'LIVE', sizeMatchedMicros: 25_000_000n }],
  ])('are orders: %s', (file, order) => {
    expect(parseFrame(recorded(file, 'order'))).toMatchObject([{ kind: 'order', order }]);
  });

  test.each([
    [
      'nautilus-py-user_trade1.json',
      { orderId: '0xab679e56242324e15e59cfd488cd0f12e4fd71b153b9bfb57518898b9983145e', liquidity: 'MAKER' },
      { side: 'SELL', sizeMicros: 5_000_000n, priceMicros: 518_000n, status: 'MINED' },
    ],
    [
      'nautilus-py-user_trade2.json',
      { orderId: '0x5b605a0e8e40f3402d3cb3bc19edad6733ed23fbc079d2a09ee399c3487ace81', liquidity: 'TAKER' },
      { side: 'BUY', sizeMicros: 5_000_000n, priceMicros: 520_000n, status: 'MATCHED' },
    ],
    [
      'nautilus-py-trades.json',
      { orderId: '0x4505aada9831d06078a005c8ec96396a78c8f06035bf763b40fc16d27a250043', liquidity: 'TAKER' },
      { side: 'BUY', sizeMicros: 5_000_000n, priceMicros: 489_000n, status: 'CONFIRMED' },
    ],
  ])('are trades with one leg of ours: %s', (file, order, leg) => {
    const [event] = parseFrame(recorded(file, 'trade'));
    if (event?.kind !== 'trade') throw new Error(`no trade: ${JSON.stringify(event)}`);
    const ours = {
      apiKey: '3e2c94ca-8124-c4c1-c7ea-be1ea21b71fe',
      wallet: '0xa3d82ed56f4c68d2328fb8c29e568ba2caf7d7c8',
    };
    expect(legsOf(event.trade, ours)).toMatchObject([{ ...order, ...leg }]);
  });

  test('tell times in seconds, in milliseconds and as ISO text', () => {
    const [event] = parseFrame(recorded('nautilus-ws_user_trade_msg.json', 'trade'));
    expect(event).toMatchObject({ trade: { matchedAt: new Date('2024-01-01T00:00:00.000Z') } });
  });
});
