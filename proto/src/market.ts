import { z } from 'zod';
import {
  ConditionId,
  Id,
  Instant,
  PriceMicrosWire,
  RateMicrosWire,
  ShareMicrosWire,
  Text,
  TokenId,
} from './scalars.ts';

/** Levels kept per side: far more than any copy walks, and a bound on a message. */
export const BOOK_LEVELS_MAX = 100;

const Levels = z.array(z.tuple([PriceMicrosWire, ShareMicrosWire])).max(BOOK_LEVELS_MAX);

/**
 * The order book of one token as last known, best level first on both sides.
 *
 * `absent` says that the exchange was asked and has none, which ends every wait for one.
 */
export const MarketBook = z.strictObject({
  tokenId: TokenId,
  conditionId: ConditionId.nullable(),
  state: z.enum(['live', 'absent']),
  /** `[price, size]` pairs, highest price first. */
  bids: Levels,
  /** `[price, size]` pairs, lowest price first. */
  asks: Levels,
  source: z.enum(['socket', 'rest']),
  /** The socket session that keeps this book true, so that its silence is not its age; null when REST answered. */
  sessionId: Id.nullable(),
  /** The exchange's time of the last change. */
  changedAt: Instant,
  /** When we last knew it to be true, at the moment of publishing. */
  knownAt: Instant,
});
export type MarketBook = z.infer<typeof MarketBook>;

/** What the exchange says of a token's market; everything an order needs besides the book. */
export const MarketMeta = z.strictObject({
  tokenId: TokenId,
  conditionId: ConditionId,
  oppositeTokenId: TokenId.nullable(),
  outcome: Text,
  outcomeIndex: z.int().min(0).max(999),
  question: Text,
  slug: Text,
  tickMicros: PriceMicrosWire,
  minOrderSizeMicros: ShareMicrosWire,
  negRisk: z.boolean(),
  /** Taker fee: `shares × rate × (p × (1 − p))^exponent`; the rate in micros. */
  feeRateMicros: RateMicrosWire,
  feeExponent: z.int().min(0).max(8),
  /** Null: the exchange names no end. */
  endsAt: Instant.nullable(),
  acceptingOrders: z.boolean(),
  closed: z.boolean(),
  /** `v1` trades on the CTF exchanges, `v2` on ExchangeV3. */
  venueVersion: z.enum(['v1', 'v2']),
  fetchedAt: Instant,
  /** Hash of the content: the same content is published once. */
  version: Id,
});
export type MarketMeta = z.infer<typeof MarketMeta>;

/** A condition paid out: each token's share of a dollar as an exact fraction. */
export const MarketResolved = z.strictObject({
  conditionId: ConditionId,
  payouts: z
    .array(
      z.strictObject({
        tokenId: TokenId,
        numerator: z.string().regex(/^\d{1,30}$/),
        denominator: z.string().regex(/^[1-9]\d{0,29}$/),
      }),
    )
    .min(1)
    .max(256),
  resolvedAt: Instant,
  source: z.enum(['gamma', 'data-api', 'socket', 'chain']),
  version: Id,
});
export type MarketResolved = z.infer<typeof MarketResolved>;
