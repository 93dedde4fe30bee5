import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { floorTo, mulDiv, ONE, parseMicros } from '@slipstream/money';
import { sharedFolder } from '@slipstream/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderAmounts } from './order-amounts.ts';

type Vector = {
  readonly kind: 'limit' | 'market';
  readonly tickSize: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  /** Of a limit order, in shares. */
  readonly size?: string;
  /** Of a market order: dollars to spend, or shares to sell. */
  readonly amount?: string;
  readonly makerAmount: string;
  readonly takerAmount: string;
};
const shared = sharedFolder();
const vectors: readonly Vector[] =
  shared === null
    ? []
    : JSON.parse(readFileSync(join(shared, 'data', 'vectors', 'order-amounts.json'), 'utf8')).vectors;

const TICKS = [100_000n, 10_000n, 5_000n, 2_500n, 1_000n, 100n] as const;
const CENT = 10_000n;
const STEP = 10_000n;
/** The finest step of the second figure by tick, written out again from polymarket §2.5. */
const AMOUNT_STEPS: Readonly<Record<string, bigint>> = {
  '100000': 1_000n,
  '10000': 100n,
  '5000': 10n,
  '2500': 1n,
  '1000': 10n,
  '100': 1n,
};

/** A size of which a market BUY at this price spends just so many dollars: we are asked in shares, the client in dollars. */
const sizeFor = (dollars: bigint, price: bigint): bigint => {
  const least = mulDiv(floorTo(dollars, CENT), ONE, price, 'up');
  return floorTo(least + STEP - 1n, STEP);
};

describe.skipIf(vectors.length === 0)('orderAmounts and the official vectors', () => {
  test('there are 75 of them', () => {
    expect(vectors).toHaveLength(75);
  });

  test.each(vectors)('$kind $side at $price, tick $tickSize: $makerAmount for $takerAmount', (vector) => {
    const { kind, side, tickSize, price, size, amount, makerAmount, takerAmount } = vector;
    const priceMicros = parseMicros(price);
    const isMarketBuy = kind === 'market' && side === 'BUY';
    const given = parseMicros(size ?? amount ?? '');
    const amounts = orderAmounts({
      side,
      priceMicros,
      sizeMicros: isMarketBuy ? sizeFor(given, priceMicros) : given,
      tickMicros: parseMicros(tickSize),
      orderType: kind === 'market' ? 'FAK' : 'GTC',
    });
    // All 75 agree with exact arithmetic: the client's doubles go wrong on other inputs, none of them here.
    expect(amounts).toEqual({ makerMicros: BigInt(makerAmount), takerMicros: BigInt(takerAmount) });
  });
});

const anOrder = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    tickMicros: fc.constantFrom(...TICKS),
    steps: fc.bigInt(1n, 9_999n),
    sizeMicros: fc.bigInt(0n, 10n ** 13n),
    orderType: fc.constantFrom('FAK' as const, 'FOK' as const, 'GTC' as const, 'GTD' as const),
  })
  .map(({ steps, tickMicros, ...order }) => ({
    ...order,
    tickMicros,
    priceMicros: tickMicros * (1n + (steps % (ONE / tickMicros - 1n))),
  }));

describe('orderAmounts', () => {
  test('gives figures that the exchange takes, never for more shares, and never at a worse price', () => {
    fc.assert(
      fc.property(anOrder, (order) => {
        const amounts = orderAmounts(order);
        if (amounts === null) return;
        const { makerMicros, takerMicros } = amounts;
        const { side, priceMicros, tickMicros, sizeMicros, orderType } = order;
        const [dollars, shares] = side === 'BUY' ? [makerMicros, takerMicros] : [takerMicros, makerMicros];
        const step = AMOUNT_STEPS[String(tickMicros)] ?? 0n;
        expect(shares).toBeGreaterThan(0n);
        expect(dollars).toBeGreaterThan(0n);
        expect(shares).toBeLessThanOrEqual(sizeMicros);
        const isMarketBuy = side === 'BUY' && (orderType === 'FAK' || orderType === 'FOK');
        expect(isMarketBuy ? dollars % CENT : shares % STEP).toBe(0n);
        expect((isMarketBuy ? shares : dollars) % step).toBe(0n);
        // Two decimals of shares at a price of the grid always fit into the second figure: nothing is rounded.
        if (!isMarketBuy) {
          expect(dollars * ONE).toBe(shares * priceMicros);
          return;
        }
        // The price of the whole is the limit, or less than a step of shares above it: never under it, where nobody
        // who sells at the limit could meet it, and never so far above that a tick lies between.
        expect(dollars * ONE).toBeGreaterThanOrEqual(shares * priceMicros);
        expect(dollars * ONE).toBeLessThan((shares + step) * priceMicros);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never spends more than the whole size at the limit costs', () => {
    fc.assert(
      fc.property(anOrder, (order) => {
        const amounts = orderAmounts({ ...order, side: 'BUY' });
        if (amounts === null) return;
        expect(amounts.makerMicros * ONE).toBeLessThanOrEqual(order.sizeMicros * order.priceMicros);
      }),
    );
  });

  test.each([
    ['a tick that is none of the exchange’s', { tickMicros: 20_000n }],
    ['a price between two ticks', { priceMicros: 555_000n }],
    ['a price of nothing', { priceMicros: 0n }],
    ['a price of a whole dollar', { priceMicros: ONE }],
    ['a size below the step', { sizeMicros: 9_999n }],
    ['a size of nothing', { sizeMicros: 0n }],
    ['a market BUY of less than a cent', { sizeMicros: 10_000n, priceMicros: 10_000n }],
  ])('gives nothing for %s', (_why, over) => {
    const order = {
      side: 'BUY',
      priceMicros: 550_000n,
      sizeMicros: 10_000_000n,
      tickMicros: 10_000n,
      orderType: 'FAK',
    } as const;
    expect(orderAmounts(order)).not.toBeNull();
    expect(orderAmounts({ ...order, ...over })).toBeNull();
  });
});
