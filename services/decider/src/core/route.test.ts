import type { LiveTradingState, Switches, TradingMode } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { liveFor, route } from './route.ts';

const switches = (liveTradingState: LiveTradingState, copyEngineEnabled = true): Switches => ({
  copyEngineEnabled,
  liveTradingState,
  entriesPaused: false,
  livePauseClearedAt: null,
  version: 1,
  changedAt: '2026-11-20T12:00:00.000Z',
  changedBy: 'test',
});
const BOTH = new Map<TradingMode, readonly string[]>([
  ['PAPER', ['EXEC_GLOBAL']],
  ['LIVE', ['wallet']],
]);
const CONFIGURED = new Set<TradingMode>(['PAPER', 'LIVE']);

describe('route', () => {
  test.each([
    ['OFF', ['PAPER']],
    ['SHADOW', ['PAPER', 'LIVE']],
    ['ON', ['PAPER', 'LIVE']],
  ] as const)('with LIVE %s decides %j', (state, modes) => {
    expect(route(switches(state), BOTH, CONFIGURED)).toEqual(modes);
  });
  test('switches that cannot be read are OFF', () => {
    expect(route(null, BOTH, CONFIGURED)).toEqual(['PAPER']);
  });
  test('LIVE needs an account and a configuration of its own', () => {
    expect(route(switches('ON'), new Map([['PAPER', ['EXEC_GLOBAL']]]), CONFIGURED)).toEqual(['PAPER']);
    expect(route(switches('ON'), BOTH, new Set<TradingMode>(['PAPER']))).toEqual(['PAPER']);
  });
  test('a paused engine is still decided, so that the skip is recorded', () => {
    expect(route(switches('OFF', false), BOTH, CONFIGURED)).toEqual(['PAPER']);
  });
});

describe('liveFor', () => {
  test.each([
    ['OFF', 'FORCE_ON', 'OFF'],
    ['SHADOW', 'FORCE_ON', 'SHADOW'],
    ['ON', 'INHERIT', 'ON'],
    ['ON', 'FORCE_OFF', 'OFF'],
    ['SHADOW', 'FORCE_OFF', 'OFF'],
  ] as const)('%s with %s is %s', (state, override, effective) => {
    expect(liveFor(state, override)).toBe(effective);
  });
});
