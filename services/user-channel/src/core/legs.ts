import type { VenueFill } from '@slipstream/exchange';
import type { Side } from '@slipstream/proto';
import type { MakerRow, Ours, TradeRow } from './rows.ts';

const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

const isOurs = (
  { owner, wallet }: { readonly owner: string; readonly wallet: string },
  ours: Ours,
): boolean => owner === ours.apiKey || wallet === ours.wallet;

/** A resting order of the same token stood on the other side; one of the opposite outcome on the same. */
const sideOf = (maker: MakerRow, trade: TradeRow): Side =>
  maker.side ?? (maker.tokenId === trade.tokenId ? opposite(trade.side) : trade.side);

/**
 * Our legs of a trade: the taker's whole, or each of our resting orders that it met, with that order's own token,
 * size, price and side. None when the trade is not ours at all; both when we met ourselves.
 *
 * Source: domain rules §7, polymarket §2.3, §4.2.
 */
export function legsOf(trade: TradeRow, ours: Ours): readonly VenueFill[] {
  const { tradeId, conditionId, status, matchedAt, transactionHash } = trade;
  const common = { tradeId, conditionId, status, matchedAt, transactionHash };
  const made = trade.makers
    .filter((maker) => isOurs(maker, ours))
    .map((maker): VenueFill => {
      const { orderId, tokenId, sizeMicros, priceMicros } = maker;
      return {
        ...common,
        orderId,
        tokenId,
        sizeMicros,
        priceMicros,
        side: sideOf(maker, trade),
        liquidity: 'MAKER',
      };
    });
  if (trade.weRested || !isOurs(trade, ours)) return made;
  const { takerOrderId: orderId, tokenId, sizeMicros, priceMicros, side } = trade;
  return [{ ...common, orderId, tokenId, sizeMicros, priceMicros, side, liquidity: 'TAKER' }, ...made];
}
