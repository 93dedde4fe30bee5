import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parseJsonText } from './json-text.ts';

const CONNECTIONS_MAX = 16;
const HEADERS_WAIT_MS = 5_000;
const BODY_WAIT_MS = 10_000;
/** From asking to the last byte: a body that drips is no answer. */
const ANSWER_WAIT_MS = 20_000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const ATTEMPTS_MAX = 3;
const AGAIN_MS = [200, 800] as const;
const RETRY_AFTER_MOST_MS = 5_000;

export type Reply =
  | { readonly kind: 'ok'; readonly value: unknown }
  /** The exchange answered that it does not have it. */
  | { readonly kind: 'absent' }
  /** No answer that can be trusted, after a bounded number of attempts. */
  | { readonly kind: 'failed'; readonly why: string };

export type Http = { get(url: string): Promise<Reply>; close(): Promise<void> };

type Attempt = Reply | { readonly kind: 'again'; readonly afterMs: number | null; readonly why: string };

/** `Retry-After` in milliseconds, bounded; null when there is none that we can read. */
function retryAfterMs(header: string | string[] | undefined): number | null {
  const seconds = typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : null;
  return seconds === null ? null : Math.min(seconds * 1_000, RETRY_AFTER_MOST_MS);
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError(`an answer of more than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function attempt(agent: Agent, url: string): Promise<Attempt> {
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      headersTimeout: HEADERS_WAIT_MS,
      bodyTimeout: BODY_WAIT_MS,
      signal: AbortSignal.timeout(ANSWER_WAIT_MS),
      headers: { accept: 'application/json', 'user-agent': 'slipstream' },
    });
    const text = await readBounded(body);
    if (statusCode === 404 || statusCode === 410) return { kind: 'absent' };
    if (statusCode === 429 || statusCode === 425 || statusCode >= 500)
      return { kind: 'again', afterMs: retryAfterMs(headers['retry-after']), why: `status ${statusCode}` };
    if (statusCode !== 200) return { kind: 'failed', why: `status ${statusCode}: ${text.slice(0, 200)}` };
    return { kind: 'ok', value: parseJsonText(text) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof SyntaxError || error instanceof RangeError) return { kind: 'failed', why };
    return { kind: 'again', afterMs: null, why };
  }
}

/** Reads over HTTP with time-outs, a bound on the body, and a few more attempts where a repeat can help. Never throws. */
export function openHttp(): Http {
  const agent = new Agent({ connections: CONNECTIONS_MAX, pipelining: 1 });
  return {
    get: async (url) => {
      for (let i = 0; ; i++) {
        const outcome = await attempt(agent, url);
        if (outcome.kind !== 'again') return outcome;
        if (i + 1 >= ATTEMPTS_MAX) return { kind: 'failed', why: outcome.why };
        await wait(outcome.afterMs ?? AGAIN_MS[Math.min(i, AGAIN_MS.length - 1)]);
      }
    },
    close: () => agent.close(),
  };
}
