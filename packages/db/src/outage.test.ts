import { expect, test } from 'vitest';
import { isOutage } from './outage.ts';

const coded = (code: string): Error => Object.assign(new Error('refused'), { code });

test.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '53300', '08006', '55P03'])('%s is an outage', (code) => {
  expect(isOutage(coded(code))).toBe(true);
  expect(isOutage(new Error('saved nothing', { cause: coded(code) }))).toBe(true);
});

test.each(['23505', '23514', '22003', '42P01'])('%s is the statement’s own fault', (code) => {
  expect(isOutage(coded(code))).toBe(false);
});

test('what the driver says without a code counts as well', () => {
  expect(isOutage(new Error('Connection terminated unexpectedly'))).toBe(true);
  expect(isOutage(new Error('cannot read properties of undefined'))).toBe(false);
  expect(isOutage('a text')).toBe(false);
});
