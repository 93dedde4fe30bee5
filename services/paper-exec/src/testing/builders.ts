import { newTrace } from '@slipstream/bus';
import { price, shares, usd } from '@slipstream/money';
import {
  type CopyIntent,
  type MarketBook,
  type MarketMeta,
  PAPER_SCOPE,
  paperOrderIdOf,
} from '@slipstream/proto';
import type { PendingOrder } from '../core/order.ts';

export const TOKEN = '7000';
export const CONDITION = `0x${'c'.repeat(64)}`;
export const LEADER = 'leader-1';
export const AT = new Date('2026-06-01T12:00:00.000Z');

const CENT = 10_000n;
const SHARE = 1_000_000n;

/** A level in cents and whole shares. */
export const level = (cents: number, size: number) =>
  [price(BigInt(cents) * CENT), shares(BigInt(size) * SHARE)] as const;

/** Asks 50, 51, 52 ¢ and bids 49, 48 ¢, ten shares each. */
export const aBook = (over: Partial<MarketBook> = {}): MarketBook => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  state: 'live',
  bids: [[...level(49, 10)], [...level(48, 10)]],
  asks: [[...level(50, 10)], [...level(51, 10)], [...level(52, 10)]],
  source: 'socket',
  sessionId: null,
  changedAt: AT.toISOString(),
  knownAt: AT.toISOString(),
  ...over,
});

/** One cent ticks, five shares at least, no fee. */
export const aMeta = (over: Partial<MarketMeta> = {}): MarketMeta => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  oppositeTokenId: null,
  outcome: 'Yes',
  outcomeIndex: 0,
  question: 'Will it?',
  slug: 'will-it',
  tickMicros: price(CENT),
  minOrderSizeMicros: shares(5n * SHARE),
  negRisk: false,
  feeRateMicros: 0n,
  feeExponent: 1,
  endsAt: null,
  acceptingOrders: true,
  closed: false,
  venueVersion: 'v1',
  fetchedAt: AT.toISOString(),
  version: 'v1',
  ...over,
});

/** A BUY of 15 shares for at most $10, up to 51 ¢. */
export function anOrder(over: Partial<PendingOrder> = {}): PendingOrder {
  const intentId = over.intentId ?? 'ci_1';
  return {
    orderId: paperOrderIdOf(intentId),
    intentId,
    attemptId: `ca_of_${intentId}`,
    scope: PAPER_SCOPE,
    leaderId: LEADER,
    tokenId: TOKEN,
    conditionId: CONDITION,
    side: 'BUY',
    limitPriceMicros: price(51n * CENT),
    leaderPriceMicros: price(50n * CENT),
    targetSizeMicros: shares(15n * SHARE),
    targetNotionalMicros: usd(10n * SHARE),
    receivedAt: AT,
    dueAt: AT,
    expiresAt: new Date(AT.getTime() + 10_000),
    trace: newTrace('lt_1'),
    ...over,
  };
}

/** The intent behind `anOrder`. */
export const anIntent = (over: Partial<CopyIntent> = {}): CopyIntent => ({
  intentId: 'ci_1',
  attemptId: 'ca_of_ci_1',
  mode: 'PAPER',
  scope: PAPER_SCOPE,
  leaderId: LEADER,
  groupKey: 'g:lt_1',
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  targetSizeMicros: shares(15n * SHARE),
  targetNotionalMicros: usd(10n * SHARE),
  limitPriceMicros: price(51n * CENT),
  leaderPriceMicros: price(50n * CENT),
  configVersion: 1,
  decidedAt: AT.toISOString(),
  expiresAt: new Date(AT.getTime() + 10_000).toISOString(),
  ...over,
});
