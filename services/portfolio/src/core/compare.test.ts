import { shares, usd } from '@slipstream/money';
import { expect, test } from 'vitest';
import { AT, CONDITION } from '../testing/builders.ts';
import { compare } from './compare.ts';

const state = (cash: bigint, positions: Readonly<Record<string, bigint>>) => ({
  scope: 'EXEC_GLOBAL',
  wallet: `0x${'a'.repeat(40)}`,
  cashMicros: usd(cash),
  positions: Object.entries(positions).map(([tokenId, size]) => ({
    tokenId,
    conditionId: CONDITION,
    sizeMicros: shares(size),
  })),
  asOf: AT.toISOString(),
});
const counted = {
  cashMicros: 5_000_000n,
  shares: new Map([['1', 10_000_000n]]),
  baseline: new Map([
    ['1', 2_000_000n],
    ['2', 3_000_000n],
  ]),
};

test.each([
  ['agree', state(5_000_000n, { 1: 12_000_000n, 2: 3_000_000n }), null],
  ['agree but for dust', state(5_010_000n, { 1: 11_990_000n, 2: 3_000_000n }), null],
  [
    'differ in cash',
    state(4_000_000n, { 1: 12_000_000n, 2: 3_000_000n }),
    { cashMicros: -1_000_000n, tokenIds: [] },
  ],
  [
    'differ in tokens',
    state(5_000_000n, { 1: 12_000_000n, 3: 1_000_000n }),
    { cashMicros: 0n, tokenIds: ['2', '3'] },
  ],
])('what the exchange shows and what we count %s', (_, shown, difference) => {
  expect(compare(shown, counted)).toEqual(difference);
});
