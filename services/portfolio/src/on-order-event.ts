import { type Delivery, withHop } from '@slipstream/bus';
import { FINAL_STATUSES, type OrderEvent } from '@slipstream/proto';
import type { OrderFacts } from './store/executions.ts';

export type OrderPorts = {
  /** Moves the attempts' orders, in one transaction. */
  readonly move: (facts: readonly OrderFacts[]) => Promise<void>;
};

function factsOf({ message: event, trace }: Delivery<OrderEvent>): OrderFacts {
  const ended = FINAL_STATUSES.has(event.status);
  // With fills, the last of them to be booked stamps the hop; without, the end of the order is all that is booked.
  const { hops } = ended && event.fillCount === 0 ? withHop(trace, 'booked') : trace;
  return {
    attemptId: event.attemptId,
    mode: event.mode,
    scope: event.scope,
    intentId: event.intentId,
    orderId: event.orderId,
    leaderId: event.leaderId,
    tokenId: event.tokenId,
    status: event.status,
    reason: event.reason,
    fillCount: ended ? event.fillCount : null,
    at: new Date(event.at),
    hops,
  };
}

/**
 * Consumes `copy.order.*`: remembers how each attempt's order stands. Redelivery-safe: an order that has ended is not
 * moved any more, and an older step never moves it back. Orders and fills come on two streams in any order; an attempt
 * is final when its order has ended and every fill that it counts is booked, whichever of the two is seen last.
 */
export const onOrderEvent =
  (io: OrderPorts) =>
  async (batch: readonly Delivery<OrderEvent>[]): Promise<void> => {
    const latest = new Map<string, Delivery<OrderEvent>>();
    for (const delivery of batch) {
      const { attemptId, version } = delivery.message;
      const known = latest.get(attemptId);
      if (known === undefined || known.message.version < version) latest.set(attemptId, delivery);
    }
    await io.move([...latest.values()].map(factsOf));
  };
