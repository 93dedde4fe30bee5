import type { Delivery } from '@slipstream/bus';
import type { OrderUpdate } from '@slipstream/proto';

/** The answer to a send usually says the same a moment later: then nobody needs to be asked. */
const ASK_AFTER_MS = 1_000;

const ENDED: ReadonlySet<OrderUpdate['status']> = new Set(['MATCHED', 'CANCELED', 'INVALID']);

type Heard = { readonly orderId: string; readonly sizeMatchedMicros: bigint; readonly ended: boolean };

export type UpdatePorts = {
  readonly scope: string;
  readonly now: () => Date;
  readonly hearOf: (heard: readonly Heard[], askAt: Date) => Promise<unknown>;
};

/**
 * Consumes `copy.order.update.live`. Redelivery-safe: it only says when to ask.
 *
 * What the exchange says of an order in passing may be late, doubled or out of order. So an update that knows more than
 * we do makes us ask the exchange about that order, and the answer moves it on.
 */
export const onOrderUpdate =
  (io: UpdatePorts) =>
  async (batch: readonly Delivery<OrderUpdate>[]): Promise<void> => {
    const heard = batch
      .filter(({ message }) => message.scope === io.scope)
      .map(({ message }) => ({
        orderId: message.clobOrderId,
        sizeMatchedMicros: message.sizeMatchedMicros,
        ended: ENDED.has(message.status),
      }));
    if (heard.length === 0) return;
    await io.hearOf(heard, new Date(io.now().getTime() + ASK_AFTER_MS));
  };
