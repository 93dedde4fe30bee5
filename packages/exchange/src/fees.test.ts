import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseMicros, parsePrice, price, shares } from '@slipstream/money';
import { sharedFolder } from '@slipstream/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { takerFee } from './fees.ts';

const shared = sharedFolder();
const read = (path: string): unknown => JSON.parse(readFileSync(join(shared ?? '', 'data', path), 'utf8'));
const FEE_STEP_MICROS = 10n;

const Vectors = z.looseObject({
  vectors: z.array(
    z.object({
      shares: z.string(),
      price: z.string(),
      feeRate: z.string(),
      feeExponent: z.string(),
      fee: z.string(),
    }),
  ),
});
const Observed = z.array(
  z.looseObject({
    side: z.enum(['BUY', 'SELL']),
    maker_amount_filled: z.string(),
    taker_amount_filled: z.string(),
    fee: z.string(),
    price: z.string(),
    fee_rate: z.string(),
  }),
);

/** A decimal of up to eight places in micros, floored: the vectors are exact, the exchange is not. */
const flooredMicros = (digits: string): bigint => {
  const [whole = '0', part = ''] = digits.split('.');
  return BigInt(whole + part.slice(0, 6).padEnd(6, '0'));
};

describe('takerFee', () => {
  test('is nothing for a market without fees', () => {
    expect(takerFee(shares(5_000_000n), price(840_000n), { feeRateMicros: 0n, feeExponent: 1 })).toBe(0n);
  });

  test('is floored to five decimals', () => {
    // 1.219511 × 0.07 × 0.82 × 0.18 = 0.012599…
    const fee = takerFee(shares(1_219_511n), price(820_000n), { feeRateMicros: 70_000n, feeExponent: 1 });
    expect(fee).toBe(12_590n);
  });

  test.skipIf(shared === null)('meets the exchange’s own vectors', () => {
    for (const v of Vectors.parse(read('vectors/platform-fee.json')).vectors) {
      const exact = flooredMicros(v.fee);
      const fee = takerFee(shares(parseMicros(v.shares)), parsePrice(v.price), {
        feeRateMicros: parseMicros(v.feeRate),
        feeExponent: Number(v.feeExponent),
      });
      expect(fee).toBe(exact - (exact % FEE_STEP_MICROS));
    }
  });

  test.skipIf(shared === null)('meets every fee that was observed on chain', () => {
    const observed = Observed.parse(read('onchain/v2-taker-fees-observed.json'));
    expect(observed.length).toBeGreaterThan(10);
    for (const o of observed) {
      const size = o.side === 'BUY' ? o.taker_amount_filled : o.maker_amount_filled;
      const schedule = { feeRateMicros: parseMicros(o.fee_rate), feeExponent: 1 };
      expect(takerFee(shares(BigInt(size)), parsePrice(o.price), schedule)).toBe(BigInt(o.fee));
    }
  });

  test('is never more than the exact fee, and less than a step below it', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 13n),
        fc.bigInt(0n, 1_000_000n),
        fc.bigInt(0n, 250_000n),
        (size, at, rate) => {
          const fee = takerFee(shares(size), price(at), { feeRateMicros: rate, feeExponent: 1 });
          const scale = 10n ** 18n;
          const exact = size * rate * at * (1_000_000n - at);
          expect(fee % FEE_STEP_MICROS).toBe(0n);
          expect(fee * scale <= exact && exact < (fee + FEE_STEP_MICROS) * scale).toBe(true);
        },
      ),
    );
  });

  test('is the same on both sides of even odds', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 12n),
        fc.bigInt(0n, 1_000_000n),
        fc.integer({ min: 0, max: 4 }),
        (s, p, e) => {
          const schedule = { feeRateMicros: 70_000n, feeExponent: e };
          expect(takerFee(shares(s), price(p), schedule)).toBe(
            takerFee(shares(s), price(1_000_000n - p), schedule),
          );
        },
      ),
    );
  });
});
