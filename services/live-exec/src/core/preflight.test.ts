import { describe, expect, test } from 'vitest';
import { AT } from '../testing/builders.ts';
import { type PreflightInputs, preflight } from './preflight.ts';

const before = (ms: number): Date => new Date(AT.getTime() - ms);
const session = (aliveMsAgo: number, open = true) => ({
  sessionId: 'user.EXEC_GLOBAL',
  aliveAt: before(aliveMsAgo).toISOString(),
  open,
});

/** Everything as it must be for an order to go out. */
const well: PreflightInputs = {
  now: AT,
  expiresAt: new Date(AT.getTime() + 1),
  liveTradingState: 'ON',
  override: 'INHERIT',
  pause: null,
  canSign: true,
  venueKnown: true,
  geoblocked: false,
  accountAsOf: before(120_000),
  requireUserChannel: true,
  session: session(30_000),
};

describe('preflight', () => {
  test('has nothing against an order when everything is known and well', () => {
    expect(preflight(well)).toBeNull();
    expect(preflight({ ...well, override: 'FORCE_ON' })).toBeNull();
    expect(preflight({ ...well, requireUserChannel: false, session: undefined })).toBeNull();
  });

  test.each([
    ['LIVE_MODE_OFF', { liveTradingState: 'OFF' }],
    ['LIVE_MODE_OFF', { liveTradingState: 'OFF', override: 'FORCE_ON' }],
    ['LIVE_USER_DISABLED', { override: 'FORCE_OFF' }],
    ['VENUE_VERSION_UNKNOWN', { venueKnown: false }],
    ['GEOBLOCKED', { geoblocked: true }],
    ['LIVE_AUTH_MISSING', { canSign: false }],
    ['LIVE_ACCOUNT_STATE_UNHEALTHY', { accountAsOf: null }],
    ['LIVE_ACCOUNT_STATE_UNHEALTHY', { accountAsOf: before(120_001) }],
    ['LIVE_WS_NOT_CONNECTED', { session: undefined }],
    ['LIVE_WS_NOT_CONNECTED', { session: session(0, false) }],
    ['LIVE_WS_NOT_CONNECTED', { session: session(30_001) }],
    ['LIVE_SUBMISSIONS_PAUSED', { pause: 'UNRESOLVED_ORDER' }],
    ['INTENT_EXPIRED', { expiresAt: AT }],
  ] as const)('refuses with %s: %j', (reason, over) => {
    expect(preflight({ ...well, ...over })?.reason).toBe(reason);
  });

  test('asks in shadow only for what planning needs', () => {
    const shadow: PreflightInputs = {
      ...well,
      liveTradingState: 'SHADOW',
      canSign: false,
      geoblocked: true,
      session: undefined,
      pause: 'UNRESOLVED_ORDER',
    };
    expect(preflight(shadow)).toBeNull();
    expect(preflight({ ...shadow, accountAsOf: null })?.reason).toBe('LIVE_ACCOUNT_STATE_UNHEALTHY');
    expect(preflight({ ...shadow, override: 'FORCE_OFF' })?.reason).toBe('LIVE_USER_DISABLED');
  });
});
