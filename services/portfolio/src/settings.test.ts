import { INITIAL_RULES, ModeConfig } from '@slipstream/proto';
import { expect, test } from 'vitest';
import { createSettings } from './settings.ts';

const config = ModeConfig.parse({
  rules: INITIAL_RULES,
  mode: 'PAPER',
  leaderId: null,
  version: 1,
  changedAt: '2026-06-01T12:00:00.000Z',
  changedBy: 'test',
});

test('nothing begins before the configuration of PAPER is known, and then once', () => {
  const settings = createSettings();
  let begun = 0;
  settings.whenKnown(() => {
    begun += 1;
  });
  settings.onConfig('mode.LIVE', config);
  expect(begun).toBe(0);
  settings.onConfig('mode.PAPER', config);
  settings.onConfig('mode.PAPER', config);
  expect(begun).toBe(1);
});

test('a configuration that disappears leaves the last one standing', () => {
  const settings = createSettings();
  settings.onConfig('mode.PAPER', config);
  settings.onConfig('mode.PAPER', null);
  expect(settings.current()).toBe(config);
});
