import { takerFee } from '@slipstream/exchange';
import { notional, price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aBook, aMeta, anIntent, level, limits, planInputs, rules } from '../testing/builders.ts';
import { type Plan, planOrder } from './plan-order.ts';

const SHARE = 1_000_000n;
const sell = anIntent({ side: 'SELL', limitPriceMicros: price(470_000n) });
const reasonOf = (plan: Plan): string => (plan.kind === 'skip' ? plan.reason : plan.kind);

describe('planOrder', () => {
  test('buys at the best ask plus what slippage allows, floored to the tick', () => {
    // 50 ¢ × 1.005 = 50.25 ¢, which is 50 ¢ on a grid of cents.
    expect(planOrder(planInputs())).toEqual({
      kind: 'place',
      priceMicros: 500_000n,
      sizeMicros: 20n * SHARE,
      makerMicros: 10n * SHARE,
      takerMicros: 20n * SHARE,
      notionalMicros: 10n * SHARE,
      reservedCashMicros: 10n * SHARE,
      reservedSharesMicros: 0n,
    });
  });

  test('sells at the best bid less what slippage allows, ceiled to the tick', () => {
    // 49 ¢ × 0.99 = 48.51 ¢, which is 49 ¢.
    expect(planOrder(planInputs({ intent: sell }))).toMatchObject({
      priceMicros: 490_000n,
      makerMicros: 20n * SHARE,
      takerMicros: 9_800_000n,
      reservedCashMicros: 0n,
      reservedSharesMicros: 20n * SHARE,
    });
  });

  test.each([
    ['LIVE_NO_FRESH_BOOK', { book: null }],
    ['LIVE_ORDER_NOT_MARKETABLE_WITHIN_BOUNDS', { intent: anIntent({ limitPriceMicros: price(499_999n) }) }],
    ['LIVE_ORDER_NOT_MARKETABLE_WITHIN_BOUNDS', { book: aBook({ asks: [] }) }],
    ['LIVE_ORDER_NOT_MARKETABLE_WITHIN_BOUNDS', { intent: { ...sell, limitPriceMicros: price(490_001n) } }],
    ['LIVE_INVALID_TICK_OR_STEP', { market: null }],
    ['LIVE_INVALID_TICK_OR_STEP', { market: aMeta({ tickMicros: price(0n) }) }],
    ['LIVE_INVALID_TICK_OR_STEP', { market: aMeta({ minOrderSizeMicros: shares(0n) }) }],
    [
      'LIVE_TICK_ROUNDING_VIOLATES_BOUNDS',
      // An ask off the grid: the floor of the bound is under it.
      { book: aBook({ asks: [[price(505_000n), shares(SHARE * 100n)]] }) },
    ],
    ['LIVE_BELOW_MIN_ORDER_SIZE', { intent: anIntent({ targetSizeMicros: shares(4_990_000n) }) }],
    ['LIVE_BELOW_MIN_ORDER_SIZE', { intent: anIntent({ targetSizeMicros: shares(0n) }) }],
    [
      // Five shares for 10 ¢ each are less than a dollar.
      'LIVE_BELOW_MIN_ORDER_SIZE',
      {
        book: aBook({ asks: [[...level(10, 100)]] }),
        intent: anIntent({ targetSizeMicros: shares(5n * SHARE) }),
      },
    ],
    ['LIVE_INSUFFICIENT_CASH_TO_BUY', { funds: { cashMicros: 2n * SHARE, sharesMicros: 0n } }],
    ['LIVE_INSUFFICIENT_CASH_TO_BUY', { funds: { cashMicros: -5n, sharesMicros: 0n } }],
    [
      'LIVE_INSUFFICIENT_POSITION_TO_SELL',
      { intent: sell, funds: { cashMicros: 0n, sharesMicros: 4n * SHARE } },
    ],
    ['LIVE_HARD_LIMIT', { limits: limits({ orderMicros: usd(9_999_999n) }) }],
    [
      'LIVE_HARD_LIMIT',
      { limits: limits({ dayMicros: usd(10_000_000n) }), usage: { dayMicros: 1n, openOrders: 0 } },
    ],
    ['LIVE_HARD_LIMIT', { limits: limits({ openOrders: 3 }), usage: { dayMicros: 0n, openOrders: 3 } }],
    ['LIVE_HARD_LIMIT', { limits: limits({ priceMaxMicros: price(490_000n) }) }],
    ['LIVE_HARD_LIMIT', { limits: limits({ priceMinMicros: price(510_000n) }) }],
  ] as const)('skips with %s', (reason, over) => {
    expect(reasonOf(planOrder(planInputs(over)))).toBe(reason);
  });

  test('names the limit that it would break', () => {
    expect(planOrder(planInputs({ limits: limits({ orderMicros: usd(1n) }) }))).toMatchObject({
      detail: 'order',
    });
  });

  test('shrinks to the cash with its fee, and to the shares', () => {
    const market = aMeta({ feeRateMicros: 50_000n });
    const poor = planOrder(planInputs({ market, funds: { cashMicros: 5n * SHARE, sharesMicros: 0n } }));
    // 5 dollars buy 9.75 shares at 50 ¢ with a fee of 1.25 ¢ each.
    expect(poor).toMatchObject({ kind: 'place', sizeMicros: 9_750_000n });
    const few = planOrder(planInputs({ intent: sell, funds: { cashMicros: 0n, sharesMicros: 7_009_999n } }));
    expect(few).toMatchObject({ kind: 'place', sizeMicros: 7_000_000n, reservedSharesMicros: 7_000_000n });
  });

  test('never pays more than was decided, than the cash, than the limits, and stays on the grid', () => {
    const micros = (least: bigint, most: bigint) => fc.bigInt(least, most);
    fc.assert(
      fc.property(
        fc.constantFrom('BUY' as const, 'SELL' as const),
        micros(1n, 999_999n),
        micros(0n, 10n ** 9n),
        micros(1n, 99n),
        micros(0n, 10n ** 9n),
        micros(0n, 10n ** 8n),
        fc.constantFrom(100_000n, 10_000n, 5_000n, 2_500n, 1_000n, 100n),
        micros(0n, 250_000n),
        (side, limit, size, best, cash, orderMax, tick, rate) => {
          const market = aMeta({ tickMicros: price(tick), feeRateMicros: rate });
          const at = price((best * 10_000n) / tick === 0n ? tick : ((best * 10_000n) / tick) * tick);
          const side1 = [[at, shares(10n ** 9n)] as [typeof at, ReturnType<typeof shares>]];
          const plan = planOrder(
            planInputs({
              intent: anIntent({ side, limitPriceMicros: price(limit), targetSizeMicros: shares(size) }),
              book: aBook(side === 'BUY' ? { asks: side1, bids: [] } : { bids: side1, asks: [] }),
              market,
              rules: rules(),
              funds: { cashMicros: cash, sharesMicros: cash },
              limits: limits({ orderMicros: usd(orderMax) }),
            }),
          );
          if (plan.kind === 'skip') return;
          const { priceMicros, sizeMicros, makerMicros, takerMicros } = plan;
          expect(priceMicros % tick).toBe(0n);
          expect(sizeMicros <= size && sizeMicros % 10_000n === 0n).toBe(true);
          expect(
            side === 'BUY'
              ? priceMicros <= limit && priceMicros >= at
              : priceMicros >= limit && priceMicros <= at,
          ).toBe(true);
          expect(notional(sizeMicros, priceMicros, 'up') <= orderMax).toBe(true);
          if (side === 'SELL') {
            expect(sizeMicros <= cash && makerMicros === sizeMicros).toBe(true);
            return;
          }
          const fee = takerFee(sizeMicros, priceMicros, market);
          expect(makerMicros + fee <= cash && plan.reservedCashMicros <= cash).toBe(true);
          expect(makerMicros % 10_000n === 0n && takerMicros <= sizeMicros).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
