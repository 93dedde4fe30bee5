import type { PriceMicros, ShareMicros } from '@slipstream/money';
import type { FillStatus, OrderUpdate, Side } from '@slipstream/proto';

/** One resting order's part in a trade, whoever owns it. Addresses and ids in lower case. */
export type MakerRow = {
  readonly orderId: string;
  /** The API key that placed it. Compared, never stored. */
  readonly owner: string;
  readonly wallet: string;
  readonly tokenId: string;
  readonly sizeMicros: ShareMicros;
  readonly priceMicros: PriceMicros;
  /** Null where the exchange leaves it out. */
  readonly side: Side | null;
};

/** A trade as the user channel tells it: size, price and side at the top are the taker's. */
export type TradeRow = {
  readonly tradeId: string;
  readonly takerOrderId: string;
  readonly owner: string;
  readonly wallet: string;
  readonly conditionId: string;
  readonly tokenId: string;
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly priceMicros: PriceMicros;
  readonly status: FillStatus;
  readonly matchedAt: Date;
  /** Empty until it is mined. */
  readonly transactionHash: string;
  /** The exchange says that our order rested in it: then the taker's leg is not ours, whatever its row names. */
  readonly weRested: boolean;
  readonly makers: readonly MakerRow[];
};

/** A step of one of the account's orders as the user channel tells it. */
export type OrderRow = Omit<OrderUpdate, 'scope' | 'source' | 'at'> & { readonly at: Date | null };

/** Whose legs are ours: the API key that placed them, or the wallet whose money moves; both in lower case. */
export type Ours = { readonly apiKey: string; readonly wallet: string };
