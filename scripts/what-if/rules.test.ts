import { INITIAL_RULES, LeaderRules, Rules } from '@slipstream/proto';
import { Refusal } from '@slipstream/stack';
import { describe, expect, test } from 'vitest';
import { someInputs } from '../../services/decider/test/builders.ts';
import { type CurrentRules, decidedUnder, otherRules } from './rules.ts';

const LEADER = someInputs().group.leaderId;
const current = (own: object | null = null): CurrentRules => ({
  mode: 'PAPER',
  rules: Rules.parse(INITIAL_RULES),
  owns: new Map(own === null ? [] : [[LEADER, LeaderRules.parse(own)]]),
});

describe('other rules', () => {
  test('take what is given, and the rest from the rules of now', () => {
    const given = { intentExpiryMs: 20_000, sizing: { copyPctNotionalBps: '200' } };
    const { rules } = current();
    expect(otherRules(current(), given)).toEqual({
      ...rules,
      intentExpiryMs: 20_000,
      sizing: { ...rules.sizing, copyPctNotionalBps: 200n },
    });
    expect(otherRules(current(), {})).toEqual(rules);
    expect(otherRules(current(), { ...INITIAL_RULES })).toEqual(rules);
  });

  test('name a leader whose own rules they do not fit', () => {
    const own = { sizing: { minTradeNotionalMicros: '200000000' } };
    const given = { sizing: { maxTradeNotionalMicros: '100000000' } };
    expect(() => otherRules(current(own), given)).toThrow(Refusal);
    expect(() => otherRules(current(own), given)).toThrow(`leaders.${LEADER}.sizing.minTradeNotionalMicros`);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ guardrails: { bookWaitMs: -1 } }, 'guardrails.bookWaitMs'],
    [{ guardrails: null }, 'guardrails'],
    [{ guardrails: { maxSpread: '1' } }, 'guardrails.maxSpread: there is no such field'],
    [{ risk: {} }, 'risk: there is no such field'],
  ])('are refused by field: %j', (given, field) => {
    expect(() => otherRules(current(), given)).toThrow(field);
  });
});

describe('a group under other rules', () => {
  test('has what its leader has of his own, and the blacklists of both', () => {
    const own = { sizing: { copyPctNotionalBps: '50' }, guardrails: { blacklistedTokens: ['111'] } };
    const inputs = someInputs();
    const under = decidedUnder(
      current(own),
      otherRules(current(own), { sizing: { copyPctNotionalBps: '9' } }),
    );
    expect(under(inputs)).toMatchObject({
      blacklisted: true,
      config: { sizing: { copyPctNotionalBps: 50n }, version: inputs.config?.version },
    });
    const other = someInputs({ group: { ...inputs.group, leaderId: 'L2', tokenId: '222' } });
    expect(under(other)).toMatchObject({
      blacklisted: false,
      config: { sizing: { copyPctNotionalBps: 9n } },
    });
  });

  test('that was recorded without rules stays without', () => {
    expect(decidedUnder(current(), current().rules)(someInputs({ config: null })).config).toBeNull();
  });
});
