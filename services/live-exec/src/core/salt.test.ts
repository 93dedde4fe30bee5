import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saltOf } from './salt.ts';

test('a salt is a whole number that JSON carries exactly, and the same for the same key', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      const salt = saltOf(key);
      expect(salt).toBe(saltOf(key));
      expect(BigInt(Number(salt))).toBe(salt);
      expect(Number.isSafeInteger(Number(salt))).toBe(true);
    }),
  );
});

test('ten thousand keys have ten thousand salts', () => {
  const salts = Array.from({ length: 10_000 }, (_, i) => saltOf(`v1_${i}`));
  expect(new Set(salts).size).toBe(10_000);
});
