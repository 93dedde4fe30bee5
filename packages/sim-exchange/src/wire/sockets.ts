import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** A reader that falls this far behind is cut, as the exchange does. */
const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;
/** The exchange cuts a socket that says nothing for so long. */
const IDLE_CUT_MS = 125_000;
const IDLE_CHECK_MS = 5_000;
const FRAME_BYTES_MAX = 1_048_576;

/** One open connection and what the endpoint knows about it. */
export type Client<S> = { readonly socket: WebSocket; readonly state: S; heardAtMs: number };

export type Endpoint<S> = {
  readonly path: string;
  readonly open: () => S;
  /** A frame of the client; PING is answered before. */
  readonly hear: (client: Client<S>, text: string) => void;
  readonly answersPing: () => boolean;
};

export type SocketHub<S> = {
  readonly clients: ReadonlySet<Client<S>>;
  readonly send: (client: Client<S>, text: string) => void;
  readonly sendAll: (text: string) => void;
  readonly cutAll: () => void;
  readonly close: () => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
};

/** Keeps the connections of one path: PING and PONG, idle cut, and a bound on what waits for a slow reader. */
export function openHub<S>(endpoint: Endpoint<S>): SocketHub<S> {
  const server = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
  const clients = new Set<Client<S>>();
  const send = (client: Client<S>, text: string): void => {
    if (client.socket.bufferedAmount > BUFFERED_BYTES_MAX) client.socket.terminate();
    else if (client.socket.readyState === client.socket.OPEN) client.socket.send(text);
  };
  server.on('connection', (socket) => {
    const client: Client<S> = { socket, state: endpoint.open(), heardAtMs: performance.now() };
    clients.add(client);
    socket.on('close', () => clients.delete(client));
    socket.on('error', () => socket.terminate());
    socket.on('ping', () => {
      client.heardAtMs = performance.now();
    });
    socket.on('message', (data) => {
      client.heardAtMs = performance.now();
      const text = data.toString();
      if (/^"?ping"?$/i.test(text.trim())) {
        if (endpoint.answersPing()) send(client, 'PONG');
      } else endpoint.hear(client, text);
    });
  });
  const idle = setInterval(() => {
    for (const client of clients)
      if (performance.now() - client.heardAtMs > IDLE_CUT_MS) client.socket.terminate();
  }, IDLE_CHECK_MS);
  idle.unref();
  return {
    clients,
    send,
    sendAll: (text) => {
      for (const client of clients) send(client, text);
    },
    cutAll: () => {
      for (const client of clients) client.socket.terminate();
    },
    close: () => {
      clearInterval(idle);
      for (const client of clients) client.socket.terminate();
      server.close();
    },
    upgrade: (request, socket, head) => {
      const path = URL.parse(request.url ?? '/', 'http://localhost')?.pathname.replace(/\/+$/, '');
      if (path !== endpoint.path) return false;
      server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request));
      return true;
    },
  };
}

export const attachHubs = (server: Server, hubs: readonly Pick<SocketHub<unknown>, 'upgrade'>[]): void => {
  server.on('upgrade', (request, socket, head) => {
    if (!hubs.some((hub) => hub.upgrade(request, socket, head))) socket.destroy();
  });
};
