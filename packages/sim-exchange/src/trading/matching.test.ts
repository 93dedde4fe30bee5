import { ONE } from '@slipstream/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admits, byPrice, DUST_MICROS, evenStep, match, type Offer, type Taker } from './matching.ts';

const CENT = 10_000n;
const tick = fc.constantFrom(100n, 1_000n, 2_500n, 5_000n, CENT, 100_000n);
const side = fc.constantFrom('BUY' as const, 'SELL' as const);

/** A taker at a price of the grid, with offers of the same grid, best first. */
const scene = fc
  .record({ tick, side, sizedIn: fc.constantFrom('dollars' as const, 'shares' as const) })
  .chain(({ tick: t, side: s, sizedIn }) => {
    const price = fc.bigInt(1n, ONE / t - 1n).map((n) => n * t);
    const offer = fc.record({
      priceMicros: price,
      sizeMicros: fc.bigInt(1n, 10n ** 9n),
      order: fc.constant(null),
    });
    return fc.record({
      offers: fc.array(offer, { maxLength: 12 }).map((offers) => offers.sort(byPrice(s))),
      taker: fc
        .record({ price, shares: fc.bigInt(500n, 100_000n).map((n) => n * CENT) })
        .map(({ price: p, shares }): Taker => {
          const dollars = (p * shares) / ONE;
          const [makerMicros, takerMicros] = s === 'BUY' ? [dollars, shares] : [shares, dollars];
          const counts = s === 'BUY' ? sizedIn : 'shares';
          return {
            side: s,
            makerMicros,
            takerMicros,
            sizedIn: counts,
            leftMicros: counts === 'dollars' ? dollars : shares,
          };
        }),
    });
  });

describe('matching', () => {
  test('takes only what is within the limit, at its own price, and nothing twice', () => {
    fc.assert(
      fc.property(scene, ({ taker, offers }) => {
        const { fills } = match(taker, offers);
        for (const fill of fills) {
          expect(admits(taker, fill.priceMicros)).toBe(true);
          expect(fill.notionalMicros * ONE).toBe(fill.priceMicros * fill.sizeMicros);
        }
        for (const { priceMicros } of offers) {
          const all = (list: readonly Offer<null>[]): bigint =>
            list.filter((o) => o.priceMicros === priceMicros).reduce((sum, o) => sum + o.sizeMicros, 0n);
          expect(all(fills) <= all(offers)).toBe(true);
        }
      }),
    );
  });

  test('never gives more than the order, and says what is left', () => {
    fc.assert(
      fc.property(scene, ({ taker, offers }) => {
        const { sizeMicros, notionalMicros, leftMicros } = match(taker, offers);
        const used = taker.sizedIn === 'dollars' ? notionalMicros : sizeMicros;
        expect(leftMicros).toBe(taker.leftMicros - used);
        expect(leftMicros >= 0n).toBe(true);
        const [given, limit] =
          taker.side === 'BUY' ? [notionalMicros, taker.makerMicros] : [sizeMicros, taker.makerMicros];
        expect(given <= limit).toBe(true);
      }),
    );
  });

  test('fills whole what the offers cover whole', () => {
    fc.assert(
      fc.property(scene, ({ taker, offers }) => {
        // Offers in hundredths of a share leave no crumbs that a price could not divide.
        const even = offers.map((offer) => ({ ...offer, sizeMicros: (offer.sizeMicros / CENT) * CENT }));
        const shares = taker.side === 'BUY' ? taker.takerMicros : taker.makerMicros;
        const within = even.filter((o) => admits(taker, o.priceMicros));
        const dollars = within.reduce((sum, o) => sum + o.sizeMicros * o.priceMicros, 0n);
        const offered = within.reduce((sum, o) => sum + o.sizeMicros, 0n);
        const covers = taker.sizedIn === 'dollars' ? dollars >= taker.makerMicros * ONE : offered >= shares;
        expect(match(taker, even).isFull || !covers).toBe(true);
      }),
    );
  });

  test('prefers the better price, then what came first', () => {
    const taker: Taker = {
      side: 'BUY',
      makerMicros: 50n * ONE,
      takerMicros: 100n * ONE,
      sizedIn: 'shares',
      leftMicros: 30n * ONE,
    };
    const offers = [
      { priceMicros: 500_000n, sizeMicros: 20n * ONE, order: 'a' },
      { priceMicros: 500_000n, sizeMicros: 20n * ONE, order: 'b' },
      { priceMicros: 490_000n, sizeMicros: 5n * ONE, order: 'c' },
      { priceMicros: 510_000n, sizeMicros: 50n * ONE, order: 'd' },
    ].sort(byPrice('BUY'));
    expect(match(taker, offers).fills.map(({ order, sizeMicros }) => [order, sizeMicros])).toEqual([
      ['c', 5n * ONE],
      ['a', 20n * ONE],
      ['b', 5n * ONE],
    ]);
  });

  test('a hundredth of a share costs whole micros at every price of every grid', () => {
    fc.assert(
      fc.property(tick, fc.bigInt(1n, 9_999n), (t, n) => {
        const priceMicros = (n * t) % ONE || t;
        expect(DUST_MICROS % evenStep(priceMicros)).toBe(0n);
      }),
    );
  });

  test('dollars buy more at a better price', () => {
    const taker: Taker = {
      side: 'BUY',
      makerMicros: 10n * ONE,
      takerMicros: 20n * ONE,
      sizedIn: 'dollars',
      leftMicros: 10n * ONE,
    };
    const { sizeMicros, isFull } = match(taker, [
      { priceMicros: 400_000n, sizeMicros: 100n * ONE, order: null },
    ]);
    expect([sizeMicros, isFull]).toEqual([25n * ONE, true]);
  });
});
