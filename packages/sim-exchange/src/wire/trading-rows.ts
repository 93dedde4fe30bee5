import { formatMicros } from '@slipstream/money';
import { checksummed } from '../signature.ts';
import { isMarketable } from '../trading/amounts.ts';
import type { KeptOrder, KeptTrade, MakerPart, TradingEvents } from '../trading/types.ts';
import { outcomeIndex } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';

const SECOND_MS = 1_000;
const seconds = (ms: number): number => Math.floor(ms / SECOND_MS);

/** An open order as REST lists it. Source: polymarket §2.3, §12. */
export const orderRow = (order: KeptOrder) => ({
  id: order.id,
  status: order.status,
  owner: order.owner,
  maker_address: checksummed(order.maker),
  market: order.conditionId,
  asset_id: order.tokenId,
  side: order.side,
  original_size: formatMicros(order.originalMicros),
  size_matched: formatMicros(order.matchedMicros),
  price: formatMicros(order.priceMicros),
  outcome: order.outcome,
  expiration: String(order.expirationS),
  order_type: order.orderType,
  associate_trades: order.tradeIds,
  created_at: seconds(order.createdAtMs),
});

const makerRow = (part: MakerPart) => ({
  order_id: part.orderId,
  owner: part.owner,
  maker_address: checksummed(part.maker),
  matched_amount: formatMicros(part.sizeMicros),
  price: formatMicros(part.priceMicros),
  fee_rate_bps: '0',
  asset_id: part.tokenId,
  outcome: part.outcome,
  side: part.side,
});

/** A trade as REST lists it to one of its sides. */
export const tradeRow = (trade: KeptTrade, owner: string) => ({
  id: trade.id,
  taker_order_id: trade.takerOrderId,
  market: trade.conditionId,
  asset_id: trade.tokenId,
  side: trade.side,
  size: formatMicros(trade.sizeMicros),
  fee_rate_bps: '0',
  price: formatMicros(trade.priceMicros),
  status: trade.status,
  match_time: String(seconds(trade.matchedAtMs)),
  match_time_nano: `${trade.matchedAtMs}000000`,
  last_update: String(seconds(trade.updatedAtMs)),
  outcome: trade.outcome,
  bucket_index: trade.bucketIndex,
  owner: trade.owner,
  maker_address: checksummed(trade.maker),
  transaction_hash: trade.transactionHash,
  err_msg: trade.status === 'FAILED' ? 'execution reverted' : '',
  trader_side: trade.owner === owner ? 'TAKER' : 'MAKER',
  maker_orders: trade.makers.map(makerRow),
});

/** How the user channel tells of orders. */
type OrderEventStyle = {
  /** The exchange's own reasons for a cancellation, which not every client knows. */
  readonly reasons: boolean;
  /** What market buys spend, instead of what they want. */
  readonly inDollars: boolean;
};

function statusOf({ status, cancelReason }: KeptOrder, { reasons }: OrderEventStyle): string {
  if (!status.startsWith('CANCELED')) return status;
  return reasons && cancelReason !== undefined ? `CANCELED_${cancelReason}` : 'CANCELED';
}

/** An order's step as the user channel tells it. Source: polymarket §4.2. */
export function orderEvent(
  { order, kind, atMs, killedWith }: TradingEvents['order'][0],
  style: OrderEventStyle,
) {
  const isInDollars = style.inDollars && isMarketable(order) && order.side === 'BUY';
  return {
    event_type: 'order',
    ...orderRow(order),
    original_size: formatMicros(isInDollars ? order.makerMicros : order.originalMicros),
    created_at: String(seconds(order.createdAtMs)),
    order_owner: order.owner,
    type: kind,
    status: statusOf(order, style),
    timestamp: String(atMs),
    // An order that was killed never came to be: what it would have been is empty, as it was seen.
    ...(killedWith === undefined
      ? {}
      : { status: `CANCELED_${killedWith}`, size_matched: '', outcome: '', created_at: '' }),
  };
}

/** A trade's status as the user channel tells it to one of its sides. */
export const tradeEvent = (venue: Venue, trade: KeptTrade, owner: string, atMs: number) => ({
  event_type: 'trade',
  type: 'TRADE',
  ...tradeRow(trade, owner),
  // Recorded so, for either side.
  trade_owner: trade.owner,
  timestamp: String(atMs),
  maker_orders: trade.makers.map((part) => {
    const market = venue.marketOf(part.tokenId);
    return {
      ...makerRow(part),
      outcome_index: market === undefined ? 0 : outcomeIndex(market, part.tokenId),
    };
  }),
});
