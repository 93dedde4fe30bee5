import { type Logger, pause } from '@slipstream/runtime';
import { WebSocket } from 'ws';
import { backoffMs } from './core/backoff.ts';

const OPEN_WAIT_MS = 10_000;
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

/** How long the parts of a session's life may take, in milliseconds of machine time. */
export type Pace = {
  readonly pingEveryMs: number;
  /** A connection on which not even an answer to a ping came for so long is dead. */
  readonly silenceMs: number;
  /** A session that stood so long was a good one; one that ends sooner makes the next attempt wait longer. */
  readonly steadyMs: number;
};

/** The exchange wants a ping every ten seconds. Source: polymarket §4.2. */
const PACE: Pace = { pingEveryMs: 10_000, silenceMs: 15_000, steadyMs: 30_000 };

export type SessionOptions = {
  readonly url: string;
  /** The first frame, which holds the credentials: made when it is sent, and kept nowhere. */
  readonly authentication: () => string;
  readonly onText: (text: string) => void;
  /**
   * Asks for what was missed. The session counts as connected when this resolves; when it fails, the connection is
   * given up, since nobody knows what it lacks.
   */
  readonly catchUp: () => Promise<void>;
  /** Connected or not any more, and a sign of life of a connected session. */
  readonly onState: (state: 'open' | 'alive' | 'closed') => void;
  readonly log: Logger;
  readonly pace?: Pace;
};

/** One connection, from its opening to its end. */
type Line = { heardAt: number; openSince: number | null; answered: () => void };

/**
 * One authenticated connection to the user channel that is opened again whenever it ends, with growing pauses. The
 * exchange replays nothing, so every connection begins with catching up; its only word on bad credentials is to close.
 * Errors are part of a session's life: they end the connection and are never thrown, and never quote what was sent.
 */
export class UserSession {
  readonly #options: SessionOptions;
  readonly #pace: Pace;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #socket: WebSocket | null = null;
  #line: Line | null = null;
  #failures = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#pace = options.pace ?? PACE;
    this.#ended = this.#keep();
  }

  /** Connected, caught up, and alive as far as anybody knows. */
  isOpen(): boolean {
    return this.#line?.openSince != null;
  }

  /** Connections in a row that did not last. */
  failures(): number {
    return this.#failures;
  }

  /** Ends this connection, which is not to be trusted; the next one opens by itself. */
  renew(): void {
    this.#socket?.terminate();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.renew();
    await this.#ended;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const stood = await this.#connect();
      this.#failures = stood ? 0 : this.#failures + 1;
      await pause(backoffMs(this.#failures, Math.random()), signal);
    }
  }

  /** One connection; resolves when it has ended, with whether it stood for long enough to be called good. */
  async #connect(): Promise<boolean> {
    const { promise: closed, resolve } = Promise.withResolvers<number>();
    const { promise: answer, resolve: answered } = Promise.withResolvers<void>();
    const line: Line = { heardAt: performance.now(), openSince: null, answered };
    const socket = new WebSocket(this.#options.url, {
      handshakeTimeout: OPEN_WAIT_MS,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#line = line;
    const watch = setInterval(() => this.#watch(socket, line), this.#pace.pingEveryMs);
    socket.on('open', () => {
      line.heardAt = performance.now();
      socket.send(this.#options.authentication());
      socket.send('PING');
      // Frames are handled in order: who answers the ping has read the credentials.
      answer.then(() => this.#begin(socket, line)).catch(() => socket.terminate());
    });
    socket.on('message', (data) => this.#hear(line, data.toString()));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => resolve(code));
    const code = await closed;
    clearInterval(watch);
    this.#socket = null;
    this.#line = null;
    const stoodMs = line.openSince === null ? 0 : performance.now() - line.openSince;
    if (line.openSince !== null) this.#options.onState('closed');
    const stood = { code, stoodMs: Math.round(stoodMs), failures: this.#failures };
    this.#options.log.warn(stood, 'user-session.closed');
    return stoodMs >= this.#pace.steadyMs;
  }

  async #begin(socket: WebSocket, line: Line): Promise<void> {
    try {
      await this.#options.catchUp();
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'user-session.not-caught-up');
      socket.terminate();
      return;
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    line.openSince = performance.now();
    this.#options.log.info('user-session.open');
    this.#options.onState('open');
  }

  #hear(line: Line, text: string): void {
    line.heardAt = performance.now();
    line.answered();
    this.#options.onText(text);
    if (line.openSince !== null) this.#options.onState('alive');
  }

  #watch(socket: WebSocket, line: Line): void {
    if (performance.now() - line.heardAt > this.#pace.silenceMs) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.send('PING');
  }
}
