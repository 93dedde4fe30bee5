import type { Metrics } from '@slipstream/runtime';
import type { Executed } from './execute-orders.ts';

const MILLISECONDS = 1_000;

/** What paper-exec counts about itself. */
export function observations(metrics: Metrics) {
  const orders = metrics.counter({
    name: 'paper_orders',
    help: 'Paper orders by how they ended.',
    labels: ['status', 'reason'],
  });
  const accepted = metrics.counter({
    name: 'paper_orders_accepted',
    help: 'Intents that became a waiting order.',
  });
  const fills = metrics.counter({ name: 'paper_fills', help: 'Levels consumed by paper orders.' });
  const batch = metrics.histogram({
    name: 'paper_execute_batch',
    help: 'Time of one transaction of executions.',
    unit: 'seconds',
  });
  return {
    accepted: (count: number): void => accepted.add({}, count),
    executed: ({ outcomes }: Executed, tookMs: number): void => {
      batch.observe(tookMs / MILLISECONDS);
      for (const { totals } of outcomes) {
        orders.add({ status: totals.status, reason: totals.reason ?? 'none' });
        fills.add({}, totals.fillCount);
      }
    },
  };
}
