import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Nobody needs more headers than this; more is answered with 431. */
const HEADER_BYTES_MAX = 16_384;
const HEADERS_WAIT_MS = 5_000;
/** From the first byte of a request to the last of its body. */
const REQUEST_WAIT_MS = 15_000;
const IDLE_WAIT_MS = 30_000;
const CONNECTIONS_MAX = 500;
const REQUESTS_OF_CONNECTION_MAX = 10_000;

export type HttpServer = { readonly url: string; readonly stop: () => Promise<void> };

/** Listens with a bound on every wait. Errors: rejects when the address is taken. */
export async function listen(options: {
  readonly host: string;
  readonly port: number;
  readonly onRequest: RequestListener;
}): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_WAIT_MS,
      requestTimeout: REQUEST_WAIT_MS,
      keepAliveTimeout: IDLE_WAIT_MS,
    },
    options.onRequest,
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = REQUESTS_OF_CONNECTION_MAX;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') reject(new Error('the server has no address'));
      else resolve(bound);
    });
  });
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
