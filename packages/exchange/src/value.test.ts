import { price, shares } from '@slipstream/money';
import { expect, test } from 'vitest';
import { valuePositions } from './value.ts';

test('positions are worth shares times mark, floored each', () => {
  const held = { sharesMicros: shares(1_000_001n), markMicros: price(333_333n) };
  expect(valuePositions([held, held])).toEqual({
    exposureMicros: 666_666n,
    worthMicros: 666_666n,
    unpriced: 0,
  });
});

test('a held position without a mark is unpriced; one that is closed is nothing', () => {
  const unmarked = { sharesMicros: shares(5n), markMicros: null };
  const closed = { sharesMicros: shares(0n), markMicros: null };
  expect(valuePositions([unmarked, closed])).toEqual({ exposureMicros: 0n, worthMicros: 0n, unpriced: 1 });
});
