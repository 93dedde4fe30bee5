import type { Metrics } from '@slipstream/runtime';
import type { Booked } from './store/booking.ts';

/** What portfolio counts about itself. */
export function observations(metrics: Metrics) {
  const entries = metrics.counter({
    name: 'ledger_entries',
    help: 'Ledger entries booked, by type.',
    labels: ['type'],
  });
  const snapshots = metrics.counter({ name: 'portfolio_snapshots', help: 'Snapshots stored.' });
  const batch = metrics.histogram({
    name: 'portfolio_book_batch',
    help: 'Time from a batch of fills to its commit.',
    unit: 'seconds',
  });
  return {
    booked: (booked: Booked): void => {
      for (const { entryType } of booked.entries) entries.add({ type: entryType });
    },
    snapshots: (count: number): void => snapshots.add({}, count),
    batch: (): (() => void) => batch.start(),
  };
}
