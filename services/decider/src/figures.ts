import type { Metrics } from '@slipstream/runtime';
import type { Decided } from './store/attempts.ts';

const MICROS_PER_SECOND = 1_000_000;

/** What the decider counts. */
export type Figures = {
  arrived(parts: number, repeats: number): void;
  decided(decided: readonly Decided[]): void;
  /** Since the start, for the heartbeat. */
  totals(): { readonly parts: number; readonly executed: number; readonly skipped: number };
};

export function createFigures(metrics: Metrics): Figures {
  const parts = metrics.counter({ name: 'decider_parts', help: 'Parts of leader trades that were grouped.' });
  const repeats = metrics.counter({ name: 'decider_repeats', help: 'Parts that had a group already.' });
  const attempts = metrics.counter({
    name: 'decider_attempts',
    help: 'Decisions by mode and outcome.',
    labels: ['mode', 'decision'],
  });
  const reasons = metrics.counter({
    name: 'decider_skips',
    help: 'Reasons of skips; one skip may have several.',
    labels: ['mode', 'reason'],
  });
  const took = metrics.histogram({
    name: 'decider_received_to_decided',
    help: 'From the delivery of a group’s first part to its decision, windows and waits included.',
    unit: 'seconds',
    labels: ['mode'],
  });
  const totals = { parts: 0, executed: 0, skipped: 0 };

  const count = ({ attempt, trace }: Decided): void => {
    const { mode, decision } = attempt;
    attempts.add({ mode, decision });
    for (const reason of attempt.reasons) reasons.add({ mode, reason });
    if (decision === 'EXECUTE') totals.executed += 1;
    else totals.skipped += 1;
    const { received, decided } = trace.hops;
    if (received !== undefined && decided !== undefined)
      took.observe((decided - received) / MICROS_PER_SECOND, { mode });
  };
  return {
    arrived: (grouped, repeated) => {
      totals.parts += grouped;
      parts.add({}, grouped);
      repeats.add({}, repeated);
    },
    decided: (decided) => {
      for (const one of decided) count(one);
    },
    totals: () => ({ ...totals }),
  };
}
