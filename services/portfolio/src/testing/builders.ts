import { type Delivery, newTrace } from '@slipstream/bus';
import { notional, price, shares, usd } from '@slipstream/money';
import { type Fill, type MarketResolved, type OrderEvent, PAPER_SCOPE, type Side } from '@slipstream/proto';

export const AT = new Date('2026-06-01T12:00:30.000Z');
export const LEADER = 'leader-1';
export const TOKEN = '7000';
export const CONDITION = `0x${'c'.repeat(64)}`;
export const PAPER = { mode: 'PAPER', scope: PAPER_SCOPE } as const;

/** A paper fill of whole or broken shares at a price in micros, its notional rounded against us. */
export function aFill(fillId: string, side: Side, size: bigint, at: bigint, over: Partial<Fill> = {}): Fill {
  const sizeMicros = shares(size);
  const priceMicros = price(at);
  return {
    fillId,
    status: 'CONFIRMED',
    ...PAPER,
    orderId: 'po_1',
    intentId: 'ci_1',
    attemptId: 'ca_1',
    leaderId: LEADER,
    origin: 'APP',
    tokenId: TOKEN,
    conditionId: CONDITION,
    side,
    priceMicros,
    sizeMicros,
    notionalMicros: notional(sizeMicros, priceMicros, side === 'BUY' ? 'up' : 'down'),
    feeMicros: usd(0n),
    liquidity: 'TAKER',
    executedAt: AT.toISOString(),
    ...over,
  };
}

/** The end of the order that `aFill` belongs to. */
export const anEnd = (fillCount: number, over: Partial<OrderEvent> = {}): OrderEvent => ({
  orderId: 'po_1',
  version: 2,
  ...PAPER,
  intentId: 'ci_1',
  attemptId: 'ca_1',
  leaderId: LEADER,
  tokenId: TOKEN,
  conditionId: CONDITION,
  side: 'BUY',
  status: 'FILLED',
  reason: null,
  limitPriceMicros: price(510_000n),
  sizeMicros: shares(10_000_000n),
  filledSizeMicros: shares(10_000_000n),
  filledNotionalMicros: usd(5_000_000n),
  feeMicros: usd(0n),
  fillCount,
  leaderPriceMicros: price(500_000n),
  at: AT.toISOString(),
  ...over,
});

export const aResolution = (
  numerator: string,
  denominator: string,
  over: Partial<MarketResolved> = {},
): MarketResolved => ({
  conditionId: CONDITION,
  payouts: [{ tokenId: TOKEN, numerator, denominator }],
  resolvedAt: AT.toISOString(),
  source: 'gamma',
  version: 'v1',
  ...over,
});

export const delivered = <M>(message: M): Delivery<M> => ({
  message,
  trace: newTrace('lt_1', { seen: 1, executed: 2 }),
  subject: 'copy.fill.paper',
  sequence: 1,
  deliveries: 1,
  receivedAt: 0,
});
