import { price, shares } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitToGrid, SIZE_STEP_MICROS } from './grid.ts';

const grid = { tickMicros: 10_000n, sizeStepMicros: SIZE_STEP_MICROS, minSizeMicros: 5_000_000n };
const wanted = (side: 'BUY' | 'SELL', size: bigint, at: bigint) => ({
  side,
  sizeMicros: shares(size),
  priceMicros: price(at),
});

describe('fitToGrid', () => {
  test('floors a BUY price, ceils a SELL price, floors a size', () => {
    expect(fitToGrid(wanted('BUY', 7_777_777n, 515_000n), grid)).toEqual({
      kind: 'place',
      order: wanted('BUY', 7_770_000n, 510_000n),
    });
    expect(fitToGrid(wanted('SELL', 7_777_777n, 515_000n), grid)).toEqual({
      kind: 'place',
      order: wanted('SELL', 7_770_000n, 520_000n),
    });
  });

  test('skips an order that rounds below the market minimum', () => {
    expect(fitToGrid(wanted('BUY', 4_999_999n, 500_000n), grid)).toEqual({
      kind: 'skip',
      reason: 'BELOW_MIN_ORDER_SIZE',
    });
    expect(fitToGrid(wanted('BUY', 9_999n, 500_000n), { ...grid, minSizeMicros: 0n }).kind).toBe('skip');
  });

  test('skips where no price of the grid lies inside', () => {
    expect(fitToGrid(wanted('BUY', 6_000_000n, 9_999n), grid)).toEqual({
      kind: 'skip',
      reason: 'NO_LIQUIDITY_WITHIN_BOUNDS',
    });
    expect(fitToGrid(wanted('SELL', 6_000_000n, 990_001n), grid).kind).toBe('skip');
  });

  test('never makes an order worse, and fitting again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('BUY' as const, 'SELL' as const),
        fc.bigInt(0n, 1_000_000n),
        fc.bigInt(0n, 10n ** 12n),
        fc.constantFrom(100_000n, 10_000n, 5_000n, 2_500n, 1_000n, 100n),
        (side, at, size, tickMicros) => {
          const fitted = fitToGrid(wanted(side, size, at), { ...grid, tickMicros });
          if (fitted.kind === 'skip') return;
          const { order } = fitted;
          expect(order.sizeMicros <= size).toBe(true);
          expect(side === 'BUY' ? order.priceMicros <= at : order.priceMicros >= at).toBe(true);
          expect(fitToGrid(order, { ...grid, tickMicros })).toEqual(fitted);
        },
      ),
    );
  });
});
