import { getContractConfig } from '@polymarket/clob-client-v2';
import type { Spender } from '../core/diagnosis.ts';

/** Contracts that must be allowed to move a wallet's dollars and tokens, with addresses in lower case. */
export type Spenders = {
  readonly dollars: readonly Spender[];
  readonly tokens: readonly Spender[];
  /** Tokens of Protocol V2 markets; none on a venue of version 1. */
  readonly tokensV3: readonly Spender[];
};

const named = (name: string, address: string): Spender => ({ name, address: address.toLowerCase() });

/**
 * Who settles orders on a venue, by the official client's list. The adapter of neg-risk markets is asked for by the
 * exchange in spite of its retirement. Source: polymarket §1.4, §12 A2.
 */
export function spendersOf(venueVersion: 1 | 2, chainId: number): Spenders {
  const contracts = getContractConfig(chainId);
  const adapter = named('NegRiskAdapter', contracts.negRiskAdapter);
  if (venueVersion === 1) {
    const all = [
      named('CTF Exchange', contracts.exchange),
      named('Neg Risk Exchange', contracts.negRiskExchange),
      adapter,
    ];
    return { dollars: all, tokens: all, tokensV3: [] };
  }
  const tokens = [
    named('CTF Exchange V2', contracts.exchangeV2),
    named('Neg Risk Exchange V2', contracts.negRiskExchangeV2),
    adapter,
  ];
  // Most markets are of the protocol before it, and can be traded without.
  const third = { ...named('Exchange V3', contracts.exchangeV3), onlyFor: 'markets of Protocol V2' };
  return { dollars: [...tokens, third], tokens, tokensV3: [third] };
}
