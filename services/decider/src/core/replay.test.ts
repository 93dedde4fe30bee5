import { describe, expect, test } from 'vitest';
import { someInputs, someSale } from '../../test/builders.ts';
import { readInputs, recordInputs } from '../store/inputs.ts';
import { decide } from './decide.ts';
import type { DecisionInputs } from './inputs.ts';
import { verdictOf } from './intent.ts';
import { type Plain, replay, type StoredVerdict } from './replay.ts';

/** A value as the database gives it back: micros as text, fields in an order of its own. */
function asStored(value: unknown): Plain {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(asStored);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, inner]) => [name, asStored(inner)]),
    );
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function storedOf(inputs: DecisionInputs): { verdict: StoredVerdict; inputs: Plain } {
  const decision = decide(inputs);
  if (decision.kind === 'wait') throw new Error('these inputs do not wait');
  const { verdict } = verdictOf(inputs, decision);
  const text = (n: bigint | null): Plain => (n === null ? null : n.toString());
  return {
    verdict: {
      ...verdict,
      leaderSizeMicros: text(verdict.leaderSizeMicros),
      leaderNotionalMicros: text(verdict.leaderNotionalMicros),
      leaderPriceMicros: text(verdict.leaderPriceMicros),
      targetNotionalMicros: text(verdict.targetNotionalMicros),
      targetSizeMicros: text(verdict.targetSizeMicros),
      limitPriceMicros: text(verdict.limitPriceMicros),
    },
    inputs: asStored(inputs),
  };
}

const replayed = (stored: { verdict: StoredVerdict; inputs: Plain }) => {
  const inputs = readInputs(stored.inputs);
  return replay(stored, inputs, recordInputs(inputs));
};

describe('replay', () => {
  test.each([
    ['a copied BUY', someInputs()],
    ['a copied SELL', someSale()],
    ['a skip with nothing known', someInputs({ config: null, account: null, market: null, book: null })],
    ['a missed book', someInputs({ book: null, waited: true })],
  ])('gives %s again, byte for byte', (_, inputs) => {
    expect(replayed(storedOf(inputs))).toEqual([]);
  });

  test.each<[string, Partial<StoredVerdict>]>([
    ['decision', { decision: 'SKIP' }],
    ['reasons', { reasons: ['SPREAD_TOO_WIDE'] }],
    ['details', { details: ['DRAWDOWN'] }],
    ['targetNotionalMicros', { targetNotionalMicros: '10000001' }],
    ['targetSizeMicros', { targetSizeMicros: null }],
    ['limitPriceMicros', { limitPriceMicros: '510001' }],
    ['intentId', { intentId: 'ci_1' }],
    ['configVersion', { configVersion: 4 }],
    ['decidedAt', { decidedAt: '2026-11-20T12:00:00.001Z' }],
  ])('names %s when it was tampered with', (field, change) => {
    const stored = storedOf(someInputs());
    const found = replayed({ ...stored, verdict: { ...stored.verdict, ...change } });
    expect(found.map((difference) => difference.field)).toEqual([field]);
    expect(found[0]).toMatchObject({ attemptId: stored.verdict.attemptId, stored: Object.values(change)[0] });
  });

  test('names what follows from inputs that were tampered with', () => {
    const stored = storedOf(someInputs());
    const inputs = recordInputs({ ...someInputs(), blacklisted: true });
    const found = replayed({ ...stored, inputs });
    expect(found.map(({ field, recomputed }) => [field, recomputed])).toContainEqual([
      'reasons',
      ['MARKET_BLACKLISTED'],
    ]);
  });

  test('names inputs that are not written as we write them', () => {
    const stored = storedOf(someInputs());
    const position = { sharesMicros: '00', reservedMicros: '0' };
    const inputs = { ...Object(stored.inputs), position };
    expect(replayed({ ...stored, inputs })).toEqual([
      {
        attemptId: stored.verdict.attemptId,
        field: 'inputs.position.sharesMicros',
        stored: '00',
        recomputed: '0',
      },
    ]);
  });

  test('says WAIT where the decision would not have been made yet', () => {
    const stored = storedOf(someInputs({ book: null, waited: true }));
    const inputs = recordInputs(someInputs({ book: null, waited: false }));
    expect(replayed({ ...stored, inputs })).toMatchObject([{ field: 'decision', recomputed: 'WAIT' }]);
  });
});
