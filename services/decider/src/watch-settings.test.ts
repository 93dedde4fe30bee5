import type { Bus } from '@slipstream/bus';
import { PAPER_SCOPE } from '@slipstream/proto';
import { createLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import { aModeConfig, CONDITION, CONFIG, NOW, TOKEN } from '../test/builders.ts';
import { watchSettings } from './watch-settings.ts';

const changed = { version: 1, changedAt: NOW.toISOString(), changedBy: 'test' };
const switches = { copyEngineEnabled: true, liveTradingState: 'OFF', ...changed };

async function watched() {
  const lines: string[] = [];
  const heard: Record<string, (key: string, value: unknown) => void> = {};
  const bus = {
    bucket: async ({ name }: { name: string }) => ({
      watch: async (onValue: (key: string, value: unknown) => void) => {
        heard[name] = onValue;
        return { stop: async () => undefined };
      },
    }),
  } as unknown as Bus;
  const log = createLogger({ service: 'test', write: (line) => lines.push(line) });
  return { settings: await watchSettings(bus, log, new Map([['PAPER', PAPER_SCOPE]])), heard, lines };
}

describe('watchSettings', () => {
  test('nothing is known before it was said, and nothing stands in for it', async () => {
    const { settings } = await watched();
    expect([settings.switches(), settings.mode('PAPER'), settings.leader('L1'), settings.isKnown()]).toEqual([
      null,
      null,
      null,
      false,
    ]);
  });

  test('is known with the switches and PAPER’s configuration', async () => {
    const { settings, heard } = await watched();
    heard['switches']?.('global', switches);
    expect(settings.isKnown()).toBe(false);
    heard['config']?.('mode.PAPER', aModeConfig());
    await settings.known;
    expect(settings.isKnown()).toBe(true);
    expect(settings.mode('PAPER')).toMatchObject({ facts: CONFIG, aggregationWindowMs: 250 });
    expect([...settings.configured()]).toEqual(['PAPER']);
  });

  test('what is taken away is not known any more', async () => {
    const { settings, heard } = await watched();
    heard['switches']?.('global', switches);
    heard['switches']?.('other', null);
    heard['config']?.('mode.PAPER', aModeConfig());
    heard['leaders']?.('L1', { leaderId: 'L1' });
    expect(settings.leader('L1')).not.toBeNull();
    heard['leaders']?.('L1', null);
    heard['config']?.('mode.PAPER', null);
    heard['switches']?.('global', null);
    expect([settings.switches(), settings.mode('PAPER'), settings.leader('L1')]).toEqual([null, null, null]);
  });

  test('answers blacklists by market and by token', async () => {
    const { settings, heard } = await watched();
    const { guardrails } = aModeConfig();
    heard['config']?.(
      'mode.PAPER',
      aModeConfig({
        guardrails: { ...guardrails, blacklistedMarkets: [CONDITION], blacklistedTokens: ['7'] },
      }),
    );
    const paper = settings.mode('PAPER');
    expect([
      paper?.blacklists(CONDITION, TOKEN),
      paper?.blacklists('0x', '7'),
      paper?.blacklists('0x', TOKEN),
    ]).toEqual([true, true, false]);
  });

  test('says aloud that LIVE is wanted and cannot run', async () => {
    const { heard, lines } = await watched();
    heard['switches']?.('global', { ...switches, liveTradingState: 'SHADOW' });
    expect(lines.join()).toContain('live.not-routed');
  });
});
