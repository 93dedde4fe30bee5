import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut and mended, at an address that stays the same. */
export type Cable = {
  /** The server's URL by way of the cable. */
  readonly url: string;
  /** Ends every connection; new ones are refused. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
};

/** Lays a cable to the server at `target`. */
export async function startCable(target: string): Promise<Cable> {
  const far = new URL(target);
  const sockets = new Set<Socket>();
  const join = (near: Socket): void => {
    const beyond = connect(Number(far.port), far.hostname);
    for (const [socket, other] of [[near, beyond] as const, [beyond, near] as const]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => other.destroy());
      socket.pipe(other);
    }
  };
  let server: Server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the cable has no port');
  const { port } = address;
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await closed;
    },
    mend: async () => {
      server = createServer(join).listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
