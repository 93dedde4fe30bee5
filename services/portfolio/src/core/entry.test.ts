import { usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { AT, aFill, PAPER } from '../testing/builders.ts';
import { attribute } from './attribute.ts';
import { depositOf, entryFor, reversalOf } from './entry.ts';

describe('the entry of a fill', () => {
  test('a BUY pays its notional, rounded up, and its fee', () => {
    const fill = aFill('f1', 'BUY', 3_333_333n, 333_333n, { feeMicros: usd(10n) });
    expect(entryFor(fill, attribute(fill))).toMatchObject({
      refId: 'paper:fill:f1',
      entryType: 'TRADE_FILL',
      shareDeltaMicros: 3_333_333n,
      cashDeltaMicros: -1_111_120n,
      feeMicros: 10n,
    });
  });

  test('a SELL is paid its notional, rounded down, less its fee', () => {
    const fill = aFill('f1', 'SELL', 3_333_333n, 333_333n, { feeMicros: usd(10n) });
    expect(entryFor(fill, attribute(fill))).toMatchObject({
      shareDeltaMicros: -3_333_333n,
      cashDeltaMicros: 1_111_099n,
    });
  });

  test('a reversal takes back every delta under the same reference', () => {
    const fill = aFill('f1', 'BUY', 3_333_333n, 333_333n, { feeMicros: usd(10n) });
    const entry = entryFor(fill, attribute(fill));
    const reversal = reversalOf(entry);
    expect(reversal.refId).toBe(entry.refId);
    expect(reversal.shareDeltaMicros + entry.shareDeltaMicros).toBe(0n);
    expect(reversal.cashDeltaMicros + entry.cashDeltaMicros).toBe(0n);
    expect(reversal.feeMicros + entry.feeMicros).toBe(0n);
  });

  test('what is not ours to attribute is nobody’s', () => {
    const fill = aFill('f1', 'BUY', 1_000_000n, 500_000n, {
      origin: 'EXTERNAL',
      leaderId: null,
      attemptId: null,
      intentId: null,
    });
    expect(entryFor(fill, attribute(fill))).toMatchObject({ holding: { leaderId: null }, attemptId: null });
  });

  test('a fill of ours without a leader contradicts itself', () => {
    expect(attribute(aFill('f1', 'BUY', 1n, 1n, { leaderId: null })).kind).toBe('contradiction');
  });
});

test('a deposit moves cash alone', () => {
  expect(depositOf(PAPER, 'paper:initial', usd(10n), AT)).toMatchObject({
    holding: null,
    cashDeltaMicros: 10n,
  });
});
