import { notional, price, shares, usd } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT, aBook, aMeta, anOrder, level } from '../testing/builders.ts';
import type { PendingOrder } from './order.ts';
import { type FillInputs, simulateFill } from './simulate-fill.ts';
import { NOTHING_TAKEN, openLevels } from './taken.ts';

const RICH = usd(1_000_000_000n);
const inputs = (order: PendingOrder, over: Partial<FillInputs> = {}): FillInputs => ({
  order,
  levels: openLevels(order.side === 'BUY' ? aBook().asks : aBook().bids, NOTHING_TAKEN, () => true, AT),
  meta: aMeta(),
  cashMicros: RICH,
  heldMicros: shares(0n),
  ignoresVenueRules: false,
  ...over,
});
const sell = (size: bigint, limitCents: bigint): PendingOrder =>
  anOrder({ side: 'SELL', targetSizeMicros: shares(size), limitPriceMicros: price(limitCents * 10_000n) });

describe('a BUY', () => {
  test('takes level by level inside its bound', () => {
    const { totals, fills } = simulateFill(inputs(anOrder()));
    expect(fills.map((f) => [f.index, f.priceMicros, f.sizeMicros, f.notionalMicros])).toEqual([
      [0, 500_000n, 10_000_000n, 5_000_000n],
      [1, 510_000n, 5_000_000n, 2_550_000n],
    ]);
    expect(totals).toMatchObject({
      status: 'FILLED',
      reason: null,
      filledSizeMicros: 15_000_000n,
      filledNotionalMicros: 7_550_000n,
      fillCount: 2,
    });
  });

  test('drops what the book inside the bound does not hold', () => {
    const { totals } = simulateFill(
      inputs(anOrder({ targetSizeMicros: shares(30_000_000n), targetNotionalMicros: usd(20_000_000n) })),
    );
    expect(totals).toMatchObject({
      status: 'CANCELED',
      reason: 'INSUFFICIENT_DEPTH',
      filledSizeMicros: 20_000_000n,
    });
  });

  test('takes nothing above its bound', () => {
    const { totals, fills } = simulateFill(inputs(anOrder({ limitPriceMicros: price(490_000n) })));
    expect(fills).toEqual([]);
    expect(totals).toMatchObject({ status: 'CANCELED', reason: 'NO_LIQUIDITY_WITHIN_BOUNDS' });
  });

  test('is filled when the decided dollars are spent, though the size is not reached', () => {
    const { totals } = simulateFill(inputs(anOrder({ targetNotionalMicros: usd(6_000_000n) })));
    expect(totals).toMatchObject({ status: 'FILLED', reason: null, filledSizeMicros: 11_960_000n });
    expect(totals.filledNotionalMicros).toBeLessThanOrEqual(6_000_000n);
  });

  test('under the market’s minimum is refused, unless venue rules are ignored', () => {
    const small = anOrder({ targetSizeMicros: shares(4_999_999n) });
    expect(simulateFill(inputs(small)).totals).toMatchObject({
      status: 'CANCELED',
      reason: 'BELOW_MIN_ORDER_SIZE',
    });
    expect(simulateFill(inputs(small, { ignoresVenueRules: true })).totals).toMatchObject({
      status: 'FILLED',
      filledSizeMicros: 4_999_999n,
    });
  });

  test('pays the taker’s fee of each level', () => {
    const meta = aMeta({ feeRateMicros: 50_000n });
    const { fills, totals } = simulateFill(
      inputs(anOrder({ targetSizeMicros: shares(10_000_000n) }), { meta }),
    );
    expect(fills[0]?.feeMicros).toBe(125_000n);
    expect(totals.feeMicros).toBe(125_000n);
  });

  test('shrinks to the cash that is there, fee included', () => {
    const meta = aMeta({ feeRateMicros: 50_000n });
    const { totals } = simulateFill(inputs(anOrder(), { meta, cashMicros: usd(3_000_000n) }));
    expect(totals).toMatchObject({ status: 'CANCELED', reason: 'NOT_ENOUGH_CASH' });
    expect(totals.filledSizeMicros).toBeGreaterThan(5_000_000n);
    expect(totals.filledNotionalMicros + totals.feeMicros).toBeLessThanOrEqual(3_000_000n);
  });

  test('takes nothing when the cash is under the market’s minimum', () => {
    const { totals, fills } = simulateFill(inputs(anOrder(), { cashMicros: usd(2_400_000n) }));
    expect(fills).toEqual([]);
    expect(totals).toMatchObject({ status: 'CANCELED', reason: 'NOT_ENOUGH_CASH', filledSizeMicros: 0n });
  });

  test('without a known account is refused', () => {
    expect(simulateFill(inputs(anOrder(), { cashMicros: null })).totals.reason).toBe('MISSING_EQUITY');
  });
});

