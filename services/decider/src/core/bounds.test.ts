import { price } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG, level, withGuardrails } from '../../test/builders.ts';
import { levelsUsed, pricesOf, worseThan } from './bounds.ts';

const two = (bid: bigint, ask: bigint) => ({ bids: [level(bid, 5n)], asks: [level(ask, 5n)] });

describe('pricesOf', () => {
  test('bounds a BUY by the lower of theirs and the middle', () => {
    expect(pricesOf(two(490_000n, 500_000n), 'BUY', price(500_000n), CONFIG)).toEqual({
      bidMicros: 490_000n,
      askMicros: 500_000n,
      theirsMicros: 510_000n,
      midMicros: 510_000n,
      limitMicros: 510_000n,
    });
    expect(pricesOf(two(490_000n, 500_000n), 'BUY', price(480_000n), CONFIG)?.limitMicros).toBe(490_000n);
  });
  test('bounds a SELL by the higher of theirs and the middle', () => {
    expect(pricesOf(two(490_000n, 500_000n), 'SELL', price(500_000n), CONFIG)?.limitMicros).toBe(490_000n);
  });
  test('ends at nothing and at certainty', () => {
    expect(pricesOf(two(990_000n, 999_000n), 'BUY', price(995_000n), CONFIG)?.theirsMicros).toBe(1_000_000n);
    expect(pricesOf(two(1_000n, 2_000n), 'SELL', price(1_000n), CONFIG)?.limitMicros).toBe(0n);
  });
  test('has no bounds with a side missing', () => {
    expect(pricesOf({ bids: [], asks: [level(1n, 1n)] }, 'BUY', price(1n), CONFIG)).toBeNull();
    expect(pricesOf({ bids: [level(1n, 1n)], asks: [] }, 'SELL', price(1n), CONFIG)).toBeNull();
  });
  test('is never looser than the exact bound: rounding goes against us', () => {
    const at = fc.bigInt(0n, 1_000_000n);
    fc.assert(
      fc.property(at, at, at, at, at, (bid, ask, theirs, worsening, over) => {
        const limits = withGuardrails({
          maxWorseningMicros: price(worsening),
          maxOverMidMicros: price(over),
        });
        const buy = pricesOf(two(bid, ask), 'BUY', price(theirs), limits);
        const sell = pricesOf(two(bid, ask), 'SELL', price(theirs), limits);
        if (buy === null || sell === null) throw new Error('both sides are there');
        expect(2n * buy.midMicros <= bid + ask + 2n * over && buy.limitMicros <= theirs + worsening).toBe(
          true,
        );
        expect(2n * sell.midMicros >= bid + ask - 2n * over && sell.limitMicros >= theirs - worsening).toBe(
          true,
        );
        expect(buy.limitMicros <= buy.midMicros && sell.limitMicros >= sell.midMicros).toBe(true);
      }),
    );
  });
});

describe('a live sale', () => {
  const book = two(490_000n, 500_000n);
  const own = (worsening: bigint | null, underMid: bigint | null) => ({
    ...CONFIG,
    sale: {
      sellMaxWorseningMicros: worsening === null ? null : price(worsening),
      sellMaxUnderMidMicros: underMid === null ? null : price(underMid),
    },
  });
  const sell = (config: typeof CONFIG) => {
    const prices = pricesOf(book, 'SELL', price(500_000n), config);
    return [prices?.theirsMicros, prices?.midMicros, prices?.limitMicros];
  };

  test('has the distances of all where it has none of its own', () => {
    expect(sell(own(null, null))).toEqual([490_000n, 480_000n, 490_000n]);
    expect(sell(own(null, null))).toEqual(sell(CONFIG));
  });
  test('may go further, or less far, from either price; nothing at all is a distance, too', () => {
    expect(sell(own(30_000n, null))).toEqual([470_000n, 480_000n, 480_000n]);
    expect(sell(own(null, 1_000n))).toEqual([490_000n, 494_000n, 494_000n]);
    expect(sell(own(30_000n, 40_000n))).toEqual([470_000n, 455_000n, 470_000n]);
    expect(sell(own(0n, 0n))).toEqual([500_000n, 495_000n, 500_000n]);
  });
  test('changes nothing for a BUY', () => {
    const buy = (config: typeof CONFIG) => pricesOf(book, 'BUY', price(500_000n), config);
    expect(buy(own(0n, 0n))).toEqual(buy(CONFIG));
  });
});

test('an ask above the bound is worse for a BUY, a bid below it for a SELL', () => {
  const prices = pricesOf(two(490_000n, 500_000n), 'BUY', price(500_000n), CONFIG);
  if (prices === null) throw new Error('both sides are there');
  expect(worseThan('BUY', prices, price(499_999n))).toBe(true);
  expect(worseThan('BUY', prices, price(500_000n))).toBe(false);
  expect(worseThan('SELL', prices, price(490_001n))).toBe(true);
  expect(worseThan('SELL', prices, price(490_000n))).toBe(false);
});

describe('levelsUsed', () => {
  const deep = {
    bids: [level(490_000n, 1n), level(485_000n, 1n), level(400_000n, 1n)],
    asks: [level(500_000n, 1n), level(505_000n, 1n), level(600_000n, 1n)],
  };
  test('keeps the taken side inside the bound and the best of the other', () => {
    const buy = pricesOf(deep, 'BUY', price(500_000n), CONFIG);
    expect(levelsUsed(deep, 'BUY', buy)).toEqual({
      bids: deep.bids.slice(0, 1),
      asks: deep.asks.slice(0, 2),
    });
    const sell = pricesOf(deep, 'SELL', price(490_000n), CONFIG);
    expect(levelsUsed(deep, 'SELL', sell)).toEqual({
      bids: deep.bids.slice(0, 2),
      asks: deep.asks.slice(0, 1),
    });
  });
  test('keeps the best levels where there are no bounds', () => {
    expect(levelsUsed({ ...deep, asks: [] }, 'BUY', null)).toEqual({ bids: deep.bids.slice(0, 1), asks: [] });
  });
});
