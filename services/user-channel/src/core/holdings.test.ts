import { shares } from '@slipstream/money';
import { expect, test } from 'vitest';
import { CONDITION } from '../testing/builders.ts';
import { holdingsOf } from './holdings.ts';

const held = (tokenId: string, size: bigint) => ({
  tokenId,
  conditionId: CONDITION,
  sizeMicros: shares(size),
});

test('the order book’s own balance stands over the list: more, less, new, or nothing left', () => {
  const listed = [held('1', 10n), held('2', 20n), held('3', 30n)];
  expect(holdingsOf(listed, [held('2', 25n), held('3', 0n), held('0', 5n)])).toEqual([
    held('0', 5n),
    held('1', 10n),
    held('2', 25n),
  ]);
});