describe('a SELL', () => {
  test('takes the bids down to its bound', () => {
    const { totals } = simulateFill(inputs(sell(15_000_000n, 48n), { heldMicros: shares(15_000_000n) }));
    expect(totals).toMatchObject({ status: 'FILLED', filledNotionalMicros: 4_900_000n + 2_400_000n });
  });

  test('shrinks to the position', () => {
    const { totals } = simulateFill(inputs(sell(15_000_000n, 48n), { heldMicros: shares(8_000_000n) }));
    expect(totals).toMatchObject({
      status: 'CANCELED',
      reason: 'NOT_ENOUGH_POSITION_TO_SELL',
      filledSizeMicros: 8_000_000n,
    });
  });

  test('of nothing held takes nothing', () => {
    const { totals } = simulateFill(inputs(sell(15_000_000n, 48n)));
    expect(totals).toMatchObject({ reason: 'NOT_ENOUGH_POSITION_TO_SELL', filledSizeMicros: 0n });
  });
});

test('no order ever exceeds its size, its dollars, its bound, its cash or its position', () => {
  const levels = fc.array(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 40 })), {
    maxLength: 6,
  });
  const most = 60_000_000n;
  fc.assert(
    fc.property(
      levels,
      fc.constantFrom('BUY', 'SELL'),
      fc.bigInt(0n, most),
      fc.bigInt(0n, most),
      fc.integer({ min: 1, max: 99 }),
      fc.bigInt(0n, most),
      fc.bigInt(0n, most),
      fc.boolean(),
      (raw, side, size, money, cents, cash, held, ignoresVenueRules) => {
        const sorted = [...new Map(raw).entries()].sort(([a], [b]) => (side === 'BUY' ? a - b : b - a));
        const order = anOrder({
          side,
          targetSizeMicros: shares(size),
          targetNotionalMicros: usd(money),
          limitPriceMicros: price(BigInt(cents) * 10_000n),
        });
        const { totals, fills } = simulateFill({
          order,
          levels: openLevels(
            sorted.map(([at, shown]) => level(at, shown)),
            NOTHING_TAKEN,
            () => true,
            AT,
          ),
          meta: aMeta({ feeRateMicros: 70_000n }),
          cashMicros: usd(cash),
          heldMicros: shares(held),
          ignoresVenueRules,
        });
        expect(totals.filledSizeMicros).toBeLessThanOrEqual(size);
        for (const fill of fills) {
          const inside =
            side === 'BUY'
              ? fill.priceMicros <= order.limitPriceMicros
              : fill.priceMicros >= order.limitPriceMicros;
          expect(inside).toBe(true);
          expect(fill.notionalMicros).toBe(
            notional(fill.sizeMicros, fill.priceMicros, side === 'BUY' ? 'up' : 'down'),
          );
          if (!ignoresVenueRules) expect(fill.sizeMicros % 10_000n).toBe(0n);
        }
        if (side === 'BUY') {
          expect(totals.filledNotionalMicros).toBeLessThanOrEqual(money);
          expect(totals.filledNotionalMicros + totals.feeMicros).toBeLessThanOrEqual(cash);
        } else expect(totals.filledSizeMicros).toBeLessThanOrEqual(held);
        expect(totals.status === 'FILLED').toBe(totals.reason === null);
      },
    ),
  );
});
