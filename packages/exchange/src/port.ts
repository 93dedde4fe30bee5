import type { PriceMicros, ShareMicros } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** Who signs for whom: 0 an EOA, 1 an old proxy wallet, 2 a Safe, 3 a deposit wallet. Source: polymarket §8. */
export type SignatureType = 0 | 1 | 2 | 3;

/** The domain that an order is signed in: 1 is dead in production, 2 today's markets, 3 Protocol V2 markets. */
export type OrderVersion = 1 | 2 | 3;

export type OrderType = 'FAK' | 'FOK' | 'GTC' | 'GTD';

/** An order with its exact amounts, before anybody signed it. */
export type OrderRequest = {
  readonly tokenId: string;
  readonly side: Side;
  /** What we give: dollars for a BUY, shares for a SELL; in micros. */
  readonly makerMicros: bigint;
  /** What we want for it: shares for a BUY, dollars for a SELL; in micros. */
  readonly takerMicros: bigint;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
  /** Seconds since 1970; 0 for none. Not signed from version 2 on. */
  readonly expirationS: number;
  readonly negRisk: boolean;
  readonly version: OrderVersion;
  /** Under 2^53: it travels as a JSON number. The same salt, time and amounts give the same order id. */
  readonly salt: bigint;
  /** Milliseconds since 1970; part of what is signed from version 2 on. */
  readonly timestampMs: number;
};

/** An order that can be sent, again and again with the same effect: the exchange knows it by its id. */
export type SignedOrder = {
  /** The EIP-712 hash of the order, lower case: known before the order is sent. */
  readonly orderId: string;
  /** The order with its signature as the JSON text of the field `order`; it names no API key. */
  readonly order: string;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
};

/** What came back for a sent order, before anybody says what it means. */
export type PlaceReply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      /** At most `REPLY_BYTES_MAX` of it. */
      readonly text: string;
      readonly retryAfterMs: number | null;
    }
  /** The order may have arrived all the same. */
  | { readonly kind: 'no-reply'; readonly cause: 'timeout' | 'connection' | 'too-large' };

export type VenueOrder = {
  readonly orderId: string;
  readonly tokenId: string;
  readonly status: 'LIVE' | 'MATCHED' | 'DELAYED' | 'UNMATCHED' | 'CANCELED' | 'INVALID';
  readonly side: Side;
  readonly originalSizeMicros: ShareMicros;
  readonly sizeMatchedMicros: ShareMicros;
  readonly priceMicros: PriceMicros;
  readonly tradeIds: readonly string[];
};

/** Our part of one trade: the taker's whole, or one of our resting orders in somebody else's. */
export type VenueFill = {
  readonly tradeId: string;
  readonly orderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly priceMicros: PriceMicros;
  readonly liquidity: 'TAKER' | 'MAKER';
  readonly status: 'MATCHED' | 'MINED' | 'CONFIRMED' | 'RETRYING' | 'FAILED';
  readonly matchedAt: Date;
  /** Empty until it is mined. */
  readonly transactionHash: string;
};

export type Asset =
  | { readonly kind: 'collateral' }
  | { readonly kind: 'token'; readonly tokenId: string; readonly version: OrderVersion };

export type Balance = {
  readonly balanceMicros: bigint;
  /** What each contract may move, by its address in lower case. */
  readonly allowances: ReadonlyMap<string, bigint>;
};

export type CancelReply = {
  readonly canceled: readonly string[];
  readonly notCanceled: ReadonlyMap<string, string>;
};

/** A question that the exchange did not answer, or not in a way that can be trusted. */
export class VenueError extends Error {
  override name = 'VenueError';
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    options: { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * What API credentials can do: look, cancel and keep the account's orders alive. They cannot sign an order.
 * Errors: VenueError, in bounded time. Source: polymarket §2.2, §2.3.
 */
export type AccountPort = {
  readonly order: (orderId: string) => Promise<VenueOrder | null>;
  readonly openOrders: () => Promise<readonly VenueOrder[]>;
  /** Our fills, oldest first: all since `since`, or those of one trade. */
  readonly fills: (asked: {
    readonly since?: Date;
    readonly tradeId?: string;
    readonly tokenId?: string;
  }) => Promise<readonly VenueFill[]>;
  readonly balance: (asset: Asset) => Promise<Balance>;
  /** Makes the exchange read the chain again. */
  readonly refreshBalance: (asset: Asset) => Promise<void>;
  readonly cancel: (orderIds: readonly string[]) => Promise<CancelReply>;
  readonly cancelAll: () => Promise<CancelReply>;
  /** `previous` null for the first; gives the id that the next one must name. */
  readonly heartbeat: (previous: string | null) => Promise<string>;
  /** Whether the account may only close positions. */
  readonly closedOnly: () => Promise<boolean>;
};

/** Everything that live execution asks of the exchange. Source: design §5. */
export type ExchangePort = AccountPort & {
  /** What `GET /version` said when the adapter was chosen. */
  readonly venueVersion: 1 | 2;
  readonly serverTime: () => Promise<Date>;
  /** The id that the order would have; signs nothing. Errors: RangeError for a version that the venue does not take. */
  readonly orderIdOf: (order: OrderRequest) => string;
  readonly sign: (order: OrderRequest) => Promise<SignedOrder>;
  /** Sends once and never repeats by itself. Never throws: not knowing is an answer. */
  readonly place: (order: SignedOrder) => Promise<PlaceReply>;
  readonly close: () => Promise<void>;
};
