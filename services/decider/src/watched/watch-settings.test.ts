import { PAPER_SCOPE } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aLeaderConfig, aModeConfig, CONDITION, CONFIG, LEADER, NOW, TOKEN } from '../../test/builders.ts';
import { watched } from '../../test/watched.ts';

const changed = { version: 1, changedAt: NOW.toISOString(), changedBy: 'test' };
const switches = { copyEngineEnabled: true, entriesPaused: false, liveTradingState: 'OFF', ...changed };

describe('watchSettings', () => {
  test('nothing is known before it was said, and nothing stands in for it', async () => {
    const { settings } = await watched();
    expect([settings.switches(), settings.rules('PAPER', LEADER), settings.leader(LEADER)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(settings.isKnown()).toBe(false);
  });

  test('is known with the switches and PAPER’s configuration', async () => {
    const { settings, say } = await watched();
    say('switches', 'global', switches);
    expect(settings.isKnown()).toBe(false);
    say('config', 'leader.PAPER.L1', aLeaderConfig());
    say('config', 'mode.LIVE', aModeConfig('LIVE'));
    expect(settings.isKnown()).toBe(false);
    say('config', 'mode.PAPER', aModeConfig());
    await settings.known;
    expect(settings.isKnown()).toBe(true);
    expect(settings.rules('PAPER', 'other')).toMatchObject({ facts: CONFIG, aggregationWindowMs: 250 });
    expect([...settings.configured()].sort()).toEqual(['LIVE', 'PAPER']);
  });

  test('says when rules have changed, so that what waits by the old ones is looked at', async () => {
    const { settings, say } = await watched();
    let heard = 0;
    settings.onRules(() => {
      heard += 1;
    });
    say('config', 'mode.PAPER', aModeConfig());
    say('switches', 'global', switches);
    say('config', 'leader.PAPER.L1', aLeaderConfig());
    expect(heard).toBe(2);
  });

  test('what is taken away is not known any more', async () => {
    const { settings, say } = await watched();
    say('switches', 'global', switches);
    say('switches', 'other', null);
    say('config', 'mode.PAPER', aModeConfig());
    say('leaders', LEADER, { leaderId: LEADER });
    expect(settings.leader(LEADER)).not.toBeNull();
    expect(settings.rules('PAPER', LEADER)).not.toBeNull();
    say('leaders', LEADER, null);
    say('config', 'mode.PAPER', null);
    say('switches', 'global', null);
    expect([settings.switches(), settings.rules('PAPER', LEADER), settings.leader(LEADER)]).toEqual([
      null,
      null,
      null,
    ]);
    expect([...settings.configured()]).toEqual([]);
    expect(settings.isKnown()).toBe(false);
  });

  test('answers blacklists by market and by token', async () => {
    const { settings, say } = await watched();
    const { guardrails } = aModeConfig().rules;
    const lists = { blacklistedMarkets: [CONDITION], blacklistedTokens: ['7'] };
    say('config', 'mode.PAPER', {
      ...aModeConfig(),
      rules: { ...aModeConfig().rules, guardrails: { ...guardrails, ...lists } },
    });
    const paper = settings.rules('PAPER', LEADER);
    expect(paper?.blacklists(CONDITION, TOKEN)).toBe(true);
    expect(paper?.blacklists('0x', '7')).toBe(true);
    expect(paper?.blacklists('0x', TOKEN)).toBe(false);
  });

  test('says aloud that LIVE is wanted and cannot run, and is silent once it can', async () => {
    const { say, lines } = await watched();
    say('switches', 'global', { ...switches, liveTradingState: 'SHADOW' });
    expect(lines.join()).toContain('live.not-routed');
    lines.length = 0;
    say('config', 'mode.LIVE', aModeConfig('LIVE'));
    expect(lines).toEqual([]);
    const paperOnly = await watched(new Map([['PAPER', [PAPER_SCOPE]]]));
    paperOnly.say('config', 'mode.LIVE', aModeConfig('LIVE'));
    paperOnly.say('switches', 'global', { ...switches, liveTradingState: 'ON' });
    expect(paperOnly.lines.join()).toContain('live.not-routed');
  });

  test('stops every watch', async () => {
    const { settings, stopped } = await watched();
    await settings.stop();
    expect([...stopped].sort()).toEqual(['config', 'leaders', 'switches']);
  });
});
