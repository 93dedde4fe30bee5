import { describe, expect, test } from 'vitest';
import { codeOf, isSerializationFailure, isUniqueViolation, messageOf } from './errors.ts';

const withCode = (code: string, more: object = {}): Error =>
  Object.assign(new Error(code), { code, ...more });

describe('isUniqueViolation', () => {
  test('knows PostgreSQL’s and Prisma’s code', () => {
    expect(isUniqueViolation(withCode('23505'))).toBe(true);
    expect(isUniqueViolation(withCode('P2002'))).toBe(true);
  });

  test('looks at causes', () => {
    expect(isUniqueViolation(new Error('outer', { cause: withCode('23505') }))).toBe(true);
  });

  test('tells one key from another', () => {
    const error = withCode('23505', { constraint: 'leader_trade_pkey' });
    expect(isUniqueViolation(error, 'leader_trade_pkey')).toBe(true);
    expect(isUniqueViolation(error, 'sighting_pkey')).toBe(false);
  });

  test.each([undefined, null, 'text', 7, {}, new Error('plain'), withCode('23503')])(
    '%j is none',
    (error) => {
      expect(isUniqueViolation(error)).toBe(false);
    },
  );

  test('a circle of causes ends', () => {
    const error = new Error('circle');
    error.cause = error;
    expect(isUniqueViolation(error)).toBe(false);
  });
});

test.each(['40001', '40P01', 'P2034'])('%s is a conflict that a repetition can solve', (code) => {
  expect(isSerializationFailure(withCode(code))).toBe(true);
});

test('a unique violation is no such conflict', () => {
  expect(isSerializationFailure(withCode('23505'))).toBe(false);
});

test('an error without a message is told by its code', () => {
  expect(messageOf(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(messageOf('text')).toBe('text');
  expect(codeOf({ code: 7 })).toBeUndefined();
});
