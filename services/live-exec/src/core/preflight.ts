import type { FeedSession, LiveOverride, LiveTradingState, ReasonCode } from '@slipstream/proto';

/** How old the account may be that an order is sized by. Source: domain rules §6, 1. */
const ACCOUNT_AGE_MAX_MS = 120_000;
/** A user channel that has not been proved alive for so long is not connected. */
const CHANNEL_AGE_MAX_MS = 30_000;

export type PreflightInputs = {
  readonly now: Date;
  readonly expiresAt: Date;
  readonly liveTradingState: LiveTradingState;
  readonly override: LiveOverride;
  readonly pause: string | null;
  /** What the key holder can do: null when it does not know how to speak to the venue. */
  readonly canSign: boolean;
  readonly venueKnown: boolean;
  readonly geoblocked: boolean;
  readonly accountAsOf: Date | null;
  readonly requireUserChannel: boolean;
  readonly session: FeedSession | undefined;
};

/** What stands against an intent before anything is computed; null when nothing does. */
export type Refusal = { readonly reason: ReasonCode; readonly detail: string | null };

const isConnected = (session: FeedSession | undefined, now: Date): boolean =>
  session?.open === true && now.getTime() - Date.parse(session.aliveAt) <= CHANNEL_AGE_MAX_MS;

/**
 * The checks before an order is planned, in their order. In SHADOW nothing is signed or sent, so what only sending
 * needs is not asked for. Errors: none. Source: domain rules §6, 1.
 */
export function preflight(inputs: PreflightInputs): Refusal | null {
  const { now, liveTradingState, accountAsOf } = inputs;
  const sends = liveTradingState === 'ON';
  const checks: readonly (readonly [boolean, ReasonCode, string | null])[] = [
    [liveTradingState === 'OFF', 'LIVE_MODE_OFF', null],
    [inputs.override === 'FORCE_OFF', 'LIVE_USER_DISABLED', null],
    [!inputs.venueKnown, 'VENUE_VERSION_UNKNOWN', null],
    [sends && inputs.geoblocked, 'GEOBLOCKED', null],
    [sends && !inputs.canSign, 'LIVE_AUTH_MISSING', null],
    [
      accountAsOf === null || now.getTime() - accountAsOf.getTime() > ACCOUNT_AGE_MAX_MS,
      'LIVE_ACCOUNT_STATE_UNHEALTHY',
      null,
    ],
    [sends && inputs.requireUserChannel && !isConnected(inputs.session, now), 'LIVE_WS_NOT_CONNECTED', null],
    [sends && inputs.pause !== null, 'LIVE_SUBMISSIONS_PAUSED', inputs.pause],
    [now >= inputs.expiresAt, 'INTENT_EXPIRED', null],
  ];
  const found = checks.find(([stands]) => stands);
  return found === undefined ? null : { reason: found[1], detail: found[2] };
}
