import { createHash, randomUUID } from 'node:crypto';
import type { Hops, Trace } from '@slipstream/proto';
import { stamp } from '@slipstream/runtime';

const TRACE_ID_CHARACTERS = 32;
const TRACE_ID_AT = [3, 35] as const;
const SPAN_ID_CHARACTERS = 16;
/** W3C trace context: version 00, sampled. */
const VERSION = '00';
const SAMPLED = '01';
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** `randomUUID` draws from a pool, which `randomBytes` does not: a tenth of the cost. */
const spanId = (): string => randomUUID().replaceAll('-', '').slice(0, SPAN_ID_CHARACTERS);

/** Whether a text is a trace context of the version that we write. */
export const isTraceparent = (text: string): boolean => TRACEPARENT.test(text);

/**
 * Begins the story of one leader trade; it is its own cause. The trace id follows from the correlation id, so that a
 * repetition tells the same story.
 */
export function newTrace(correlationId: string, hops: Hops = {}): Trace {
  const traceId = createHash('sha256').update(correlationId).digest('hex').slice(0, TRACE_ID_CHARACTERS);
  return {
    correlationId,
    causationId: correlationId,
    traceparent: `${VERSION}-${traceId}-${spanId()}-${SAMPLED}`,
    hops,
  };
}

/** The trace of a message that the message `causationId` causes: the same story, a span of its own. */
export function childOf(trace: Trace, causationId: string): Trace {
  const traceId = trace.traceparent.slice(...TRACE_ID_AT);
  return { ...trace, causationId, traceparent: `${VERSION}-${traceId}-${spanId()}-${SAMPLED}` };
}

/** Adds a hop. Units: wall microseconds since 1970; now, when not given. */
export const withHop = (trace: Trace, name: string, atMicros: number = stamp()): Trace => ({
  ...trace,
  hops: { ...trace.hops, [name]: Math.round(atMicros) },
});
