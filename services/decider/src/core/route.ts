import type { LiveOverride, LiveTradingState, Switches, TradingMode } from '@slipstream/proto';

/** One account that is decided for: that of PAPER, or that of one wallet of LIVE. */
export type AccountName = { readonly mode: TradingMode; readonly scope: string };

/** The modes that can be traded, each with the scopes that name its accounts, in the order of deciding. */
export type Scopes = ReadonlyMap<TradingMode, readonly string[]>;

/** The accounts of these modes, in the order of deciding. */
export const accountsIn = (scopes: Scopes, modes: Iterable<TradingMode>): readonly AccountName[] =>
  [...modes].flatMap((mode) => (scopes.get(mode) ?? []).map((scope) => ({ mode, scope })));

/** Tells accounts apart: no wallet's id has a space. */
export const accountKeyOf = ({ mode, scope }: AccountName): string => `${mode} ${scope}`;

/**
 * What live trading means for one leader: the global state, unless he is forced off. FORCE_ON never lifts a global
 * OFF, and never turns SHADOW into ON. Source: product, "The modes".
 */
export const liveFor = (state: LiveTradingState, override: LiveOverride): LiveTradingState =>
  override === 'FORCE_OFF' ? 'OFF' : state;

/**
 * Which modes get an attempt, in a fixed order.
 *
 * PAPER always does, since a paused engine is a recorded skip. LIVE does when its state is not OFF and it has both
 * an account and a configuration; while it is OFF, or the switches cannot be read, no LIVE attempt exists. A leader
 * who is forced off is a recorded skip, so he does not matter here.
 *
 * Source: product, "The modes"; domain rules §4, check 1.
 */
export function route(
  switches: Switches | null,
  scopes: Scopes,
  configured: ReadonlySet<TradingMode>,
): readonly TradingMode[] {
  const live =
    (switches?.liveTradingState ?? 'OFF') !== 'OFF' && scopes.has('LIVE') && configured.has('LIVE');
  return live ? ['PAPER', 'LIVE'] : ['PAPER'];
}
