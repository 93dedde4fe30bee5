import { describe, expect, test } from 'vitest';
import { AT, anIntent } from '../testing/builders.ts';
import { type StoredDecision, whyForged } from './intent-check.ts';

const intent = anIntent();
const own = { scope: intent.scope, now: AT };
const stored: StoredDecision = {
  mode: intent.mode,
  scope: intent.scope,
  attemptId: intent.attemptId,
  intentId: intent.intentId,
  leaderId: intent.leaderId,
  groupKey: intent.groupKey,
  tokenId: intent.tokenId,
  conditionId: intent.conditionId,
  side: intent.side,
  decision: 'EXECUTE',
  targetSizeMicros: intent.targetSizeMicros,
  targetNotionalMicros: intent.targetNotionalMicros,
  limitPriceMicros: intent.limitPriceMicros,
  decidedAt: new Date(intent.decidedAt),
};

describe('an intent is acted on', () => {
  test('when its decision is stored and says the same', () => {
    expect(whyForged(intent, stored, own)).toBeNull();
  });

  test.each([
    ['no decision is stored for this intent', undefined],
    ['the stored decision is not to copy', { ...stored, decision: 'SKIP' }],
    ['the stored decision has another decidedAt', { ...stored, decidedAt: new Date(0) }],
    ['the stored decision has another mode', { ...stored, mode: 'PAPER' }],
    ['the stored decision has another scope', { ...stored, scope: 'another' }],
    ['the stored decision has another attemptId', { ...stored, attemptId: 'another' }],
    ['the stored decision has another intentId', { ...stored, intentId: null }],
    ['the stored decision has another leaderId', { ...stored, leaderId: 'another' }],
    ['the stored decision has another groupKey', { ...stored, groupKey: 'another' }],
    ['the stored decision has another tokenId', { ...stored, tokenId: '1' }],
    ['the stored decision has another conditionId', { ...stored, conditionId: 'another' }],
    ['the stored decision has another side', { ...stored, side: 'SELL' }],
    ['the stored decision has another targetSizeMicros', { ...stored, targetSizeMicros: 1n }],
    ['the stored decision has another targetNotionalMicros', { ...stored, targetNotionalMicros: null }],
    ['the stored decision has another limitPriceMicros', { ...stored, limitPriceMicros: 1n }],
  ] as const)('and not when %s', (why, decision) => {
    expect(whyForged(intent, decision, own)).toBe(why);
  });

  const at = (ms: number): string => new Date(AT.getTime() + ms).toISOString();
  test.each([
    ['an intent of the mode PAPER', { mode: 'PAPER' as const }, {}],
    ['an intent of another wallet', {}, { scope: 'another' }],
    ['an intent that would live too long', { decidedAt: at(0), expiresAt: at(600_001) }, {}],
    ['an intent from the future', { decidedAt: at(5_001), expiresAt: at(6_000) }, {}],
  ])('nor when it is %s, whatever is stored', (why, of, ours) => {
    const forged = { ...intent, ...of };
    const decision = { ...stored, mode: forged.mode, decidedAt: new Date(forged.decidedAt) };
    expect(whyForged(forged, decision, { ...own, ...ours })).toBe(why);
  });

  test('as long and as far ahead as it may be', () => {
    const edge = { ...intent, decidedAt: at(5_000), expiresAt: at(605_000) };
    expect(whyForged(edge, { ...stored, decidedAt: new Date(edge.decidedAt) }, own)).toBeNull();
  });
});
