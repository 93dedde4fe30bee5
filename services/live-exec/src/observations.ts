import type { Metrics } from '@slipstream/runtime';
import type { LiveOrder } from './core/order.ts';

const MILLISECONDS = 1_000;

/** What live-exec counts about itself. */
export function observations(metrics: Metrics) {
  const orders = metrics.counter({
    name: 'live_orders',
    help: 'Intents by what was made of them.',
    labels: ['status', 'reason'],
  });
  const sends = metrics.counter({
    name: 'live_sends',
    help: 'Orders sent, by what came back.',
    labels: ['outcome'],
  });
  const answer = metrics.histogram({
    name: 'live_answer',
    help: 'Time from sending an order to its answer.',
    unit: 'seconds',
  });
  const asked = metrics.counter({ name: 'live_asked', help: 'Orders that the exchange was asked about.' });
  const totals = { placed: 0, skipped: 0, shadowed: 0, unknown: 0 };
  return {
    totals,
    claimed: (made: readonly LiveOrder[]): void => {
      for (const { status, reason } of made) {
        orders.add({ status, reason: reason ?? 'none' });
        if (status === 'SKIPPED') totals.skipped += 1;
        if (status === 'SHADOW_ONLY') totals.shadowed += 1;
        if (status === 'SUBMITTING') totals.placed += 1;
      }
    },
    sent: (outcome: string, tookMs: number): void => {
      sends.add({ outcome });
      answer.observe(tookMs / MILLISECONDS);
      if (outcome === 'unknown') totals.unknown += 1;
    },
    asked: (count: number): void => asked.add({}, count),
  };
}
