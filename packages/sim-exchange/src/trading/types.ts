import type { Side } from '../venue/market.ts';

export type OrderType = 'GTC' | 'GTD' | 'FAK' | 'FOK';

/** An order whose signature, owner and form are verified. Addresses, ids and hashes are in lower case. */
export type VerifiedOrder = {
  /** The EIP-712 hash. */
  readonly id: string;
  readonly version: 1 | 2 | 3;
  /** The API key that posted it: a UUID. */
  readonly owner: string;
  /** The wallet whose money moves: the funder. */
  readonly maker: string;
  readonly signer: string;
  /** The address of the key that posted it: a deposit wallet's orders name it nowhere. Absent: as `signer`. */
  readonly keyAddress?: string;
  /** 0 EOA, 1 proxy, 2 Safe, 3 deposit wallet; absent where nobody signed it. */
  readonly signatureType?: number;
  readonly tokenId: string;
  readonly side: Side;
  /** BUY: dollars given; SELL: shares given. Micros. */
  readonly makerMicros: bigint;
  /** BUY: shares wanted; SELL: dollars wanted. Micros. */
  readonly takerMicros: bigint;
  /** Seconds; 0 for none. */
  readonly expirationS: number;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
};

/** `matched` is whoever met something at once, even if the rest of it rests; `delayed` and `live` have no amounts yet. */
export type Placement =
  | {
      readonly kind: 'accepted';
      readonly status: 'live' | 'matched' | 'delayed' | 'unmatched';
      /** What the order gave and got by now, in micros; null when nothing was matched. */
      readonly makingMicros: bigint | null;
      readonly takingMicros: bigint | null;
      readonly tradeIds: readonly string[];
    }
  | Refusal;

/** HTTP status and text of polymarket §2.4, long forms of §12. */
export type Refusal = {
  readonly kind: 'refused';
  readonly status: number;
  readonly error: string;
  /** The body's `code` and, in seconds, `retry_after_seconds`; most refusals have neither. */
  readonly code?: string;
  readonly retryAfterS?: number;
  /** In a batch it is said of the whole request, of which then nothing is done. */
  readonly isOfRequest?: boolean;
};

export type RestingStatus =
  | 'LIVE'
  | 'MATCHED'
  | 'DELAYED'
  | 'UNMATCHED'
  | 'CANCELED'
  | 'CANCELED_MARKET_RESOLVED';

/** An order as the exchange keeps it. */
export type KeptOrder = VerifiedOrder & {
  readonly conditionId: string;
  readonly outcome: string;
  readonly priceMicros: bigint;
  /** Shares. */
  readonly originalMicros: bigint;
  readonly status: RestingStatus;
  readonly matchedMicros: bigint;
  readonly tradeIds: readonly string[];
  readonly createdAtMs: number;
  /** Why the exchange cancelled it by itself; absent where its owner did, or where it is not. */
  readonly cancelReason?: CancelReason;
};

/** What the exchange may cancel an order for. Source: polymarket §12 A14. */
export const CANCEL_REASONS = [
  'EXPIRED_ORDER',
  'MARKET_NOT_FOUND',
  'MARKET_RESOLVED',
  'NOT_ENOUGH_BALANCE',
  'ORDER_TIMED_OUT',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

export type TradeStatus =
  | 'MATCHED_NOT_BROADCASTED'
  | 'MATCHED'
  | 'MINED'
  | 'CONFIRMED'
  | 'RETRYING'
  | 'FAILED';

/** One resting order's part in a trade; `orderId` of anonymous liquidity is made up. */
export type MakerPart = {
  readonly orderId: string;
  /** The maker's API key; made up for anonymous liquidity. */
  readonly owner: string;
  readonly maker: string;
  readonly tokenId: string;
  readonly outcome: string;
  readonly side: Side;
  readonly priceMicros: bigint;
  readonly sizeMicros: bigint;
};

/** One match: a taker's order and what it met. */
export type KeptTrade = {
  /** A UUID. */
  readonly id: string;
  readonly takerOrderId: string;
  readonly owner: string;
  readonly maker: string;
  readonly conditionId: string;
  readonly tokenId: string;
  readonly outcome: string;
  readonly side: Side;
  readonly sizeMicros: bigint;
  /** Dollars before fees. */
  readonly notionalMicros: bigint;
  readonly priceMicros: bigint;
  /** Dollars; 0 where the fee is taken out of the shares. */
  readonly feeMicros: bigint;
  /** Shares that a buyer does not get: how orders of version 1 pay. */
  readonly feeSharesMicros: bigint;
  readonly makers: readonly MakerPart[];
  readonly status: TradeStatus;
  readonly matchedAtMs: number;
  readonly updatedAtMs: number;
  readonly bucketIndex: number;
  /** Empty until it is mined. */
  readonly transactionHash: string;
};

/** What a wallet has. Tokens by id; micros. */
export type AccountView = {
  readonly address: string;
  readonly cashMicros: bigint;
  readonly tokens: ReadonlyMap<string, bigint>;
  /** Bound by open orders. */
  readonly reservedCashMicros: bigint;
  readonly reservedTokens: ReadonlyMap<string, bigint>;
  /** Given in trades that are matched and not mined yet; still among `cashMicros` and `tokens`. */
  readonly heldCashMicros: bigint;
  readonly heldTokens: ReadonlyMap<string, bigint>;
};

export type Asset = { readonly kind: 'collateral' } | { readonly kind: 'token'; readonly tokenId: string };

/** What the exchange believes a wallet to have, and what its contracts may move of it. Micros, by address. */
export type AssetView = {
  readonly balanceMicros: bigint;
  readonly allowances: ReadonlyMap<string, bigint>;
};

/** What a wallet is given; amounts are added. */
export type Funding = {
  readonly cashMicros?: bigint;
  readonly tokens?: Readonly<Record<string, bigint>>;
};

export type Approval = {
  /** Contract in lower case, or every contract of the exchange. */
  readonly spender: string | 'all';
  /** What it may move of the collateral; `MAX_ALLOWANCE` never wears off. Null: as it is. */
  readonly collateralMicros: bigint | null;
  /** Whether it may move outcome tokens. Null: as it is. */
  readonly tokens: boolean | null;
};

export type OrderFilter = { readonly id?: string; readonly market?: string; readonly asset?: string };

export type TradeFilter = OrderFilter & {
  /** A wallet on either side, in lower case. */
  readonly address?: string;
  /** Seconds; matched before, and after. */
  readonly before?: number;
  readonly after?: number;
};

/** `wrong` names the id that should have come. */
export type HeartbeatReply = { readonly kind: 'ok' | 'wrong'; readonly heartbeatId: string };

/** What the exchange tells whoever listens: an order's step, or a trade's new status. */
export type TradingEvents = {
  order: [
    {
      readonly order: KeptOrder;
      readonly kind: 'PLACEMENT' | 'UPDATE' | 'CANCELLATION';
      readonly atMs: number;
      /** The words with which an order was killed, before it was ever taken. */
      readonly killedWith?: string;
    },
  ];
  trade: [{ readonly trade: KeptTrade; readonly atMs: number }];
};

export type Canceled = {
  readonly canceled: readonly string[];
  readonly notCanceled: Readonly<Record<string, string>>;
};
