import type { ShareMicros } from '@slipstream/money';
import type { AccountState } from '@slipstream/proto';

export type Held = AccountState['positions'][number];

/** A token's balance as the order book counts it, which is sooner right than the list of positions. */
export type TokenBalance = {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly sizeMicros: ShareMicros;
};

/**
 * What the wallet holds: the listed positions, where the order book's own balances of tokens traded lately take the
 * place of what the list says, or does not say yet. Nothing is left of what is empty.
 */
export function holdingsOf(listed: readonly Held[], balances: readonly TokenBalance[]): readonly Held[] {
  const held = new Map<string, Held>(listed.map((row) => [row.tokenId, row]));
  for (const balance of balances) held.set(balance.tokenId, balance);
  return [...held.values()]
    .filter(({ sizeMicros }) => sizeMicros > 0n)
    .sort((a, b) => (a.tokenId < b.tokenId ? -1 : 1));
}
