import { z } from 'zod';

/** When each hop happened, in microseconds since 1970 by the machine's clock: for measurement only, never for decisions. */
export type Hops = Readonly<Record<string, number>>;

export const HopsWire = z.record(z.string().max(40), z.int().nonnegative());

/** What travels beside every message, as headers. The correlation id is the leader trade's. */
export type Trace = {
  readonly correlationId: string;
  readonly causationId: string;
  /** W3C trace context. */
  readonly traceparent: string;
  readonly hops: Hops;
};

export const HEADERS = {
  schemaVersion: 'Slip-Schema-Version',
  correlationId: 'Slip-Correlation-Id',
  causationId: 'Slip-Causation-Id',
  traceparent: 'traceparent',
  hops: 'Slip-Hops',
} as const;
