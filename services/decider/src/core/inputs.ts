import type { Level } from '@slipstream/exchange';
import type { PriceMicros, ShareMicros, UsdMicros } from '@slipstream/money';
import type {
  Guardrails,
  LiveExecution,
  LiveOverride,
  LiveTradingState,
  Side,
  Sizing,
  TradingMode,
} from '@slipstream/proto';

/** What a bucket of small trades brought together: scaled already, and perhaps not worth executing. */
type FlushFacts = { readonly scaledMicros: UsdMicros; readonly belowMinExec: boolean };

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
  /** Null unless the group comes out of a buffer. */
  readonly flush: FlushFacts | null;
  /** Sells all that we hold, since the leader's capital stop tripped: no trade of his stands behind it. */
  readonly isExit: boolean;
};

/** The rules for one leader in one mode, without the blacklists, which are answered by `blacklisted`. */
export type ConfigFacts = {
  /** Of the mode's document. */
  readonly version: number;
  /** Of the leader's own; null where he has none. */
  readonly leaderVersion: number | null;
  readonly intentExpiryMs: number;
  readonly guardrails: Omit<Guardrails, 'blacklistedMarkets' | 'blacklistedTokens'>;
  readonly sizing: Sizing;
  /** What a live sale may have otherwise; null in PAPER. */
  readonly sale: Pick<LiveExecution, 'sellMaxWorseningMicros' | 'sellMaxUnderMidMicros'> | null;
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

/** The account that is decided for, and what we have caused that it does not show yet. */
export type AccountFacts = {
  readonly version: bigint;
  readonly cashMicros: UsdMicros;
  /** Held back for our own buys that are not final. */
  readonly reservedCashMicros: UsdMicros;
  /** Every position at its mark, floored. */
  readonly worthMicros: UsdMicros;
  /** Positions without a mark: with one of them, equity is not known. */
  readonly unpricedPositions: number;
  /** Everything ever put in, less everything taken out. */
  readonly depositedMicros: UsdMicros;
  /** Profit (equity less deposits) at the start of the day and of the week, and its highest so far. */
  readonly dayProfitMicros: UsdMicros;
  readonly weekProfitMicros: UsdMicros;
  readonly peakProfitMicros: UsdMicros;
};

/** An exposure as booked and marked, and what our own open buys may still add to it. */
export type Exposure = { readonly bookedMicros: UsdMicros; readonly reservedMicros: UsdMicros };

/** What caps are measured on; the leader's is what we hold from him. */
type ExposureFacts = {
  readonly total: Exposure;
  readonly market: Exposure;
  readonly leader: Exposure;
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
  readonly switches: { readonly copyEngineEnabled: boolean; readonly entriesPaused: boolean } | null;
  readonly leader: { readonly enabled: boolean; readonly entriesPaused: boolean } | null;
  /** Null in PAPER, whose decisions and rows know nothing of LIVE. */
  readonly live: { readonly state: LiveTradingState; readonly override: LiveOverride } | null;
  /** His capital stop has tripped in this account and nobody has cleared it. */
  readonly stopped: boolean;
  /** What the leader's own positions are worth; null is not known. */
  readonly leaderWorthMicros: UsdMicros | null;
  readonly config: ConfigFacts | null;
  readonly blacklisted: boolean;
  readonly market: MarketFacts | null;
  readonly book: BookFacts | null;
  readonly account: AccountFacts | null;
  readonly position: PositionFacts;
  readonly exposure: ExposureFacts;
};
