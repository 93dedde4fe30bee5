import type { GatewayClient } from '@slipstream/stack';

type LeadersPage = { readonly items: readonly { readonly wallets: readonly string[] }[] };

/** Follows each wallet as a leader of its own unless it is followed already. Gives how many are new. */
export async function followAll(gateway: GatewayClient, wallets: readonly string[]): Promise<number> {
  const known = await gateway.get<LeadersPage>('/api/leaders?limit=500');
  const followed = new Set(known.items.flatMap((leader) => leader.wallets));
  const fresh = [...new Set(wallets.map((address) => address.toLowerCase()))].filter(
    (address) => !followed.has(address),
  );
  for (const address of fresh) await gateway.send('POST', '/api/leaders', { wallets: [address] });
  return fresh.length;
}
