import type { PriceMicros, ShareMicros, UsdMicros } from '@slipstream/money';
import type { OrderEvent, ReasonCode, Side, Trace } from '@slipstream/proto';

/** An order that waits for its turn: what the intent said, and when it arrived. */
export type PendingOrder = {
  readonly orderId: string;
  readonly intentId: string;
  readonly attemptId: string;
  readonly scope: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  /** BUY: the most we pay for a share. SELL: the least we take. */
  readonly limitPriceMicros: PriceMicros;
  readonly leaderPriceMicros: PriceMicros;
  readonly targetSizeMicros: ShareMicros;
  readonly targetNotionalMicros: UsdMicros;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date;
  readonly trace: Trace;
};

/** What became of an order, apart from its fills: the figures of its final event. */
export type OrderTotals = {
  readonly status: 'FILLED' | 'CANCELED';
  readonly reason: ReasonCode | null;
  /** The size that was ordered: on the market's grid unless venue rules are ignored. */
  readonly sizeMicros: ShareMicros;
  readonly filledSizeMicros: ShareMicros;
  readonly filledNotionalMicros: UsdMicros;
  readonly feeMicros: UsdMicros;
  readonly fillCount: number;
};

const identityOf = (order: PendingOrder) => ({
  orderId: order.orderId,
  mode: 'PAPER' as const,
  scope: order.scope,
  intentId: order.intentId,
  attemptId: order.attemptId,
  leaderId: order.leaderId,
  tokenId: order.tokenId,
  conditionId: order.conditionId,
  side: order.side,
  limitPriceMicros: order.limitPriceMicros,
  leaderPriceMicros: order.leaderPriceMicros,
});

/** Version 1: the order is accepted and waits. Version 2 follows once and says how it ended. */
const PENDING_VERSION = 1;
const FINAL_VERSION = 2;

export const pendingEvent = (order: PendingOrder, nothing: UsdMicros, noShares: ShareMicros): OrderEvent => ({
  ...identityOf(order),
  version: PENDING_VERSION,
  status: 'PENDING',
  reason: null,
  sizeMicros: order.targetSizeMicros,
  filledSizeMicros: noShares,
  filledNotionalMicros: nothing,
  feeMicros: nothing,
  fillCount: 0,
  at: order.receivedAt.toISOString(),
});

export const finalEvent = (order: PendingOrder, totals: OrderTotals, at: Date): OrderEvent => ({
  ...identityOf(order),
  ...totals,
  version: FINAL_VERSION,
  at: at.toISOString(),
});
