import { INITIAL_RULES, LeaderRules, Rules } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { problemsOfMode, problemsOfOwn } from './checked-rules.ts';

const MODE = Rules.parse(INITIAL_RULES);
const own = (rules: object): LeaderRules => LeaderRules.parse(rules);
const fieldsOf = (problems: readonly { readonly field: string }[]): string[] =>
  problems.map(({ field }) => field);

describe('a leader’s own fields', () => {
  test('that fit the mode’s are no problem', () => {
    expect(problemsOfOwn(MODE, own({}))).toEqual([]);
    expect(problemsOfOwn(MODE, own({ guardrails: { maxMarketExposureBps: '7000' } }))).toEqual([]);
  });

  test.each([
    [{ sizing: { minTradeNotionalMicros: '250000001' } }, 'rules.sizing.minTradeNotionalMicros'],
    [{ sizing: { maxTradeNotionalMicros: '4999999' } }, 'rules.sizing.minTradeNotionalMicros'],
    [{ sizing: { budgetRMinBps: '101' } }, 'rules.sizing.budgetRMinBps'],
    [{ sizing: { sizingMode: 'budgetedDynamic' } }, 'rules.sizing.budgetMicros'],
    [{ guardrails: { maxMarketExposureBps: '7001' } }, 'rules.guardrails.maxMarketExposureBps'],
    [{ guardrails: { maxTotalExposureBps: '1999' } }, 'rules.guardrails.maxLeaderExposureBps'],
    [{ guardrails: { maxWeeklyLossBps: '299' } }, 'rules.guardrails.maxDailyLossBps'],
    [{ guardrails: { bookWaitMs: 10_000, maxCopyAgeMs: 9_999 } }, 'rules.guardrails.bookWaitMs'],
    [{ buffering: { maxBufferMs: 599 } }, 'rules.buffering.quietFlushMs'],
    [{ buffering: { minExecNotionalMicros: '500001' } }, 'rules.buffering.minExecNotionalMicros'],
  ])('that contradict what he inherits are named: %j', (rules, field) => {
    expect(fieldsOf(problemsOfOwn(MODE, own(rules)))).toEqual([field]);
  });

  test('are all named at once', () => {
    const rules = own({ sizing: { budgetRMinBps: '101' }, guardrails: { maxDailyLossBps: '801' } });
    expect(fieldsOf(problemsOfOwn(MODE, rules))).toEqual([
      'rules.sizing.budgetRMinBps',
      'rules.guardrails.maxDailyLossBps',
    ]);
  });
});

test('a change of the mode names every leader whom it leaves unfit, and says why', () => {
  const owns = [
    { leaderId: 'ld_1', rules: own({ sizing: { minTradeNotionalMicros: '200000000' } }) },
    { leaderId: 'ld_2', rules: own({ sizing: { copyPctNotionalBps: '200' } }) },
    { leaderId: 'ld_3', rules: own({ guardrails: { maxDailyLossBps: '800' } }) },
  ];
  expect(problemsOfMode(MODE, owns)).toEqual([]);
  const { sizing, guardrails } = INITIAL_RULES;
  const tighter = Rules.parse({
    ...INITIAL_RULES,
    sizing: { ...sizing, maxTradeNotionalMicros: '100000000' },
    guardrails: { ...guardrails, maxWeeklyLossBps: '700' },
  });
  expect(problemsOfMode(tighter, owns)).toEqual([
    { field: 'leaders.ld_1.sizing.minTradeNotionalMicros', detail: 'is more than maxTradeNotionalMicros' },
    { field: 'leaders.ld_3.guardrails.maxDailyLossBps', detail: 'is more than maxWeeklyLossBps' },
  ]);
});
