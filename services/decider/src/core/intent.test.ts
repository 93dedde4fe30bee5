import { usd } from '@slipstream/money';
import { CopyAttempt, CopyIntent } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { aGroup, NOW, someInputs } from '../../test/builders.ts';
import { decide } from './decide.ts';
import type { Group } from './group.ts';
import type { DecisionInputs } from './inputs.ts';
import { attemptOf } from './intent.ts';

function attempted(inputs: DecisionInputs, group: Group = aGroup(1)) {
  const decision = decide(inputs);
  if (decision.kind === 'wait') throw new Error('these inputs do not wait');
  return attemptOf(group, inputs, decision);
}

describe('attemptOf', () => {
  test('a copy has an intent that expires, and both are messages that can be sent', () => {
    const { attempt, intent } = attempted(someInputs());
    expect(attempt).toMatchObject({
      decision: 'EXECUTE',
      reasons: [],
      configVersion: 3,
      sourceType: 'IMMEDIATE',
    });
    expect(intent).toMatchObject({
      attemptId: attempt.attemptId,
      intentId: attempt.intentId,
      limitPriceMicros: attempt.limitPriceMicros,
      decidedAt: NOW.toISOString(),
      expiresAt: '2026-11-20T12:00:10.000Z',
    });
    expect(() => z.encode(CopyAttempt, attempt)).not.toThrow();
    expect(intent && CopyIntent.safeParse(z.encode(CopyIntent, intent)).success).toBe(true);
  });
  test('a skip has its reasons and no intent; what was not reached is null', () => {
    const { attempt, intent } = attempted(someInputs({ config: null }));
    expect(intent).toBeNull();
    expect(attempt).toMatchObject({
      decision: 'SKIP',
      reasons: ['ENGINE_PAUSED'],
      configVersion: 0,
      intentId: null,
      targetNotionalMicros: null,
      targetSizeMicros: null,
      limitPriceMicros: null,
    });
  });
  test('the same group has the same ids in the same mode, and others in another', () => {
    const ids = ({ attempt }: ReturnType<typeof attempted>) => [attempt.attemptId, attempt.intentId];
    expect(ids(attempted(someInputs()))).toEqual(ids(attempted(someInputs())));
    const live = someInputs({
      mode: 'LIVE',
      live: { state: 'ON', override: 'INHERIT' },
    });
    expect(ids(attempted(live))).not.toEqual(ids(attempted(someInputs())));
  });
  test('a window makes it an aggregation, of one trade even', () => {
    const group = aGroup(1, { dueAt: new Date(NOW.getTime() + 250) });
    expect(attempted(someInputs(), group).attempt.sourceType).toBe('AGGREGATOR');
  });
  test.each(['BUFFER', 'CAPITAL_STOP'] as const)(
    'what comes of a %s says so, whatever its window',
    (source) => {
      const group = aGroup(1, { source, dueAt: new Date(NOW.getTime() + 250) });
      expect(attempted(someInputs(), group).attempt.sourceType).toBe(source);
    },
  );
  test('an exit has no trades behind it', () => {
    const group = aGroup(1, { source: 'CAPITAL_STOP', tradeIds: [] });
    const { attempt } = attempted(someInputs(), group);
    expect(attempt.tradeIds).toEqual([]);
    expect(() => z.encode(CopyAttempt, attempt)).not.toThrow();
  });
  test('a skip has each code once, and the details of them all', () => {
    const { account } = someInputs();
    if (account === null) throw new Error('the builder gives an account');
    const poorer = { ...account, cashMicros: usd(account.cashMicros - 900_000_000n) };
    const { attempt } = attempted(someInputs({ account: poorer, stopped: true }));
    expect(attempt).toMatchObject({
      reasons: ['CIRCUIT_BREAKER_TRIPPED'],
      details: ['DAILY_LOSS', 'WEEKLY_LOSS', 'CAPITAL_STOP'],
      targetNotionalMicros: 10_000_000n,
      limitPriceMicros: 510_000n,
    });
    expect(() => z.encode(CopyAttempt, attempt)).not.toThrow();
  });
});
