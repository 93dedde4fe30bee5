import type { ServiceStatus, TradeSource } from '@slipstream/proto';
import type { Metrics } from '@slipstream/runtime';
import { Coverage, type Sight } from './core/coverage.ts';

const MILLISECONDS = 1_000;
/** Upper bounds in seconds: from a fast feed to one that is as good as missing. */
const LATE_BUCKETS: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 120];

/** What each source is worth, as metrics and as figures of the heartbeat. */
export class SourceStats {
  readonly #coverage: Coverage;
  readonly #trades: ReturnType<Metrics['counter']>;
  readonly #delay: ReturnType<Metrics['histogram']>;
  readonly #lag: ReturnType<Metrics['histogram']>;

  constructor(metrics: Metrics, running: readonly TradeSource[]) {
    this.#coverage = new Coverage(running);
    this.#trades = metrics.counter({
      name: 'source_trades',
      help: 'Leader trades by source, and whether it was first with them, confirmed them or missed them.',
      labels: ['source', 'place'],
    });
    this.#delay = metrics.histogram({
      name: 'source_delay',
      help: 'From when a leader’s trade happened to when the source showed it.',
      unit: 'seconds',
      labels: ['source'],
      buckets: LATE_BUCKETS,
    });
    this.#lag = metrics.histogram({
      name: 'source_lag',
      help: 'How much later than the first source the source showed a leader’s trade.',
      unit: 'seconds',
      labels: ['source'],
      buckets: LATE_BUCKETS,
    });
  }

  saw(sight: Sight): void {
    const { source } = sight;
    const { delayMs, lagMs } = this.#coverage.saw(sight);
    this.#trades.add({ source, place: sight.isFirst ? 'first' : 'confirmed' });
    this.#delay.observe(delayMs / MILLISECONDS, { source });
    if (lagMs !== null) this.#lag.observe(lagMs / MILLISECONDS, { source });
    this.#settle(sight.seenAtMs);
  }

  /** One flat list: `chain.first`, `rtds.delayP50Ms` and so on. */
  figures(nowMs: number): ServiceStatus['figures'] {
    this.#settle(nowMs);
    return Object.fromEntries(
      [...this.#coverage.figures()].flatMap(([source, figures]) =>
        Object.entries(figures).map(([name, value]) => [`${source}.${name}`, value]),
      ),
    );
  }

  #settle(nowMs: number): void {
    for (const source of this.#coverage.settle(nowMs)) this.#trades.add({ source, place: 'missed' });
  }
}
