import { describe, expect, test } from 'vitest';
import { INITIAL_RULES } from './initial.ts';
import { LeaderRules, Rules } from './rules.ts';

type Section = Exclude<keyof typeof INITIAL_RULES, 'aggregationWindowMs' | 'intentExpiryMs'>;

const withField = (section: Section, fields: object): object => ({
  ...INITIAL_RULES,
  [section]: { ...INITIAL_RULES[section], ...fields },
});

const fieldsOf = (document: unknown): string[] => {
  const parsed = Rules.safeParse(document);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
};

test('the rules of a new installation are sound', () => {
  expect(fieldsOf(INITIAL_RULES)).toEqual([]);
});

/** Each would switch a safety off, or means nothing. */
const BAD: readonly (readonly [Section, object, string])[] = [
  ['guardrails', { maxTotalExposureBps: '10001' }, 'maxTotalExposureBps'],
  ['guardrails', { maxMarketExposureBps: '10001' }, 'maxMarketExposureBps'],
  ['guardrails', { maxLeaderExposureBps: '20000' }, 'maxLeaderExposureBps'],
  ['guardrails', { maxMarketExposureBps: '8000' }, 'maxMarketExposureBps'],
  ['guardrails', { maxLeaderExposureBps: '7001' }, 'maxLeaderExposureBps'],
  ['guardrails', { maxTotalExposureBps: '-1' }, 'maxTotalExposureBps'],
  ['guardrails', { maxDailyLossBps: '10001' }, 'maxDailyLossBps'],
  ['guardrails', { maxDailyLossBps: '900' }, 'maxDailyLossBps'],
  ['guardrails', { maxWeeklyLossBps: '-5' }, 'maxWeeklyLossBps'],
  ['guardrails', { maxDrawdownBps: '10001' }, 'maxDrawdownBps'],
  ['guardrails', { maxCopyAgeMs: 0 }, 'maxCopyAgeMs'],
  ['guardrails', { maxCopyAgeMs: -1 }, 'maxCopyAgeMs'],
  ['guardrails', { maxCopyAgeMs: 3_600_001 }, 'maxCopyAgeMs'],
  ['guardrails', { maxWorseningMicros: '250001' }, 'maxWorseningMicros'],
  ['guardrails', { maxOverMidMicros: '1000000' }, 'maxOverMidMicros'],
  ['guardrails', { maxSpreadMicros: '500001' }, 'maxSpreadMicros'],
  ['guardrails', { maxSpreadMicros: 20_000 }, 'maxSpreadMicros'],
  ['guardrails', { minDepthMultiplierBps: '999' }, 'minDepthMultiplierBps'],
  ['guardrails', { noNewOpensWithinMinutesToClose: -1 }, 'noNewOpensWithinMinutesToClose'],
  ['guardrails', { maxBuyCostPerShareMicros: '1000001' }, 'maxBuyCostPerShareMicros'],
  ['guardrails', { maxBuyCostPerShareMicros: '0' }, 'maxBuyCostPerShareMicros'],
  ['guardrails', { bookFreshnessMs: 0 }, 'bookFreshnessMs'],
  ['guardrails', { bookFreshnessMs: 60_001 }, 'bookFreshnessMs'],
  ['guardrails', { bookWaitMs: -1 }, 'bookWaitMs'],
  ['guardrails', { bookWaitMs: 2_000, maxCopyAgeMs: 1_000 }, 'bookWaitMs'],
  ['guardrails', { blacklistedMarkets: ['not a condition'] }, 'blacklistedMarkets.0'],
  ['guardrails', { blacklistedTokens: ['0x12'] }, 'blacklistedTokens.0'],
  ['sizing', { budgetRMinBps: '101' }, 'budgetRMinBps'],
  ['sizing', { budgetRMaxBps: '10001' }, 'budgetRMaxBps'],
  ['sizing', { sizingMode: 'budgetedDynamic' }, 'budgetMicros'],
  ['sizing', { sizingMode: 'allIn' }, 'sizingMode'],
  ['sizing', { minTradeNotionalMicros: '250000001' }, 'minTradeNotionalMicros'],
  ['sizing', { minTradeNotionalMicros: '-5000000' }, 'minTradeNotionalMicros'],
  ['sizing', { maxTradeBankrollBps: '10001' }, 'maxTradeBankrollBps'],
  ['sizing', { copyPctNotionalBps: '100001' }, 'copyPctNotionalBps'],
  ['sizing', { copyPctNotionalBps: '1.5' }, 'copyPctNotionalBps'],
  ['buffering', { maxBufferMs: 99 }, 'maxBufferMs'],
  ['buffering', { maxBufferMs: 600, quietFlushMs: 601 }, 'quietFlushMs'],
  ['buffering', { quietFlushMs: 49 }, 'quietFlushMs'],
  ['buffering', { quietFlushMs: -600 }, 'quietFlushMs'],
  ['buffering', { minExecNotionalMicros: '500001' }, 'minExecNotionalMicros'],
  ['buffering', { nettingMode: 'all' }, 'nettingMode'],
  ['capitalStop', { trailBps: '0' }, 'trailBps'],
  ['capitalStop', { trailBps: '10001' }, 'trailBps'],
  ['capitalStop', { capitalMicros: '0' }, 'capitalMicros'],
  ['capitalStop', { action: 'hope' }, 'action'],
  ['live', { liveSlippageBpsBuy: '1001' }, 'liveSlippageBpsBuy'],
  ['live', { liveSlippageBpsSell: '-1' }, 'liveSlippageBpsSell'],
  ['live', { orderType: 'GTC' }, 'orderType'],
  ['live', { concurrency: 0 }, 'concurrency'],
  ['live', { cancelOnOff: 'yes' }, 'cancelOnOff'],
  ['paper', { latencyMs: -1 }, 'latencyMs'],
  ['paper', { jitterMs: 60_001 }, 'jitterMs'],
];

describe('rules that would switch a safety off are refused, and the field is named', () => {
  test.each(BAD)('%s %j names %s', (section, fields, field) => {
    expect(fieldsOf(withField(section, fields))).toContain(`${section}.${field}`);
  });

  test.each([
    ['aggregationWindowMs', -1],
    ['aggregationWindowMs', 60_001],
    ['intentExpiryMs', 0],
    ['intentExpiryMs', 600_001],
  ])('%s %d', (field, value) => {
    expect(fieldsOf({ ...INITIAL_RULES, [field]: value })).toEqual([field]);
  });

  test('all of them at once, and a field that does not exist', () => {
    const wrong = { ...withField('sizing', { budgetRMinBps: '101' }), guardrails: {}, nonsense: 1 };
    const fields = fieldsOf(wrong);
    expect(fields).toContain('guardrails.maxCopyAgeMs');
    expect(Rules.safeParse(wrong).error?.message).toContain('nonsense');
  });
});

describe('what a leader has otherwise', () => {
  test('may be one field, within the same limits', () => {
    expect(LeaderRules.safeParse({ guardrails: { maxSpreadMicros: '10000' } }).success).toBe(true);
    expect(LeaderRules.safeParse({}).success).toBe(true);
    const bad = LeaderRules.safeParse({ guardrails: { maxSpreadMicros: '500001' } });
    expect(bad.error?.issues[0]?.path).toEqual(['guardrails', 'maxSpreadMicros']);
  });

  test('has nothing of the account: neither paper execution nor the wallet’s own settings', () => {
    expect(LeaderRules.safeParse({ paper: INITIAL_RULES.paper }).success).toBe(false);
    expect(LeaderRules.safeParse({ live: { concurrency: 2 } }).success).toBe(false);
  });
});
