import { encode, withHop } from '@slipstream/bus';
import type { OutboxRow, Sql } from '@slipstream/db';
import { mulDiv, ONE } from '@slipstream/money';
import { copyOrderLive } from '@slipstream/proto';
import { afterStep, eventOf, isFinal, type LiveOrder } from './core/order.ts';
import { advance, type Progress } from './core/order-state.ts';
import { spend } from './store/facts.ts';
import { lockOrder, putAsk, updateOrder } from './store/orders.ts';

export type SettlePorts = {
  readonly now: () => Date;
  readonly tx: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  readonly publish: (rows: readonly OutboxRow[]) => void;
};

/** Dollars that an order was counted with against the limit of a day. */
const countedMicros = (order: LiveOrder): bigint =>
  order.side === 'BUY' ? order.makerMicros : mulDiv(order.sizeMicros, order.priceMicros, ONE, 'up');

/**
 * Moves an order on by a word about it, and announces the step in the same transaction. A late word changes nothing
 * but when the exchange is asked next. Dollars that an ended order did not use are given back to the day's limit.
 *
 * Gives the order as it stands now; null when there is none of that id. Errors: those of the database.
 */
export async function settleOrder(
  io: SettlePorts,
  orderId: string,
  progressOf: (order: LiveOrder) => Progress,
  askAt: (order: LiveOrder) => Date | null,
): Promise<LiveOrder | null> {
  const settled = await io.tx(async (sql) => {
    const order = await lockOrder(sql, orderId);
    if (order === null) return null;
    const heard = progressOf(order);
    const next = advance(order, heard);
    const now = io.now();
    if (next === null) {
      const due = askAt({ ...order, code: heard.code });
      await putAsk(sql, orderId, isFinal(order.status) ? null : due, order.sends);
      return { order, outbox: [] };
    }
    const moved = { ...afterStep(order, next, now, null), trace: withHop(order.trace, 'settled') };
    const stepped = { ...moved, askAt: askAt(moved) };
    if (order.settledAt === null && stepped.settledAt !== null)
      await spend(sql, order.scope, order.claimedAt, stepped.filledNotionalMicros - countedMicros(order));
    return {
      order: stepped,
      outbox: await updateOrder(sql, stepped, encode(copyOrderLive, eventOf(stepped, now), stepped.trace)),
    };
  });
  if (settled === null) return null;
  io.publish(settled.outbox);
  return settled.order;
}
