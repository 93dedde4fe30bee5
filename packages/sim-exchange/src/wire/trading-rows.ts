import { formatMicros } from '@slipstream/money';
import { checksummed } from '../signature.ts';
import type { KeptOrder, KeptTrade, MakerPart } from '../trading/types.ts';
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

/** An order's step as the user channel tells it. Source: polymarket §4.2. */
export const orderEvent = (
  order: KeptOrder,
  kind: 'PLACEMENT' | 'UPDATE' | 'CANCELLATION',
  atMs: number,
) => ({
  event_type: 'order',
  ...orderRow(order),
  created_at: String(seconds(order.createdAtMs)),
  order_owner: order.owner,
  type: kind,
  // Reasons of its own for a cancellation are what not every client knows.
  status: order.status.startsWith('CANCELED') ? 'CANCELED' : order.status,
  timestamp: String(atMs),
});

/** A trade's status as the user channel tells it to one of its sides. */
export const tradeEvent = (venue: Venue, trade: KeptTrade, owner: string, atMs: number) => ({
  event_type: 'trade',
  type: 'TRADE',
  ...tradeRow(trade, owner),
  trade_owner: owner,
  timestamp: String(atMs),
  maker_orders: trade.makers.map((part) => {
    const market = venue.marketOf(part.tokenId);
    return {
      ...makerRow(part),
      outcome_index: market === undefined ? 0 : outcomeIndex(market, part.tokenId),
    };
  }),
});
