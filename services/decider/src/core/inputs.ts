import type { Level } from '@slipstream/exchange';
import type { PriceMicros, ShareMicros, UsdMicros } from '@slipstream/money';
import type {
  Guardrails,
  LiveOverride,
  LiveTradingState,
  Side,
  Sizing,
  TradingMode,
} from '@slipstream/proto';

/** The group as a decision sees it. */
export type GroupFacts = {
  readonly groupKey: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  /** Volume-weighted, floored. */
  readonly priceMicros: PriceMicros;
  readonly occurredAt: string;
  readonly leaderHeldMicros: ShareMicros;
};

/** One mode's configuration without its blacklists, which are answered by `blacklisted`. */
export type ConfigFacts = {
  readonly version: number;
  readonly intentExpiryMs: number;
  readonly guardrails: Omit<Guardrails, 'blacklistedMarkets' | 'blacklistedTokens'>;
  readonly sizing: Sizing;
};

/** What the exchange says of the market, as far as a decision needs it. */
export type MarketFacts = {
  readonly version: string;
  /** Null: the exchange names no end. */
  readonly endsAt: string | null;
  readonly closed: boolean;
  readonly feeRateMicros: bigint;
  readonly feeExponent: number;
};

/** Our copy of the book at the instant of the decision. `absent`: the exchange was asked and has none. */
export type BookFacts = {
  readonly state: 'live' | 'absent';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Since when it was last known to be true. */
  readonly ageMs: number;
};

/** The account of the mode, and what we have caused that it does not show yet. */
export type AccountFacts = {
  readonly version: bigint;
  readonly cashMicros: UsdMicros;
  /** Held back for our own buys that are not final. */
  readonly reservedCashMicros: UsdMicros;
  /** Every position at its mark, floored. */
  readonly worthMicros: UsdMicros;
  /** Positions without a mark: with one of them, equity is not known. */
  readonly unpricedPositions: number;
};

/** What we hold of the token from this leader. */
type PositionFacts = {
  readonly sharesMicros: ShareMicros;
  /** In our own sales that are not final. */
  readonly reservedMicros: ShareMicros;
};

/**
 * Everything that a decision uses, read at one instant. Null says that it is not known; nothing stands in for it.
 * Stored with the attempt, so that `decide` gives the same answer for ever.
 */
export type DecisionInputs = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly now: string;
  /** The wait for market data is over: what is missing now stays missing. */
  readonly waited: boolean;
  readonly group: GroupFacts;
  readonly switches: {
    readonly version: number;
    readonly copyEngineEnabled: boolean;
    readonly liveTradingState: LiveTradingState;
  } | null;
  readonly leader: {
    readonly version: number;
    readonly enabled: boolean;
    readonly liveOverride: LiveOverride;
  } | null;
  readonly config: ConfigFacts | null;
  readonly blacklisted: boolean;
  readonly market: MarketFacts | null;
  readonly book: BookFacts | null;
  readonly account: AccountFacts | null;
  readonly position: PositionFacts;
};
