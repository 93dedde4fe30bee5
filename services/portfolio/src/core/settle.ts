import { mulDiv, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { MarketResolved, TradingMode } from '@slipstream/proto';
import type { Holding, LedgerEntry } from './entry.ts';

/** What a share of a resolved token pays, exactly. */
export type Payout = { readonly numerator: bigint; readonly denominator: bigint };

/** The payout of a token in a resolution; null when the resolution does not name it. */
export function payoutOf(resolution: MarketResolved, tokenId: string): Payout | null {
  const found = resolution.payouts.find((payout) => payout.tokenId === tokenId);
  return found === undefined
    ? null
    : { numerator: BigInt(found.numerator), denominator: BigInt(found.denominator) };
}

/**
 * What shares pay at a resolution: `floor(shares × numerator / denominator)`, towards minus infinity, so that shares
 * that a late sale took back out never leave a micro too much.
 */
export function paidOut(held: ShareMicros, { numerator, denominator }: Payout): UsdMicros {
  if (held >= 0n) return usd(mulDiv(held, numerator, denominator, 'down'));
  return usd(-mulDiv(-held, numerator, denominator, 'up'));
}

/** The entry that ends a holding of a resolved token: its shares go, their payout comes. */
export const settlementOf = (
  account: { readonly mode: TradingMode; readonly scope: string },
  holding: Holding,
  held: { readonly sharesMicros: ShareMicros; readonly episode: number },
  payout: Payout,
  occurredAt: Date,
): LedgerEntry => ({
  ...account,
  refId: `settle:${holding.conditionId}:${holding.tokenId}:${holding.leaderId ?? '-'}:${held.episode}`,
  entryType: 'SETTLEMENT',
  holding,
  side: null,
  shareDeltaMicros: shares(-held.sharesMicros),
  cashDeltaMicros: paidOut(held.sharesMicros, payout),
  feeMicros: usd(0n),
  priceMicros: null,
  attemptId: null,
  orderId: null,
  occurredAt,
});
