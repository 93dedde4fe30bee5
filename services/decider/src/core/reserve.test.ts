import { takerFee, walk } from '@slipstream/exchange';
import { least, ONE, price, shares, sharesFor, usd } from '@slipstream/money';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { level } from '../../test/builders.ts';
import { cashNeeded } from './reserve.ts';

const STEP = 10_000n;

test.each([
  [700_000n, 0n, 700_000n],
  [400_000n, 50_000n, 450_000n],
  [400_000n, 200_000n, 500_000n],
  [995_000n, 10_000n, 995_000n],
])('holds back the fee of a BUY at %s with %s of worsening as at %s', (leaderPrice, worsening, dearest) => {
  const market = { feeRateMicros: 50_000n, feeExponent: 1 };
  const target = { notionalMicros: usd(10_000_000n), sizeMicros: shares(20_000_000n) };
  const fee = takerFee(target.sizeMicros, price(dearest), market);
  expect(cashNeeded(target, price(leaderPrice), price(worsening), market)).toBe(target.notionalMicros + fee);
});

test('no walk of a book inside the target and the leader’s bound costs more', () => {
  const rate = fc.bigInt(0n, 100_000n);
  const at = fc.bigInt(1n, 999_999n);
  const asks = fc.array(fc.tuple(at, fc.bigInt(1n, 10n ** 9n)), { maxLength: 8 });
  fc.assert(
    fc.property(
      at,
      fc.bigInt(0n, 50_000n),
      fc.bigInt(1n, 10n ** 10n),
      rate,
      fc.integer({ min: 0, max: 2 }),
      asks,
      (theirs, worsening, money, feeRateMicros, feeExponent, levels) => {
        const market = { feeRateMicros, feeExponent };
        const leaderPrice = price(theirs);
        const target = { notionalMicros: usd(money), sizeMicros: sharesFor(usd(money), leaderPrice, 'down') };
        const limit = price(least(theirs + worsening, ONE));
        const sorted = [...levels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([p, size]) => level(p, size));
        const { fills, notionalMicros } = walk({ bids: [], asks: sorted }, 'BUY', limit, target, STEP);
        const fees = fills.reduce(
          (sum, fill) => sum + takerFee(fill.sizeMicros, fill.priceMicros, market),
          0n,
        );
        expect(notionalMicros + fees <= cashNeeded(target, leaderPrice, price(worsening), market)).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
