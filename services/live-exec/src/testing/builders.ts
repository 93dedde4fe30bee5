import { newTrace } from '@slipstream/bus';
import { price, shares, usd } from '@slipstream/money';
import {
  attemptIdOf,
  type CopyIntent,
  INITIAL_RULES,
  intentIdOf,
  LIVE_SCOPE,
  LiveExecution,
  liveOrderKeyOf,
  type MarketBook,
  type MarketMeta,
} from '@slipstream/proto';
import type { HardLimits } from '../core/limits.ts';
import type { LiveOrder } from '../core/order.ts';
import type { PlanInputs } from '../core/plan-order.ts';

const TOKEN = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
const CONDITION = `0x${'c'.repeat(64)}`;
export const LEADER = 'leader-1';
export const AT = new Date('2026-06-01T12:00:00.000Z');

const CENT = 10_000n;
const SHARE = 1_000_000n;

/** A level in cents and whole shares. */
export const level = (cents: number, size: number) =>
  [price(BigInt(cents) * CENT), shares(BigInt(size) * SHARE)] as const;

/** Asks 50, 51, 52 ¢ and bids 49, 48 ¢, a hundred shares each. */
export const aBook = (over: Partial<MarketBook> = {}): MarketBook => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  state: 'live',
  bids: [[...level(49, 100)], [...level(48, 100)]],
  asks: [[...level(50, 100)], [...level(51, 100)], [...level(52, 100)]],
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

const attemptId = attemptIdOf('LIVE', LIVE_SCOPE, LEADER, 'g:lt_1');

/** To buy twenty shares for at most 53 ¢ each, decided just now. */
export const anIntent = (over: Partial<CopyIntent> = {}): CopyIntent => ({
  intentId: intentIdOf(attemptId),
  attemptId,
  mode: 'LIVE',
  scope: LIVE_SCOPE,
  leaderId: LEADER,
  groupKey: 'g:lt_1',
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  targetSizeMicros: shares(20n * SHARE),
  targetNotionalMicros: usd(10_600_000n),
  limitPriceMicros: price(530_000n),
  leaderPriceMicros: price(500_000n),
  configVersion: 1,
  decidedAt: AT.toISOString(),
  expiresAt: new Date(AT.getTime() + 10_000).toISOString(),
  ...over,
});

export const rules = (over: Partial<LiveExecution> = {}): LiveExecution => ({
  ...LiveExecution.parse(INITIAL_RULES.live),
  ...over,
});

/** Generous enough not to matter. */
export const limits = (over: Partial<HardLimits> = {}): HardLimits => ({
  orderMicros: usd(1_000_000_000n),
  dayMicros: usd(10_000_000_000n),
  openOrders: 100,
  priceMinMicros: price(10_000n),
  priceMaxMicros: price(990_000n),
  ...over,
});

/** A thousand dollars, a thousand shares, no orders yet. */
export const planInputs = (over: Partial<PlanInputs> = {}): PlanInputs => ({
  intent: anIntent(),
  book: aBook(),
  market: aMeta(),
  rules: rules(),
  funds: { cashMicros: 1_000n * SHARE, sharesMicros: 1_000n * SHARE },
  usage: { dayMicros: 0n, openOrders: 0 },
  limits: limits(),
  ...over,
});

/** A BUY of twenty shares at 50 ¢ on its way to the exchange. */
export const anOrder = (over: Partial<LiveOrder> = {}): LiveOrder => {
  const intent = anIntent();
  return {
    idempotencyKey: liveOrderKeyOf({ state: 'ON', ...intent }),
    orderId: `0x${'9'.repeat(64)}`,
    scope: intent.scope,
    state: 'ON',
    intentId: intent.intentId,
    attemptId: intent.attemptId,
    leaderId: intent.leaderId,
    tokenId: intent.tokenId,
    conditionId: intent.conditionId,
    side: 'BUY',
    status: 'SUBMITTING',
    version: 1,
    reason: null,
    code: null,
    orderType: 'FAK',
    limitPriceMicros: intent.limitPriceMicros,
    leaderPriceMicros: intent.leaderPriceMicros,
    priceMicros: 500_000n,
    sizeMicros: 20n * SHARE,
    makerMicros: 10n * SHARE,
    takerMicros: 20n * SHARE,
    reservedCashMicros: 10n * SHARE,
    reservedSharesMicros: 0n,
    filledSizeMicros: 0n,
    filledNotionalMicros: 0n,
    feeMicros: 0n,
    fillCount: 0,
    signed: { orderId: `0x${'9'.repeat(64)}`, order: '{}', orderType: 'FAK', postOnly: false },
    sends: 1,
    claimedAt: AT,
    expiresAt: new Date(AT.getTime() + 10_000),
    askAt: null,
    settledAt: null,
    book: null,
    trace: newTrace('lt_1'),
    ...over,
  };
};
