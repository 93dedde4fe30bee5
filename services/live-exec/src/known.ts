import { createMarketView, type MarketView } from '@slipstream/exchange';
import {
  type AccountState,
  type ConfigDocument,
  createRulebook,
  type EffectiveRules,
  type FeedSession,
  type Leader,
  type LiveTradingState,
  type Switches,
} from '@slipstream/proto';

const SWITCHES_KEY = 'global';
/** How far ahead of ours the clock of who reads the account may be: a state from further ahead would never grow old. */
const AHEAD_MAX_MS = 60_000;

/** What has been heard of the world by now. Nothing stands in for what has not. */
export type Known = ReturnType<typeof createKnown>;

/**
 * Keeps books, markets, the account, switches and rules in memory, so that an order is planned without waiting.
 * `onState` hears when live trading goes from one state to another; a reader that has no switches takes OFF.
 */
export function createKnown(
  scope: string,
  now: () => Date,
  onState: (state: LiveTradingState, before: LiveTradingState) => void,
  onLeader: (leader: Leader) => void,
) {
  const market: MarketView = createMarketView(() => undefined);
  const rulebook = createRulebook();
  const channel = `user.${scope}`;
  let switches: Switches | null = null;
  let account: AccountState | null = null;
  let session: FeedSession | undefined;
  const state = (): LiveTradingState => switches?.liveTradingState ?? 'OFF';
  return {
    market,
    onSession: (key: string, value: FeedSession | null): void => {
      if (key === channel) session = value ?? undefined;
      else market.onSession(key, value);
    },
    onConfig: (key: string, value: ConfigDocument | null): void => rulebook.take(key, value),
    onSwitches: (key: string, value: Switches | null): void => {
      if (key !== SWITCHES_KEY) return;
      const before = state();
      switches = value;
      if (state() !== before) onState(state(), before);
    },
    onLeader: (_key: string, value: Leader | null): void => {
      if (value !== null) onLeader(value);
    },
    onAccount: (heard: AccountState): void => {
      if (heard.scope !== scope || Date.parse(heard.asOf) > now().getTime() + AHEAD_MAX_MS) return;
      if (account === null || heard.asOf >= account.asOf) account = heard;
    },
    state,
    account: (): AccountState | null => account,
    session: (): FeedSession | undefined => session,
    rules: (leaderId: string): EffectiveRules | null => rulebook.of('LIVE', leaderId),
    /** The rules of the mode, for what concerns no leader. */
    modeRules: () => rulebook.modes.get('LIVE')?.rules ?? null,
  };
}
