import { expect, test } from 'vitest';
import { AT } from '../testing/builders.ts';
import { bucketOf, endOf } from './bucket.ts';

test('a bucket begins on the minute and ends with the next', () => {
  expect(bucketOf(AT)).toEqual(new Date('2026-06-01T12:00:00.000Z'));
  expect(bucketOf(new Date('2026-06-01T12:01:00.000Z'))).toEqual(new Date('2026-06-01T12:01:00.000Z'));
  expect(endOf(bucketOf(AT))).toEqual(new Date('2026-06-01T12:01:00.000Z'));
});
