import { createHash } from 'node:crypto';
import { ONE, type PriceMicros } from '@slipstream/money';

export type Side = 'BUY' | 'SELL';

/** A binary market: two outcome tokens whose books mirror each other. */
export type Market = {
  readonly conditionId: string;
  readonly question: string;
  readonly slug: string;
  readonly eventSlug: string;
  readonly outcomes: readonly [string, string];
  readonly tokenIds: readonly [string, string];
  tickMicros: bigint;
  readonly minSizeMicros: bigint;
  readonly negRisk: boolean;
  /** `v2`: its tokens trade on ExchangeV3. Absent: today's kind. */
  readonly version?: 'v1' | 'v2';
  /** Ids that its outcomes will have on ExchangeV3, where they are known already; it does not trade there. */
  readonly positionIds?: readonly [string, string];
  /** Whose fee and rebate rates it has, where those are not the general ones. Source: polymarket §3. */
  readonly category?: 'crypto' | 'sports';
  /** Taker fee: shares × rate × (p(1 − p))^exponent. */
  readonly feeRateMicros: bigint;
  readonly feeExponent: number;
  /** Milliseconds; null where no end is named. */
  readonly endsAtMs: number | null;
  readonly startsAtMs: number;
  /**
   * Proposed: an outcome is claimed, the book is gone and no order is accepted, and nothing is paid yet.
   * Source: polymarket §5.2, §9.
   */
  state: 'open' | 'proposed' | 'resolved';
  /** Payout numerators and their common denominator; set once resolved. */
  payout: {
    readonly numerators: readonly [bigint, bigint];
    readonly denominator: bigint;
    readonly atMs: number;
  } | null;
  lastTrade: { readonly priceMicros: PriceMicros; readonly side: Side; readonly tokenId: string } | null;
};

const TOKEN_BITS = 256n;
/** Bits 40–103 of an id tell clients which exchange a token belongs to; all zero means another protocol. */
const KIND_MASK = ((1n << 64n) - 1n) << 40n;

/** A large, random-looking, deterministic token id that clients take for one of today's CTF tokens. */
export function tokenIdFrom(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex');
  const id = BigInt(`0x${digest}`) % (1n << TOKEN_BITS);
  return ((id & KIND_MASK) === 0n ? id | (1n << 40n) : id).toString();
}

/** The same for a market of the other protocol: the bits that tell clients so are zero. */
export const positionIdFrom = (...parts: readonly string[]): string =>
  (BigInt(tokenIdFrom(...parts)) & ~KIND_MASK).toString();

export const hashFrom = (...parts: readonly string[]): string =>
  `0x${createHash('sha256').update(parts.join('\n')).digest('hex')}`;

export const walletFrom = (...parts: readonly string[]): string => hashFrom('wallet', ...parts).slice(0, 42);

/** What one share of an outcome is worth once its market is resolved, rounded down. Null: not resolved. */
export function payoutMicros(market: Market, index: number): bigint | null {
  if (market.payout === null) return null;
  return ((market.payout.numerators[index] ?? 0n) * ONE) / market.payout.denominator;
}

export const outcomeIndex = (market: Market, tokenId: string): 0 | 1 =>
  market.tokenIds[0] === tokenId ? 0 : 1;
export const outcomeOf = (market: Market, tokenId: string): string =>
  market.outcomes[outcomeIndex(market, tokenId)];
