import { formatMicros, mulDiv, ONE } from '@slipstream/money';
import { hashFrom, type Market, outcomeIndex, outcomeOf, payoutMicros } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import type { Accounts } from './accounts.ts';

/**
 * Pays out what a wallet has of a resolved market and does not owe to a trade on its way; the losing side for nothing.
 * False: nothing to pay out. Source: polymarket §9.
 */
export function redeem(
  {
    venue,
    accounts,
    nowMs,
  }: { readonly venue: Venue; readonly accounts: Accounts; readonly nowMs: () => number },
  address: string,
  market: Market,
): boolean {
  const atMs = nowMs();
  let any = false;
  for (const tokenId of market.tokenIds) {
    const share = payoutMicros(market, outcomeIndex(market, tokenId));
    if (share === null) return false;
    const worth = (size: bigint): bigint => mulDiv(size, share, ONE, 'down');
    const sizeMicros = accounts.burn(address, tokenId, worth);
    if (sizeMicros === 0n) continue;
    any = true;
    venue.act({
      type: 'REDEEM',
      wallet: address,
      conditionId: market.conditionId,
      tokenId,
      side: '',
      price: '0',
      size: formatMicros(sizeMicros),
      usdcSize: formatMicros(worth(sizeMicros)),
      outcome: outcomeOf(market, tokenId),
      outcomeIndex: outcomeIndex(market, tokenId),
      title: market.question,
      slug: market.slug,
      eventSlug: market.eventSlug,
      transactionHash: hashFrom('redeem', address, market.conditionId, String(atMs)),
      atMs,
      isTaker: true,
    });
  }
  return any;
}
