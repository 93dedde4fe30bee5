import { createServer } from 'node:net';
import { Refusal } from './refusal.ts';

const LOOPBACK = '127.0.0.1';

/** Binds `port` (0 = any) on loopback for a moment. Gives the port that was bound, or null when it is taken. */
const tryPort = (port: number): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : null;
      server.close(() => resolve(bound));
    });
  });

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === null)
    throw new Refusal('No free TCP port is left on 127.0.0.1; stop some programs and try again.');
  return port;
}

/** Errors: Refusal naming the port and how to choose another. */
export async function requirePort(port: number, what: string, flag: string): Promise<number> {
  if ((await tryPort(port)) === null)
    throw new Refusal(
      `Port ${port} for the ${what} is taken by another program; choose another with ${flag}.`,
    );
  return port;
}
