import { describe, expect, test } from 'vitest';
import { anOrder, type Wish } from '../../test/trading.ts';
import { readAmounts } from './amounts.ts';
import type { VerifiedOrder } from './types.ts';

const NOW_MS = 1_780_000_000_000;
const NOW_S = NOW_MS / 1000;
const cents = { tickMicros: 10_000n, minSizeMicros: 5_000_000n };
const wish: Wish = { tokenId: '1', at: 47, shares: 10 };
const read = (order: VerifiedOrder, grid = cents) => readAmounts(order, grid, NOW_MS);
const marketBuy = (makerMicros: bigint, takerMicros: bigint): VerifiedOrder => ({
  ...anOrder({ ...wish, orderType: 'FAK' }),
  makerMicros,
  takerMicros,
});
const refusalOf = (order: VerifiedOrder, grid = cents) => {
  const answer = read(order, grid);
  return answer.kind === 'refused' ? [answer.status, answer.error.replace(order.id, 'ID')] : null;
};

describe('amounts', () => {
  test('of a limit order give its exact price', () => {
    expect(read(anOrder(wish))).toMatchObject({ priceMicros: 470_000n, sharesMicros: 10_000_000n });
    expect(read(anOrder({ ...wish, side: 'SELL' }))).toMatchObject({ priceMicros: 470_000n });
  });

  test('of a market buy, whose shares are cut, give the price that was meant', () => {
    expect(read(marketBuy(10_000_000n, 18_181_800n))).toMatchObject({ priceMicros: 550_000n });
    // Rounded up: the price is the same, though nothing at it is within the limit.
    expect(read(marketBuy(10_000_000n, 18_181_900n))).toMatchObject({ priceMicros: 550_000n });
  });

  test('beside the grid, or beyond its ends, are refused with the tick', () => {
    const off = { ...anOrder(wish), makerMicros: 4_715_000n };
    expect(refusalOf(off)).toEqual([
      400,
      'order ID is invalid. Price (0.4715) breaks minimum tick size rule: 0.01',
    ]);
    expect(read(off, { ...cents, tickMicros: 500n }).kind).toBe('amounts');
    for (const at of [0, 100]) expect(read(anOrder({ ...wish, at })).kind, String(at)).toBe('refused');
  });

  test('a resting order may not promise a hair less than its price', () => {
    const short = { ...anOrder({ ...wish, shares: 10_000 }), makerMicros: 4_699_999_900n };
    expect(read(short).kind).toBe('refused');
  });

  test.each([
    [
      'a market buy in parts of a cent',
      marketBuy(9_999_400n, 18_180_700n),
      'the market buy orders maker amount supports a max accuracy of 2 decimals, taker amount a max of 4 decimals',
    ],
    [
      'a buy of parts of a hundredth of a share',
      { ...anOrder(wish), takerMicros: 10_002_000n, makerMicros: 4_700_940n },
      'the buy orders maker amount supports a max accuracy of 4 decimals, taker amount a max of 2 decimals',
    ],
  ])('%s is refused', (_, order, text) => {
    expect(refusalOf(order)).toEqual([400, `invalid amounts, ${text}`]);
  });

  test('below five shares nothing rests, but a market order may be small', () => {
    expect(refusalOf(anOrder({ ...wish, shares: 4.99 }))).toEqual([
      400,
      'order ID is invalid. Size (4.99) lower than the minimum: 5',
    ]);
    expect(refusalOf(anOrder({ ...wish, shares: 4.99, side: 'SELL', orderType: 'FAK' }))).toBeNull();
  });

  test('an expiration is for GTD alone, and three minutes ahead', () => {
    const gtd = (ahead: number): VerifiedOrder =>
      anOrder({ ...wish, orderType: 'GTD', expirationS: NOW_S + ahead });
    expect(refusalOf(gtd(180))).toBeNull();
    expect(refusalOf(gtd(179))).toEqual([400, 'invalid expiration']);
    expect(refusalOf(anOrder({ ...wish, orderType: 'GTD' }))).toEqual([400, 'invalid expiration']);
    expect(refusalOf(anOrder({ ...wish, expirationS: NOW_S + 500 }))).toEqual([400, 'invalid expiration']);
  });

  test('nothing for something is no order, nor is a post-only market order', () => {
    expect(refusalOf({ ...anOrder(wish), makerMicros: 0n })).toEqual([400, 'Invalid order payload']);
    expect(refusalOf({ ...anOrder({ ...wish, orderType: 'FAK' }), postOnly: true })).toEqual([
      400,
      'Invalid order payload',
    ]);
  });
});
