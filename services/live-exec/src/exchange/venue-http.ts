import { VenueError } from '@slipstream/exchange';
import { Agent, request } from 'undici';

/** Fewer than the account's concurrency would queue sends behind one another. */
const CONNECTIONS_MAX = 16;
const CONNECT_WAIT_MS = 2_000;
/** From the first byte out to the last byte in. An order is worth sending for a few seconds; then it is asked about. */
const ANSWER_WAIT_MS = 5_000;
const REPLY_BYTES_MAX = 64 * 1024;
const MILLISECONDS = 1_000;

/** Connections that stand open at any time, so that no handshake lies between a decision and its order. */
const WARM_CONNECTIONS = 4;
/** Well within the idle time after which either end closes a connection. */
const WARM_EVERY_MS = 20_000;
const KEEP_ALIVE_MS = 60_000;

/** A whole answer; null text: more than `REPLY_BYTES_MAX`. */
type Said = { readonly status: number; readonly text: string | null; readonly retryAfterMs: number | null };

export type VenueHttp = {
  /** Sends once, never again by itself, and waits no longer than `ANSWER_WAIT_MS` in all. Errors: no whole answer. */
  readonly post: (path: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Said>;
  /** The venue's clock, in whole seconds. Errors: VenueError. */
  readonly time: () => Promise<Date>;
  /** Opens connections and keeps them open. */
  readonly keepWarm: () => void;
  readonly close: () => Promise<void>;
};

export const isTimeout = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'TimeoutError' || ('code' in error && String(error.code).includes('TIMEOUT')));

async function readReply(body: AsyncIterable<Buffer>): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > REPLY_BYTES_MAX) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const retryAfterOf = (header: string | string[] | undefined): number | null =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * MILLISECONDS : null;

async function ask(agent: Agent, url: string, options: Parameters<typeof request>[1]): Promise<Said> {
  const { statusCode, headers, body } = await request(url, {
    ...options,
    dispatcher: agent,
    // Bounds queueing, connecting, sending and a body that drips, all together.
    signal: AbortSignal.timeout(ANSWER_WAIT_MS),
  });
  const text = await readReply(body);
  return { status: statusCode, text, retryAfterMs: retryAfterOf(headers['retry-after']) };
}

const COMMON = { accept: 'application/json', 'user-agent': 'slipstream' } as const;

async function timeOf(agent: Agent, url: string): Promise<Date> {
  try {
    const { status, text } = await ask(agent, url, { headers: COMMON });
    if (status === 200 && text !== null && /^\d{10}$/.test(text.trim()))
      return new Date(Number(text) * MILLISECONDS);
    throw new VenueError('/time: an answer that is no time', { status });
  } catch (error) {
    if (error instanceof VenueError) throw error;
    throw new VenueError(`/time: ${error instanceof Error ? error.message : 'no answer'}`);
  }
}

/** The pool that orders go through, and nothing else but the venue's clock. */
export function openVenueHttp(clobUrl: string): VenueHttp {
  const base = clobUrl.replace(/\/$/, '');
  const agent = new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: CONNECT_WAIT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const time = (): Promise<Date> => timeOf(agent, `${base}/time`);
  let warm: NodeJS.Timeout | undefined;
  /** A venue that does not answer now is tried again the next time. */
  const knock = (): void => {
    for (let i = 0; i < WARM_CONNECTIONS; i++) time().catch(() => undefined);
  };
  return {
    post: (path, headers, body) =>
      ask(agent, `${base}${path}`, {
        method: 'POST',
        headers: { ...COMMON, 'content-type': 'application/json', ...headers },
        body,
      }),
    time,
    keepWarm: () => {
      if (warm !== undefined) return;
      knock();
      warm = setInterval(knock, WARM_EVERY_MS);
      warm.unref();
    },
    close: async () => {
      clearInterval(warm);
      await agent.close();
    },
  };
}
