import { childOf, type Delivery, encode, withHop } from '@slipstream/bus';
import type { OutboxMessage, OutboxRow } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { type CopyIntent, copyOrderPaper, paperOrderIdOf } from '@slipstream/proto';
import { dueAt, type Latency } from './core/due.ts';
import { type PendingOrder, pendingEvent } from './core/order.ts';
import type { Accepted } from './store/orders.ts';

export type IntentPorts = {
  readonly now: () => Date;
  /** Null until the configuration of PAPER is known: no default stands in for it. */
  readonly latency: () => Latency | null;
  readonly accept: (
    orders: readonly PendingOrder[],
    announce: (order: PendingOrder) => OutboxMessage,
  ) => Promise<Accepted>;
  readonly publish: (rows: readonly OutboxRow[]) => void;
  readonly arm: (orders: readonly PendingOrder[]) => void;
};

const orderOf = (
  { message, trace }: Delivery<CopyIntent>,
  receivedAt: Date,
  latency: Latency,
): PendingOrder => ({
  orderId: paperOrderIdOf(message.intentId),
  intentId: message.intentId,
  attemptId: message.attemptId,
  scope: message.scope,
  leaderId: message.leaderId,
  tokenId: message.tokenId,
  conditionId: message.conditionId,
  side: message.side,
  limitPriceMicros: message.limitPriceMicros,
  leaderPriceMicros: message.leaderPriceMicros,
  targetSizeMicros: message.targetSizeMicros,
  targetNotionalMicros: message.targetNotionalMicros,
  receivedAt,
  dueAt: dueAt(message.intentId, receivedAt, latency),
  expiresAt: new Date(message.expiresAt),
  trace: withHop(childOf(trace, message.intentId), 'accepted'),
});

const announce = (order: PendingOrder): OutboxMessage =>
  encode(copyOrderPaper, pendingEvent(order, usd(0n), shares(0n)), order.trace);

/**
 * Consumes `copy.intent.paper`. Redelivery-safe: one order per intent id, and the first one stands.
 *
 * 1. Each intent becomes an order that is due after the latency, in one transaction with the event that announces it.
 * 2. The event goes out, the order's deadline is armed, and the message is acknowledged: what waits is stored, so the
 *    wait keeps no message open.
 */
export const onCopyIntent =
  (io: IntentPorts) =>
  async (batch: readonly Delivery<CopyIntent>[]): Promise<void> => {
    const latency = io.latency();
    if (latency === null) throw new Error('the configuration of PAPER is not known yet');
    const receivedAt = io.now();
    const orders = batch.map((delivery) => orderOf(delivery, receivedAt, latency));
    const accepted = await io.accept(orders, announce);
    io.publish(accepted.outbox);
    io.arm(accepted.waiting);
  };
