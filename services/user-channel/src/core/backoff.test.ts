import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('pauses grow, are spread, and have an end', () => {
  expect([0, 1, 2, 3].map((failures) => backoffMs(failures, 1))).toEqual([250, 500, 1_000, 2_000]);
  expect(backoffMs(3, 0)).toBe(1_000);
  expect(backoffMs(1_000, 1)).toBe(30_000);
});
