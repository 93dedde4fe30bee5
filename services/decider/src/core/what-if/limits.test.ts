import { INITIAL_RULES, Rules } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { fieldsChanged, limitsOf, type Seen } from './limits.ts';

const rules = (over: object = {}): Rules => Rules.parse({ ...INITIAL_RULES, ...over });
const seen: Seen = {
  mode: 'PAPER',
  buffered: 0,
  otherThanRecorded: 0,
  groups: 10,
  unreadable: 0,
  ownRules: 0,
  leaderId: null,
};
const said = (other: Rules, over: Partial<Seen> = {}): string =>
  limitsOf(rules(), other, { ...seen, ...over }).join('\n');

describe('the limits of a what-if', () => {
  test('are always those of the recording', () => {
    expect(limitsOf(rules(), rules(), seen)).toHaveLength(5);
    expect(said(rules())).toMatch(/no more depth/);
    expect(said(rules())).toMatch(/latency/);
  });

  test('name the fields that change nothing', () => {
    const other = rules({
      aggregationWindowMs: 0,
      buffering: { ...INITIAL_RULES.buffering, enabled: true },
      guardrails: { ...INITIAL_RULES.guardrails, maxSpreadMicros: '1' },
      live: { ...INITIAL_RULES.live, sellMaxWorseningMicros: '1' },
    });
    const fields = 'aggregationWindowMs, buffering.enabled';
    expect(said(other, { mode: 'LIVE' })).toContain(`no effect here: ${fields}.`);
    expect(said(other)).toContain(`no effect here: ${fields}, live.sellMaxWorseningMicros.`);
  });

  test('say what the recording cannot answer', () => {
    const sizing = { ...INITIAL_RULES.sizing, sizingMode: 'budgetedDynamic', budgetMicros: '1000000000' };
    const other = rules({ sizing });
    expect(said(other)).toMatch(/highest rate/);
    expect(said(other, { buffered: 3 })).toMatch(/3 groups came out of a buffer/);
    expect(said(rules(), { buffered: 3 })).not.toMatch(/buffer,/);
    expect(said(rules(), { ownRules: 2 })).toMatch(/2 leaders have rules of their own/);
    expect(said(rules(), { unreadable: 4 })).toMatch(/4 attempts are left out/);
    expect(said(rules(), { otherThanRecorded: 5 })).toMatch(/5 of 10 groups/);
    expect(said(rules(), { leaderId: 'L1' })).toMatch(/Only this leader/);
  });
});

test('changed fields are named by their path', () => {
  const lists = { guardrails: { ...INITIAL_RULES.guardrails, blacklistedTokens: ['1'] } };
  expect(fieldsChanged(rules(), rules(lists))).toEqual(['guardrails.blacklistedTokens']);
  expect(fieldsChanged(rules(), rules())).toEqual([]);
});
