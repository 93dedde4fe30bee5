import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'slipstream_';

/** Upper bounds in seconds, from a tenth of a millisecond to ten seconds: a hop, a query, a whole path. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export type Labels = Readonly<Record<string, string>>;
/** A histogram and a gauge say what they count in; the unit becomes the end of the name. */
export type Unit = 'seconds' | 'bytes' | 'messages' | 'rows' | 'items' | 'ratio';

export type CounterMetric = { add(labels?: Labels, by?: number): void };
export type GaugeMetric = { set(value: number, labels?: Labels): void };
export type HistogramMetric = {
  observe(value: number, labels?: Labels): void;
  /** Starts to measure; the returned function observes the seconds that have passed. For unit `seconds`. */
  start(labels?: Labels): () => void;
};

/** `name` in snake case, without prefix and unit: `bus_publish` in seconds is `slipstream_bus_publish_seconds`. */
export type MetricSpec = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
};

/** The figures of one process in a registry of their own. The same name again gives the same figure. */
export type Metrics = {
  /** Counts up; the name ends in `_total`. */
  counter(spec: MetricSpec): CounterMetric;
  gauge(spec: MetricSpec & { readonly unit: Unit }): GaugeMetric;
  histogram(
    spec: MetricSpec & { readonly unit: Unit; readonly buckets?: readonly number[] },
  ): HistogramMetric;
  /** The exposition text for a scrape, with its content type. */
  text(): Promise<{ readonly body: string; readonly contentType: string }>;
};

function once<T>(made: Map<string, T>, name: string, make: () => T): T {
  const known = made.get(name);
  if (known !== undefined) return known;
  const fresh = make();
  made.set(name, fresh);
  return fresh;
}

/** Opens the figures of a process; `ofProcess` adds memory, CPU and garbage collection. */
export function createMetrics(service: string, options: { readonly ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (options.ofProcess === true) collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const registers = [registry];
  const counters = new Map<string, CounterMetric>();
  const gauges = new Map<string, GaugeMetric>();
  const histograms = new Map<string, HistogramMetric>();
  return {
    counter: ({ name, help, labels = [] }) =>
      once(counters, name, () => {
        const made = new Counter({
          name: `${PREFIX}${name}_total`,
          help,
          labelNames: [...labels],
          registers,
        });
        return { add: (values = {}, by = 1) => made.inc(values, by) };
      }),
    gauge: ({ name, help, unit, labels = [] }) =>
      once(gauges, name, () => {
        const made = new Gauge({
          name: `${PREFIX}${name}_${unit}`,
          help,
          labelNames: [...labels],
          registers,
        });
        return { set: (value, values = {}) => made.set(values, value) };
      }),
    histogram: ({ name, help, unit, labels = [], buckets = SECONDS_BUCKETS }) =>
      once(histograms, name, () => {
        const made = new Histogram({
          name: `${PREFIX}${name}_${unit}`,
          help,
          labelNames: [...labels],
          buckets: [...buckets],
          registers,
        });
        return {
          observe: (value, values = {}) => made.observe(values, value),
          start: (values = {}) => {
            const from = performance.now();
            return () => made.observe(values, (performance.now() - from) / 1_000);
          },
        };
      }),
    text: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  };
}
