import { pause } from '@slipstream/runtime';
import { WebSocket } from 'ws';

const AGAIN_FIRST_MS = 100;
const AGAIN_MOST_MS = 10_000;
/** A connection that lived so long was a good one; one that is closed sooner makes the next attempt wait longer. */
const STEADY_MS = 10_000;
const OPEN_WAIT_MS = 10_000;
const PONG_WAIT_MS = 5_000;
const FRAME_BYTES_MAX = 32 * 1024 * 1024;

/** One connection's life. What it keeps belongs to it alone: the next connection begins with a new one. */
export type Connection = {
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
};

/** Resolves when everything sent before has arrived, proven by the answer to a ping. Errors: closed, or no answer. */
function pingPong(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => reject(new Error('the socket does not answer')), PONG_WAIT_MS);
  const onClose = (): void => reject(new Error('the socket closed'));
  socket.once('pong', resolve);
  socket.once('close', onClose);
  socket.ping();
  return promise.finally(() => {
    clearTimeout(late);
    socket.off('pong', resolve);
    socket.off('close', onClose);
  });
}

/**
 * One connection that is opened again whenever it ends, with growing pauses between attempts. Errors are part of a
 * socket's life: they end the connection and are never thrown.
 */
export class KeptSocket {
  readonly #url: string;
  readonly #onOpen: (send: (text: string) => void) => Connection;
  readonly #stopping = new AbortController();
  #socket: WebSocket | null = null;
  #delayMs = AGAIN_FIRST_MS;
  #keeping = false;
  #replacing = false;

  /** `onOpen` makes what lives with a connection. */
  constructor(url: string, onOpen: (send: (text: string) => void) => Connection) {
    this.#url = url;
    this.#onOpen = onOpen;
    this.#keep().catch(() => undefined);
  }

  isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Sends when open; what cannot be sent is said again when the next connection opens. */
  send(text: string): void {
    if (this.isOpen()) this.#socket?.send(text);
  }

  /** Everything that the other side sent before this call has been handed over when it resolves. Errors: no answer. */
  flushed(): Promise<void> {
    return this.#socket !== null && this.isOpen()
      ? pingPong(this.#socket)
      : Promise.reject(new Error('the socket is not open'));
  }

  /** Ends this connection, which is not to be trusted; the next one opens by itself. */
  renew(): void {
    this.#socket?.terminate();
  }

  /** Opens the next connection first, so that nothing falls between the two, and then ends this one. */
  replace(): void {
    if (this.#replacing || !this.isOpen()) return;
    this.#replacing = true;
    this.#connect()
      .finally(() => {
        this.#replacing = false;
      })
      .then(() => this.#keep())
      .catch(() => undefined);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Opens again and again until stopped; only while no other connection is open. */
  async #keep(): Promise<void> {
    if (this.#keeping) return;
    this.#keeping = true;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#socket === null) {
      await this.#connect();
      if (this.#socket === null) await pause(this.#delayMs, signal);
      this.#delayMs = Math.min(this.#delayMs * 2, AGAIN_MOST_MS);
    }
    this.#keeping = false;
  }

  /** Opens one more connection, which takes over from the one before; resolves when it ends. */
  #connect(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let connection: Connection | null = null;
    let openedAt: number | null = null;
    const opened = new WebSocket(this.#url, {
      handshakeTimeout: OPEN_WAIT_MS,
      maxPayload: FRAME_BYTES_MAX,
      perMessageDeflate: false,
    });
    const end = (): void => opened.terminate();
    this.#stopping.signal.addEventListener('abort', end, { once: true });
    opened.on('open', () => {
      openedAt = performance.now();
      connection = this.#takeOver(opened);
    });
    opened.on('message', (data) => connection?.onText(data.toString()));
    opened.on('error', end);
    opened.on('close', () => {
      this.#stopping.signal.removeEventListener('abort', end);
      if (this.#socket === opened) this.#socket = null;
      if (openedAt !== null && performance.now() - openedAt > STEADY_MS) this.#delayMs = AGAIN_FIRST_MS;
      connection?.onClose();
      resolve();
    });
    return promise;
  }

  #takeOver(opened: WebSocket): Connection {
    const before = this.#socket;
    this.#replacing = false;
    this.#socket = opened;
    const connection = this.#onOpen((text) => opened.send(text));
    before?.close();
    return connection;
  }
}
