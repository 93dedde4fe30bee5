import { pause } from '@slipstream/runtime';
import { WebSocket } from 'ws';

const AGAIN_FIRST_MS = 100;
const AGAIN_MOST_MS = 10_000;
const OPEN_WAIT_MS = 10_000;
const PONG_WAIT_MS = 5_000;
const FRAME_BYTES_MAX = 32 * 1024 * 1024;

export type SocketHandlers = {
  readonly onOpen: (send: (text: string) => void) => void;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
};

/** One connection that is opened again whenever it ends. */
export type KeptSocket = {
  /** Sends when open; what cannot be sent is said again by `onOpen` of the next connection. */
  readonly send: (text: string) => void;
  readonly isOpen: () => boolean;
  /** Everything that the other side sent before this call has been handed over when it resolves. Errors: no answer. */
  readonly flushed: () => Promise<void>;
  /** Ends this connection; the next one opens by itself. */
  readonly renew: () => void;
  readonly stop: () => void;
};

/** Errors are part of a socket's life: logged by the caller through `onClose`, and never thrown. */
export function keepSocket(url: string, handlers: SocketHandlers): KeptSocket {
  const stopping = new AbortController();
  let socket: WebSocket | null = null;
  let delayMs = AGAIN_FIRST_MS;

  const connect = (): Promise<void> =>
    new Promise((resolve) => {
      const opened = new WebSocket(url, {
        handshakeTimeout: OPEN_WAIT_MS,
        maxPayload: FRAME_BYTES_MAX,
        perMessageDeflate: false,
      });
      socket = opened;
      opened.on('open', () => {
        delayMs = AGAIN_FIRST_MS;
        handlers.onOpen((text) => opened.send(text));
      });
      opened.on('message', (data) => handlers.onText(data.toString()));
      opened.on('error', () => opened.terminate());
      opened.on('close', () => {
        socket = null;
        handlers.onClose();
        resolve();
      });
    });

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await connect();
      await pause(delayMs, stopping.signal);
      delayMs = Math.min(delayMs * 2, AGAIN_MOST_MS);
    }
  };
  keep().catch(() => undefined);

  const isOpen = (): boolean => socket?.readyState === WebSocket.OPEN;
  return {
    isOpen,
    send: (text) => {
      if (isOpen()) socket?.send(text);
    },
    flushed: () =>
      new Promise((resolve, reject) => {
        const current = socket;
        if (current === null || !isOpen()) return reject(new Error('the socket is not open'));
        const late = setTimeout(() => finish(new Error('the socket does not answer')), PONG_WAIT_MS);
        const finish = (error?: Error): void => {
          clearTimeout(late);
          current.off('pong', onPong);
          current.off('close', onClose);
          if (error) reject(error);
          else resolve();
        };
        const onPong = (): void => finish();
        const onClose = (): void => finish(new Error('the socket closed'));
        current.once('pong', onPong);
        current.once('close', onClose);
        current.ping();
      }),
    renew: () => socket?.terminate(),
    stop: () => {
      stopping.abort();
      socket?.terminate();
    },
  };
}
