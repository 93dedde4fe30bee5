import { expect, test } from 'vitest';
import { takerFeeMicros } from './fees.ts';

const ONE = 1_000_000n;

test.each([
  ['crypto at even odds', 70_000n, 1, 100n * ONE, 500_000n, 1_750_000n],
  ['no fees', 0n, 1, 100n * ONE, 500_000n, 0n],
  ['the old quarter hours', 250_000n, 2, 100n * ONE, 500_000n, 1_562_500n],
  ['floored to five decimals', 50_000n, 1, 10n * ONE, 470_000n, 124_550n],
  ['less than the smallest', 50_000n, 1, 10_000n, 10_000n, 0n],
])('a taker pays: %s', (_, feeRateMicros, feeExponent, size, price, fee) => {
  expect(takerFeeMicros({ feeRateMicros, feeExponent }, size, price)).toBe(fee);
});
