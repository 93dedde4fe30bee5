import type { Rules, TradingMode } from '@slipstream/proto';
import type { ConfigFacts } from './inputs.ts';

/** What a decision reads of the rules for one leader. */
export type RulesFacts = {
  readonly facts: ConfigFacts;
  /** Whether the market or the token is on the blacklist. */
  readonly blacklists: (conditionId: string, tokenId: string) => boolean;
};

/** The rules of one leader in one mode as a decision reads them; the versions say which documents they are from. */
export function factsOf(
  mode: TradingMode,
  rules: Rules,
  versions: Pick<ConfigFacts, 'version' | 'leaderVersion'>,
): RulesFacts {
  const { blacklistedMarkets, blacklistedTokens, ...guardrails } = rules.guardrails;
  const markets = new Set(blacklistedMarkets);
  const tokens = new Set(blacklistedTokens);
  const { intentExpiryMs, sizing, live } = rules;
  const { sellMaxWorseningMicros, sellMaxUnderMidMicros } = live;
  const sale = mode === 'LIVE' ? { sellMaxWorseningMicros, sellMaxUnderMidMicros } : null;
  const { version, leaderVersion } = versions;
  return {
    facts: { version, leaderVersion, intentExpiryMs, guardrails, sizing, sale },
    blacklists: (conditionId, tokenId) => markets.has(conditionId) || tokens.has(tokenId),
  };
}
