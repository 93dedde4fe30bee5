import { shares } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { AT, aResolution, CONDITION, LEADER, PAPER, TOKEN } from '../testing/builders.ts';
import { paidOut, payoutOf, settlementOf } from './settle.ts';

describe('a payout', () => {
  test.each([
    ['1', '1', 3_333_333n, 3_333_333n],
    ['0', '1', 3_333_333n, 0n],
    ['1', '2', 3_333_333n, 1_666_666n],
    ['1', '3', 10_000_000n, 3_333_333n],
    ['123456789012345678901234567890', '333333333333333333333333333333', 1_000_000n, 370_370n],
  ])('of %s/%s on %s shares is exact, floored', (numerator, denominator, held, paid) => {
    const payout = payoutOf(aResolution(numerator, denominator), TOKEN);
    expect(payout && paidOut(shares(held), payout)).toBe(paid);
  });

  test('on shares sold back out never leaves a micro too much', () => {
    expect(paidOut(shares(-10_000_000n), { numerator: 1n, denominator: 3n })).toBe(-3_333_334n);
  });

  test('of a token that the resolution does not name is unknown', () => {
    expect(payoutOf(aResolution('1', '1'), '999')).toBe(null);
  });

  test('is named for the holding that it ends', () => {
    const holding = { leaderId: LEADER, tokenId: TOKEN, conditionId: CONDITION };
    const held = { sharesMicros: shares(5n), episode: 3 };
    expect(settlementOf(PAPER, holding, held, { numerator: 1n, denominator: 1n }, AT)).toMatchObject({
      refId: `settle:${CONDITION}:${TOKEN}:${LEADER}:3`,
      entryType: 'SETTLEMENT',
      shareDeltaMicros: -5n,
      cashDeltaMicros: 5n,
    });
  });
});
