import type { Clock } from '@slipstream/runtime';
import type { PendingOrder } from './core/order.ts';

/** Orders by the millisecond at which they are due: orders of one instant are executed together. */
export type Deadlines = {
  readonly arm: (orders: readonly PendingOrder[]) => void;
  /** Orders that wait for their turn. */
  readonly count: () => number;
};

/** The order in which orders of one instant have their turn: as they arrived. */
const byArrival = (a: PendingOrder, b: PendingOrder): number =>
  a.receivedAt.getTime() - b.receivedAt.getTime() || (a.orderId < b.orderId ? -1 : 1);

/** Arms one deadline per instant. Arming an order again changes nothing: its due time is its own. */
export function createDeadlines(
  clock: Pick<Clock, 'at'>,
  onDue: (orders: readonly PendingOrder[]) => Promise<void>,
): Deadlines {
  const armed = new Map<number, Map<string, PendingOrder>>();
  const fire = async (due: number): Promise<void> => {
    const orders = [...(armed.get(due)?.values() ?? [])].sort(byArrival);
    armed.delete(due);
    await onDue(orders);
  };
  return {
    arm: (orders) => {
      for (const order of orders) {
        const due = order.dueAt.getTime();
        const together = armed.get(due);
        if (together === undefined) {
          armed.set(due, new Map([[order.orderId, order]]));
          clock.at(order.dueAt, `due:${order.dueAt.toISOString()}`, () => fire(due));
        } else together.set(order.orderId, order);
      }
    },
    count: () => [...armed.values()].reduce((sum, together) => sum + together.size, 0),
  };
}
