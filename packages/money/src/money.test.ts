import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ceilTo,
  floorTo,
  formatMicros,
  mulDiv,
  notional,
  parseMicros,
  parseMicrosRounded,
  parsePrice,
  price,
  shares,
  sharesFor,
  usd,
  vwap,
} from './index.ts';

const amount = fc.bigInt(0n, 10n ** 15n);

describe('parseMicros', () => {
  test('reads what formatMicros wrote', () => {
    fc.assert(fc.property(fc.bigInt(-(10n ** 18n), 10n ** 18n), (n) => parseMicros(formatMicros(n)) === n));
  });
  test.each(['', '.5', '1.', '1e3', '0.1234567', ' 1', '1 ', '--1', '0x10', '1'.repeat(61)])(
    'refuses %j',
    (text) => {
      expect(() => parseMicros(text)).toThrow(SyntaxError);
    },
  );
  test('takes zeros beyond the sixth place', () => {
    expect(parseMicros('0.1234560000')).toBe(123_456n);
  });
});

describe('parseMicrosRounded', () => {
  test.each([
    ['0.43000000000000005', 430_000n],
    ['0.3899999997777', 390_000n],
    ['0.4299999895256399', 430_000n],
    ['1e-7', 0n],
    ['5e-7', 1n],
    ['1.5E2', 150_000_000n],
    ['7', 7_000_000n],
  ])('reads %s as %s micros', (text, micros) => {
    expect(parseMicrosRounded(text)).toBe(micros);
  });
  test.each(['-1', 'NaN', 'Infinity', '', '1e999'])('refuses %j', (text) => {
    expect(() => parseMicrosRounded(text)).toThrow(SyntaxError);
  });
  test('a price above one is refused', () => {
    expect(() => parsePrice('1.01')).toThrow(RangeError);
  });
});

describe('mulDiv', () => {
  test('up and down enclose the exact quotient and differ by at most one', () => {
    fc.assert(
      fc.property(amount, amount, fc.bigInt(1n, 10n ** 12n), (a, b, d) => {
        const down = mulDiv(a, b, d, 'down');
        const up = mulDiv(a, b, d, 'up');
        expect(down * d <= a * b && up * d >= a * b && up - down <= 1n).toBe(true);
      }),
    );
  });
  test('refuses negative factors and a divisor that is not positive', () => {
    expect(() => mulDiv(-1n, 1n, 1n, 'up')).toThrow(RangeError);
    expect(() => mulDiv(1n, 1n, 0n, 'up')).toThrow(RangeError);
  });
});

describe('notional and its inverse', () => {
  test('buying for a sum never costs more than the sum', () => {
    fc.assert(
      fc.property(amount, fc.bigInt(1n, 1_000_000n), (money, at) => {
        const size = sharesFor(usd(money), price(at), 'down');
        expect(notional(size, price(at), 'up') <= money).toBe(true);
      }),
    );
  });
  test('the average price times the shares is never above what was paid', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), fc.bigInt(0n, 1_000_000n), (size, at) => {
        const paid = notional(shares(size), price(at), 'down');
        expect(notional(shares(size), vwap(paid, shares(size)), 'down') <= paid).toBe(true);
      }),
    );
  });
});

describe('grid rounding', () => {
  test('floor and ceil are multiples around the number', () => {
    fc.assert(
      fc.property(amount, fc.bigInt(1n, 10n ** 9n), (n, step) => {
        expect(floorTo(n, step) % step === 0n && ceilTo(n, step) % step === 0n).toBe(true);
        expect(
          floorTo(n, step) <= n && ceilTo(n, step) >= n && ceilTo(n, step) - floorTo(n, step) <= step,
        ).toBe(true);
      }),
    );
  });
});
