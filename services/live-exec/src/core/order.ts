import type { OrderType } from '@slipstream/exchange';
import { mulDiv, ONE, price, shares, usd } from '@slipstream/money';
import type { CopyIntent, OrderEvent, OrderStatus, Side, Trace } from '@slipstream/proto';
import type { Progress } from './order-state.ts';

/** The order with its signature, as it is stored and sent; it names no API key. */
export type StoredSignature = {
  readonly orderId: string;
  readonly order: string;
  readonly orderType: OrderType;
  readonly postOnly: boolean;
};

/** What became of one intent with one wallet. */
export type LiveOrder = Progress & {
  readonly idempotencyKey: string;
  /** The exchange's id; ours where no order was made. */
  readonly orderId: string;
  readonly scope: string;
  readonly state: 'SHADOW' | 'ON';
  readonly intentId: string;
  readonly attemptId: string;
  readonly leaderId: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  readonly version: number;
  readonly orderType: OrderType;
  readonly limitPriceMicros: bigint;
  readonly leaderPriceMicros: bigint;
  readonly priceMicros: bigint;
  readonly sizeMicros: bigint;
  readonly makerMicros: bigint;
  readonly takerMicros: bigint;
  readonly reservedCashMicros: bigint;
  readonly reservedSharesMicros: bigint;
  readonly signed: StoredSignature | null;
  readonly sends: number;
  readonly claimedAt: Date;
  readonly expiresAt: Date;
  readonly askAt: Date | null;
  readonly settledAt: Date | null;
  readonly book: unknown;
  readonly trace: Trace;
};

/** Dollars that an order counts with against the limit of a day until it has ended: the most that it may move. In micros. */
export const countedMicros = (
  order: Pick<LiveOrder, 'side' | 'makerMicros' | 'sizeMicros' | 'priceMicros'>,
): bigint =>
  order.side === 'BUY' ? order.makerMicros : mulDiv(order.sizeMicros, order.priceMicros, ONE, 'up');

/** The columns of an order that come of its intent alone. */
export const fromIntent = (intent: CopyIntent) => ({
  scope: intent.scope,
  intentId: intent.intentId,
  attemptId: intent.attemptId,
  leaderId: intent.leaderId,
  tokenId: intent.tokenId,
  conditionId: intent.conditionId,
  side: intent.side,
  limitPriceMicros: intent.limitPriceMicros,
  leaderPriceMicros: intent.leaderPriceMicros,
  expiresAt: new Date(intent.expiresAt),
});

/** The order as everybody else hears of it. */
export const eventOf = (order: LiveOrder, at: Date): OrderEvent => ({
  orderId: order.orderId,
  version: order.version,
  mode: 'LIVE',
  scope: order.scope,
  intentId: order.intentId,
  attemptId: order.attemptId,
  leaderId: order.leaderId,
  tokenId: order.tokenId,
  conditionId: order.conditionId,
  side: order.side,
  status: order.status,
  reason: order.reason,
  limitPriceMicros: price(order.limitPriceMicros),
  sizeMicros: shares(order.sizeMicros),
  filledSizeMicros: shares(order.filledSizeMicros),
  filledNotionalMicros: usd(order.filledNotionalMicros),
  feeMicros: usd(order.feeMicros),
  fillCount: order.fillCount,
  leaderPriceMicros: price(order.leaderPriceMicros),
  at: at.toISOString(),
});

const FINAL: ReadonlySet<OrderStatus> = new Set(['FILLED', 'CANCELED', 'REJECTED', 'SHADOW_ONLY', 'SKIPPED']);
export const isFinal = (status: OrderStatus): boolean => FINAL.has(status);

/** An order after a step: what was held back is free again once it has ended. */
export function afterStep(order: LiveOrder, next: Progress, at: Date, askAt: Date | null): LiveOrder {
  const ended = isFinal(next.status);
  return {
    ...order,
    ...next,
    version: order.version + 1,
    askAt,
    settledAt: ended ? (order.settledAt ?? at) : null,
    reservedCashMicros: ended ? 0n : order.reservedCashMicros,
    reservedSharesMicros: ended ? 0n : order.reservedSharesMicros,
  };
}
