import { z } from 'zod';
import type { Link } from './connect.ts';
import { Forbidden } from './replies.ts';

const API_TIMEOUT_MS = 5_000;

/** `err_code` of the JetStream API. Source: nats-server 2.15, `server/errors.json`. */
const STREAM_NOT_FOUND = 10_059;

const Refused = z.object({
  error: z.object({ code: z.number(), err_code: z.number().default(0), description: z.string().default('') }),
});

/** What JetStream answered instead of doing it. */
class ApiError extends Error {
  override name = 'ApiError';
  readonly code: number;
  readonly errorCode: number;

  constructor(subject: string, code: number, errorCode: number, description: string) {
    super(`${subject}: ${description} (${code}, ${errorCode})`);
    this.code = code;
    this.errorCode = errorCode;
  }
}

export const isStreamMissing = (error: unknown): boolean =>
  error instanceof ApiError && error.errorCode === STREAM_NOT_FOUND;

/** Whether our credentials do not allow what we tried: waiting does not help. */
export const isForbidden = (error: unknown): boolean => error instanceof Forbidden;

/** Reads an answer of JetStream. Errors: `ApiError` for a refusal, ZodError for an answer of another shape. */
export function readReply<S extends z.ZodType>(subject: string, schema: S, data: Uint8Array): z.output<S> {
  const json: unknown = JSON.parse(
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'),
  );
  const refused = Refused.safeParse(json);
  if (refused.success) {
    const { code, err_code, description } = refused.data.error;
    throw new ApiError(subject, code, err_code, description);
  }
  return schema.parse(json);
}

/** Asks the JetStream API. Errors: `ApiError`, `Unconfirmed`, `Forbidden`. */
export async function askApi<S extends z.ZodType>(
  link: Link,
  verb: string,
  schema: S,
  body: unknown = undefined,
): Promise<z.output<S>> {
  const subject = `$JS.API.${verb}`;
  const payload = body === undefined ? '' : JSON.stringify(body);
  const reply = await link.ask({ subject, payload, timeoutMs: API_TIMEOUT_MS });
  return readReply(subject, schema, reply.data);
}

/** Milliseconds as the API counts. */
export const nanos = (ms: number): number => ms * 1_000_000;
