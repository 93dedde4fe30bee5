import type { LeaderRules, Rules } from './rules.ts';

const union = <T>(ours: readonly T[], theirs: readonly T[] | undefined): T[] => [
  ...new Set([...ours, ...(theirs ?? [])]),
];

/** A section with the fields of its own in place of the mode's; an absent field inherits. */
function section<T extends object>(
  of: T,
  own: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  if (own === undefined) return of;
  const stated = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...of, ...Object.fromEntries(stated) };
}

/**
 * The rules for one leader: field by field his own where he has one, else the mode's. Blacklists add up, so that a
 * leader can never be allowed what is forbidden to all.
 */
export function inherit(rules: Rules, own: LeaderRules | null): Rules {
  if (own === null) return rules;
  const { blacklistedMarkets, blacklistedTokens } = rules.guardrails;
  return {
    aggregationWindowMs: own.aggregationWindowMs ?? rules.aggregationWindowMs,
    intentExpiryMs: own.intentExpiryMs ?? rules.intentExpiryMs,
    guardrails: {
      ...section(rules.guardrails, own.guardrails),
      blacklistedMarkets: union(blacklistedMarkets, own.guardrails?.blacklistedMarkets),
      blacklistedTokens: union(blacklistedTokens, own.guardrails?.blacklistedTokens),
    },
    sizing: section(rules.sizing, own.sizing),
    buffering: section(rules.buffering, own.buffering),
    capitalStop: section(rules.capitalStop, own.capitalStop),
    live: section(rules.live, own.live),
    paper: rules.paper,
  };
}
