import { shares } from '@slipstream/money';
import type { FillStatus, OrderUpdate } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { fillMoves, isOver, isSettled, orderMoves } from './progress.ts';

const ALL: readonly FillStatus[] = ['MATCHED', 'MINED', 'CONFIRMED', 'RETRYING', 'FAILED'];

describe('a fill', () => {
  test.each<[FillStatus, readonly FillStatus[]]>([
    ['MATCHED', ['MINED', 'CONFIRMED', 'RETRYING', 'FAILED']],
    ['MINED', ['CONFIRMED', 'RETRYING', 'FAILED']],
    ['RETRYING', ['MINED', 'CONFIRMED', 'FAILED']],
    ['CONFIRMED', []],
    ['FAILED', []],
  ])('goes on from %s to %j alone', (before, next) => {
    expect(ALL.filter((after) => fillMoves(before, after))).toEqual(next);
    expect(isSettled(before)).toBe(next.length === 0);
  });

  test('begins with whatever is heard first', () => {
    for (const first of ALL) expect(fillMoves(undefined, first)).toBe(true);
  });
});

describe('an order', () => {
  const step = (status: OrderUpdate['status'], matched: bigint) => ({
    status,
    sizeMatchedMicros: shares(matched),
  });

  test.each([
    ['first heard of', undefined, step('LIVE', 0n), true],
    ['repeated', step('LIVE', 0n), step('LIVE', 0n), false],
    ['matched further', step('LIVE', 1n), step('LIVE', 2n), true],
    ['told late', step('LIVE', 2n), step('LIVE', 1n), false],
    ['placed after its delay', step('DELAYED', 0n), step('LIVE', 0n), true],
    ['canceled for the rest', step('MATCHED', 2n), step('CANCELED', 2n), true],
    ['said to live after its end', step('CANCELED', 2n), step('LIVE', 2n), false],
    ['found to be matched further after its end', step('CANCELED', 2n), step('MATCHED', 3n), true],
  ])('that is %s', (_, before, after, moves) => {
    expect(orderMoves(before, after)).toBe(moves);
  });

  test('need not be asked about once it is matched, canceled or refused', () => {
    expect((['DELAYED', 'LIVE', 'UNMATCHED'] as const).some(isOver)).toBe(false);
    expect((['MATCHED', 'CANCELED', 'INVALID'] as const).every(isOver)).toBe(true);
  });
});
