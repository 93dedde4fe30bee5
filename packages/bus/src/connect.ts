import { readFile } from 'node:fs/promises';
import type { Activity, Logger, Metrics } from '@slipstream/runtime';
import { pause, redactText } from '@slipstream/runtime';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  ErrorCode,
  Events,
  type Msg,
  type NatsConnection,
  NatsError,
} from 'nats';
import { type Question, Replies, Unconfirmed } from './replies.ts';

/** Atomic batches, message TTL and delete markers need it; an older server drops such settings without a word. */
const VERSION_LEAST = [2, 12] as const;
const VERSION = /^(\d{1,4})\.(\d{1,4})\./;

const CONNECT_TIMEOUT_MS = 5_000;
/** How long the first connection may take: the broker and the service are often started together. */
const FIRST_CONNECT_WAIT_MS = 30_000;
const FIRST_CONNECT_PAUSE_MS = 100;
const RECONNECT_LEAST_MS = 20;
const RECONNECT_MOST_MS = 500;
const RECONNECT_FACTOR = 2;
/** A dead peer is noticed after two of these. */
const PING_INTERVAL_MS = 10_000;
const PINGS_UNANSWERED_MAX = 2;
const CLOSE_WAIT_MS = 2_000;

export type LinkOptions = {
  readonly url: string;
  readonly credsFile?: string | undefined;
  readonly name: string;
  readonly log: Logger;
  readonly activity: Activity;
  readonly metrics?: Metrics | undefined;
};

/** The one connection of a process, with what everything on it needs to know. */
export type Link = {
  readonly nc: NatsConnection;
  readonly name: string;
  readonly log: Logger;
  readonly activity: Activity;
  readonly metrics: Metrics | undefined;
  /** Asks and waits for one answer. Errors: those of `Replies.ask`; `Unconfirmed` as soon as the connection breaks. */
  ask(question: Question): Promise<Msg>;
  /** What is wrong at the moment, by reader: a durable that is not there, a stream that does not answer. */
  readonly problems: Map<string, string>;
  isConnected(): boolean;
  isClosed(): boolean;
  /** Resolves when connected, when this time has passed, or when the signal says so. */
  untilConnected(withinMs: number, signal?: AbortSignal): Promise<void>;
  /** Tells of every loss and every return of the connection; the result ends it. */
  onChange(listener: (connected: boolean) => void): () => void;
  close(): Promise<void>;
};

/** The inbox of a service, so that no other one can read its replies. */
export const inboxPrefixOf = (name: string): string => `_INBOX_${name}`;

/** Whether a server is new enough for us. */
export function isVersionEnough(version: string): boolean {
  const match = VERSION.exec(version);
  if (match === null) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > VERSION_LEAST[0] || (major === VERSION_LEAST[0] && minor >= VERSION_LEAST[1]);
}

/** Delays that grow and are reset by success, with a quarter of jitter so that services do not return in step. */
function growingDelay() {
  let delayMs = RECONNECT_LEAST_MS;
  return {
    next: (): number => {
      const jittered = delayMs * (0.75 + Math.random() / 4);
      delayMs = Math.min(delayMs * RECONNECT_FACTOR, RECONNECT_MOST_MS);
      return Math.round(jittered);
    },
    reset: (): void => {
      delayMs = RECONNECT_LEAST_MS;
    },
  };
}

const isAuthError = (error: unknown): boolean =>
  error instanceof NatsError &&
  (error.code === ErrorCode.AuthorizationViolation || error.code === ErrorCode.AuthenticationExpired);

async function firstConnection(url: string, options: ConnectionOptions): Promise<NatsConnection> {
  const deadline = performance.now() + FIRST_CONNECT_WAIT_MS;
  for (;;) {
    try {
      return await connect(options);
    } catch (error) {
      if (isAuthError(error)) throw new Error(`NATS at ${url} refuses our credentials`, { cause: error });
      if (performance.now() > deadline)
        throw new Error(`NATS at ${url} did not answer within ${FIRST_CONNECT_WAIT_MS} ms`, { cause: error });
      await pause(FIRST_CONNECT_PAUSE_MS);
    }
  }
}

/**
 * Connects and stays connected: after the first connection it comes back for ever, with back-off.
 *
 * Errors: credentials that cannot be read or are refused, no answer in time, a server older than 2.12.
 */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { credsFile, name } = options;
  const url = redactText(options.url);
  const delay = growingDelay();
  const nc = await firstConnection(url, {
    servers: options.url,
    name,
    inboxPrefix: inboxPrefixOf(name),
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: delay.next,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_UNANSWERED_MAX,
    ignoreAuthErrorAbort: true,
    // A stack trace for every request costs more than the request.
    noAsyncTraces: true,
    ...(credsFile === undefined ? {} : { authenticator: credsAuthenticator(await readFile(credsFile)) }),
  });
  const version = nc.info?.version ?? 'unknown';
  if (!isVersionEnough(version)) {
    await nc.close();
    throw new Error(
      `NATS at ${url} is version ${version}; Slipstream needs ${VERSION_LEAST.join('.')} or newer`,
    );
  }
  return follow(nc, options, delay.reset);
}

/** Turns the client's stream of events into calls; ends with the connection. */
async function hearEvents(
  nc: NatsConnection,
  log: Logger,
  on: { change(connected: boolean): void; forbidden(subject: string): void },
): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === Events.Disconnect) on.change(false);
    if (status.type === Events.Reconnect) on.change(true);
    if (status.type !== Events.Error) continue;
    const { operation, subject = '' } = status.permissionContext ?? {};
    if (operation === 'publish') on.forbidden(subject);
    log.error({ code: String(status.data), operation, subject }, 'bus.error');
  }
}

function follow(nc: NatsConnection, options: LinkOptions, onReturn: () => void): Link {
  const { name, log, activity, metrics } = options;
  const listeners = new Set<(connected: boolean) => void>();
  const replies = new Replies(nc, inboxPrefixOf(name));
  let connected = true;

  const change = (now: boolean): void => {
    if (connected === now) return;
    connected = now;
    if (now) onReturn();
    else replies.failAll(new Unconfirmed('the connection broke'));
    log.warn({ server: nc.getServer() }, now ? 'bus.reconnected' : 'bus.disconnected');
    for (const listener of [...listeners]) listener(now);
  };
  hearEvents(nc, log, { change, forbidden: (subject) => replies.forbid(subject) }).catch((error: unknown) =>
    log.error({ error }, 'bus.events-lost'),
  );

  const onChange = (listener: (connected: boolean) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const isConnected = (): boolean => connected && !nc.isClosed();

  return {
    nc,
    name,
    log,
    activity,
    metrics,
    problems: new Map(),
    isConnected,
    isClosed: () => nc.isClosed(),
    onChange,
    // What is written while disconnected is thrown away by the next dial, so it is not written.
    ask: async (question) => {
      if (!isConnected()) throw new Unconfirmed('not connected');
      return replies.ask(question);
    },
    untilConnected: async (withinMs, signal) => {
      if (isConnected()) return;
      const back = new AbortController();
      const end = onChange(() => back.abort());
      await pause(withinMs, signal === undefined ? back.signal : AbortSignal.any([back.signal, signal]));
      end();
    },
    close: async () => {
      replies.close();
      if (nc.isClosed()) return;
      // Draining waits for an answer of the server, which may be gone for good.
      const drained = new AbortController();
      const draining = connected ? nc.drain().catch(() => undefined) : Promise.resolve();
      void draining.finally(() => drained.abort());
      await pause(CLOSE_WAIT_MS, drained.signal);
      await nc.close();
    },
  };
}
