import { bps, usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { aLeaderConfig, aModeConfig, CONDITION, LEADER, TOKEN } from '../../test/builders.ts';
import { watched } from '../../test/watched.ts';

/** The settings of both modes, and of a leader who has these rules of his own in PAPER. */
async function ruled(own: object) {
  const { settings, say } = await watched();
  say('config', 'mode.PAPER', aModeConfig());
  say('config', 'mode.LIVE', aModeConfig('LIVE'));
  const before = settings.rules('PAPER', LEADER);
  say('config', `leader.PAPER.${LEADER}`, aLeaderConfig(own));
  return { settings, say, before };
}

describe('a leader’s own rules', () => {
  test('take the place of the mode’s field by field; a missing field inherits', async () => {
    const { settings, before } = await ruled({
      aggregationWindowMs: 900,
      guardrails: { maxCopyAgeMs: 5_000 },
      sizing: { copyPctNotionalBps: '33' },
      buffering: { enabled: true, quietFlushMs: 100 },
      capitalStop: { enabled: true },
    });
    const rules = settings.rules('PAPER', LEADER);
    expect(before).not.toBeNull();
    expect(rules).toMatchObject({
      aggregationWindowMs: 900,
      facts: {
        ...before?.facts,
        leaderVersion: 9,
        guardrails: { ...before?.facts.guardrails, maxCopyAgeMs: 5_000 },
        sizing: { ...before?.facts.sizing, copyPctNotionalBps: bps(33n) },
      },
      buffering: { ...before?.buffering, enabled: true, quietFlushMs: 100 },
      capitalStop: { ...before?.capitalStop, enabled: true },
    });
  });

  test.each([
    ['aggregationWindowMs', { aggregationWindowMs: 0 }, { aggregationWindowMs: 0 }],
    ['intentExpiryMs', { intentExpiryMs: 2_000 }, { facts: { intentExpiryMs: 2_000 } }],
    [
      'a guardrail',
      { guardrails: { bookWaitMs: 0 } },
      { facts: { guardrails: { bookWaitMs: 0, bookFreshnessMs: 2_000 } } },
    ],
    [
      'a size',
      { sizing: { maxTradeNotionalMicros: '7000000' } },
      {
        facts: {
          sizing: { maxTradeNotionalMicros: usd(7_000_000n), minTradeNotionalMicros: usd(5_000_000n) },
        },
      },
    ],
    ['a buffer', { buffering: { maxBufferMs: 700 } }, { buffering: { maxBufferMs: 700, quietFlushMs: 600 } }],
    ['a stop', { capitalStop: { action: 'close' } }, { capitalStop: { action: 'close', enabled: false } }],
  ])('may be one alone: %s', async (_, own, expected) => {
    const { settings } = await ruled(own);
    expect(settings.rules('PAPER', LEADER)).toMatchObject(expected);
  });

  test('are his alone, and of that mode alone', async () => {
    const { settings, before } = await ruled({ aggregationWindowMs: 900 });
    expect(settings.rules('PAPER', 'other')?.aggregationWindowMs).toBe(before?.aggregationWindowMs);
    expect(settings.rules('PAPER', 'other')?.facts.leaderVersion).toBeNull();
    expect(settings.rules('LIVE', LEADER)?.aggregationWindowMs).toBe(250);
    expect(settings.rules('LIVE', LEADER)?.facts.leaderVersion).toBeNull();
  });

  test('that are removed leave the mode’s rules', async () => {
    const { settings, say, before } = await ruled({ aggregationWindowMs: 900, sizing: { sellMode: 'rate' } });
    expect(settings.rules('PAPER', LEADER)?.aggregationWindowMs).toBe(900);
    say('config', `leader.PAPER.${LEADER}`, null);
    const after = settings.rules('PAPER', LEADER);
    expect(after?.facts).toEqual(before?.facts);
    expect(after?.aggregationWindowMs).toBe(before?.aggregationWindowMs);
  });

  test('follow the mode’s document where it changes, and are nothing without it', async () => {
    const { settings, say } = await ruled({ aggregationWindowMs: 900 });
    say('config', 'mode.PAPER', { ...aModeConfig('PAPER', { intentExpiryMs: 3_000 }), version: 4 });
    expect(settings.rules('PAPER', LEADER)).toMatchObject({
      aggregationWindowMs: 900,
      facts: { version: 4, leaderVersion: 9, intentExpiryMs: 3_000 },
    });
    say('config', 'mode.PAPER', null);
    expect(settings.rules('PAPER', LEADER)).toBeNull();
  });

  test('add to the blacklists and cannot lift them', async () => {
    const { settings, say } = await ruled({
      guardrails: { blacklistedMarkets: [], blacklistedTokens: ['8'] },
    });
    const { guardrails } = aModeConfig().rules;
    const forbidden = { ...guardrails, blacklistedMarkets: [CONDITION], blacklistedTokens: ['7'] };
    say('config', 'mode.PAPER', {
      ...aModeConfig(),
      rules: { ...aModeConfig().rules, guardrails: forbidden },
    });
    const his = settings.rules('PAPER', LEADER);
    expect([
      his?.blacklists(CONDITION, TOKEN),
      his?.blacklists('0x', '7'),
      his?.blacklists('0x', '8'),
    ]).toEqual([true, true, true]);
    expect(settings.rules('PAPER', 'other')?.blacklists('0x', '8')).toBe(false);
    expect(his?.facts.guardrails).not.toHaveProperty('blacklistedTokens');
  });

  test('a sale may be otherwise in LIVE only', async () => {
    const { settings, say } = await ruled({ live: { sellMaxWorseningMicros: '20000' } });
    say('config', `leader.LIVE.${LEADER}`, {
      ...aLeaderConfig({ live: { sellMaxWorseningMicros: '20000' } }),
      mode: 'LIVE',
    });
    expect(settings.rules('PAPER', LEADER)?.facts.sale).toBeNull();
    expect(settings.rules('LIVE', LEADER)?.facts.sale).toEqual({
      sellMaxWorseningMicros: 20_000n,
      sellMaxUnderMidMicros: null,
    });
  });
});
