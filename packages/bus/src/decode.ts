import { type Channel, HEADERS, type Trace } from '@slipstream/proto';
import type { MsgHdrs } from 'nats';
import type { z } from 'zod';
import { parseHops } from './hops.ts';
import { isTraceparent, newTrace } from './trace.ts';

const PROBLEMS_TOLD = 5;
const PROBLEM_CHARACTERS_MAX = 2_000;
const ID_CHARACTERS_MAX = 200;

/** A message as the wire has it. */
export type Wire = {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
};

/** `schema` says that it is not a message of this channel in a version that we know; no redelivery can change that. */
export type Decoded<M> =
  | { readonly kind: 'message'; readonly message: M; readonly trace: Trace }
  | { readonly kind: 'schema'; readonly error: string };

const refused = (error: string): Decoded<never> => ({
  kind: 'schema',
  error: error.slice(0, PROBLEM_CHARACTERS_MAX),
});

const problemsOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, PROBLEMS_TOLD)
    .map((issue) => `${issue.path.map(String).join('.') || 'message'}: ${issue.message}`)
    .join('; ');

/**
 * Reads a message strictly: version, JSON, schema, and that it lies on the subject that its content asks for.
 *
 * Errors: none; rubbish is a value.
 */
export function decode<S extends z.ZodType>(channel: Channel<S>, wire: Wire): Decoded<z.output<S>> {
  const version = wire.headers[HEADERS.schemaVersion];
  if (version !== String(channel.version))
    return refused(`${HEADERS.schemaVersion} is ${version ?? 'missing'}; we read ${channel.version}`);
  const trace = traceOf(wire.headers);
  if (trace === null) return refused(`${HEADERS.correlationId} is missing`);
  const json = parseJson(wire.payload);
  if (json.kind === 'schema') return json;
  const parsed = channel.schema.safeParse(json.value);
  if (!parsed.success) return refused(problemsOf(parsed.error));
  const subject = channel.subject(parsed.data);
  if (subject !== wire.subject) return refused(`its content belongs on ${subject}`);
  return { kind: 'message', message: parsed.data, trace };
}

function parseJson(
  payload: string,
): { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'schema'; readonly error: string } {
  try {
    return { kind: 'json', value: JSON.parse(payload) };
  } catch (error) {
    return { kind: 'schema', error: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function traceOf(headers: Readonly<Record<string, string>>): Trace | null {
  const correlationId = headers[HEADERS.correlationId];
  if (correlationId === undefined || correlationId === '' || correlationId.length > ID_CHARACTERS_MAX)
    return null;
  const causationId = headers[HEADERS.causationId] ?? correlationId;
  const traceparent = headers[HEADERS.traceparent] ?? '';
  return {
    correlationId,
    causationId,
    traceparent: isTraceparent(traceparent) ? traceparent : newTrace(correlationId).traceparent,
    hops: parseHops(headers[HEADERS.hops] ?? ''),
  };
}

/** Headers as a record; of several values of one name the first. */
export function headersOf(headers: MsgHdrs | undefined): Record<string, string> {
  const record: Record<string, string> = {};
  if (headers === undefined) return record;
  for (const [name, values] of headers) record[name] = values[0] ?? '';
  return record;
}

/** Bytes as text; what is not UTF-8 shows as replacement characters and then fails as JSON. */
export const textOf = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
