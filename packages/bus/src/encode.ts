import { type Channel, HEADERS, type Trace } from '@slipstream/proto';
import { z } from 'zod';
import { formatHops } from './hops.ts';
import type { OutboxMessage } from './types.ts';

/**
 * Makes the wire form of a message: JSON text, subject, message id and headers.
 *
 * Errors: ZodError when the message does not match its schema; what we send ourselves is a bug when it is wrong.
 */
export function encode<S extends z.ZodType>(
  channel: Channel<S>,
  message: z.output<S>,
  trace: Trace,
): OutboxMessage {
  return {
    channel: channel.name,
    subject: channel.subject(message),
    messageId: channel.messageId(message),
    headers: headersOf(channel.version, trace),
    payload: JSON.stringify(z.encode(channel.schema, message)),
  };
}

const headersOf = (version: number, trace: Trace): Record<string, string> => ({
  [HEADERS.schemaVersion]: String(version),
  [HEADERS.correlationId]: trace.correlationId,
  [HEADERS.causationId]: trace.causationId,
  [HEADERS.traceparent]: trace.traceparent,
  [HEADERS.hops]: formatHops(trace.hops),
});
