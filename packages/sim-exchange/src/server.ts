import { createServer, type Server } from 'node:http';
import { administer } from './administration.ts';
import { Chain } from './chain/chain.ts';
import type { SimOptions } from './sim-options.ts';
import { openSource } from './source.ts';
import { Venue } from './venue/venue.ts';
import { adminRoutes } from './wire/admin.ts';
import { clobRoutes } from './wire/clob.ts';
import { dataRoutes } from './wire/data-api.ts';
import { noFaults } from './wire/faults.ts';
import { gammaRoutes } from './wire/gamma.ts';
import { serveRoutes } from './wire/http.ts';
import { openMarketSocket } from './wire/market-socket.ts';
import { openRpc, rpcRoutes } from './wire/rpc.ts';
import { RpcSockets } from './wire/rpc-socket.ts';
import { openRtds } from './wire/rtds.ts';
import { attachHubs } from './wire/sockets.ts';

const CHAIN_ID = 137;
const HOST = '127.0.0.1';
const KEEP_ALIVE_MS = 60_000;
/** Requests and sockets together; further ones are refused by the system. */
const CONNECTIONS_MAX = 2_000;

/** Where each interface lies below the one port. `/data/…` is the CLOB's own, so the Data API is not there. */
const PATHS = {
  admin: '/admin',
  data: '/data-api',
  gamma: '/gamma',
  market: '/ws/market',
  rpc: '/rpc',
  rtds: '/rtds',
} as const;

export type SimEndpoints = {
  readonly clob: string;
  readonly ws: string;
  readonly gamma: string;
  readonly data: string;
  readonly rtds: string;
  readonly rpc: string;
  /** The chain's websockets: two, as two nodes would be. */
  readonly rpcWs: readonly string[];
  readonly admin: string;
  readonly chainId: number;
};

export type RunningSim = {
  readonly endpoints: SimEndpoints;
  readonly venue: Venue;
  readonly wallets: readonly string[];
  start(): void;
  stop(): Promise<void>;
};

/** Gives the port. Errors: it is taken. */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function endpointsAt(port: number): SimEndpoints {
  const [http, ws] = [`http://${HOST}:${port}`, `ws://${HOST}:${port}`];
  return {
    clob: http,
    ws: `${ws}/ws`,
    gamma: `${http}${PATHS.gamma}`,
    data: `${http}${PATHS.data}`,
    rtds: `${ws}${PATHS.rtds}`,
    rpc: `${http}${PATHS.rpc}`,
    rpcWs: [`${ws}${PATHS.rpc}`, `${ws}${PATHS.rpc}/second`],
    admin: `${http}${PATHS.admin}`,
    chainId: CHAIN_ID,
  };
}

/** Starts the exchange on loopback. Errors: the port is taken. */
export async function startSimExchange(options: SimOptions): Promise<RunningSim> {
  const nowMs = (): number => options.clock.now().getTime();
  const venue = new Venue();
  const faults = noFaults();
  const source = openSource(options, venue);
  const market = openMarketSocket(venue, faults, PATHS.market, { singleObjects: options.singleObjects });
  const rtds = openRtds(venue, faults, PATHS.rtds, nowMs);
  const chain = new Chain(venue, nowMs);
  const rpc = openRpc(chain, faults, CHAIN_ID);
  const rpcSockets = new RpcSockets({ chain, rpc, faults, clock: options.clock, path: PATHS.rpc });
  const admin = administer({ venue, source, faults, market, rtds, rpc: rpcSockets, nowMs });
  const handle = serveRoutes([
    adminRoutes(admin, PATHS.admin),
    rpcRoutes(rpc, faults, PATHS.rpc),
    dataRoutes(venue, faults, nowMs, PATHS.data),
    gammaRoutes(venue, PATHS.gamma),
    clobRoutes(venue, faults, nowMs),
  ]);
  const server = createServer((request, response) => {
    options.busy.run(() => handle(request, response), 'request').catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = CONNECTIONS_MAX;
  attachHubs(server, [market, rtds, ...rpcSockets.hubs]);
  const port = await listen(server, options.port);
  if (!options.hold) admin.start();
  return {
    endpoints: endpointsAt(port),
    venue,
    wallets: source.wallets,
    start: admin.start,
    stop: async () => {
      admin.stop();
      market.close();
      rtds.close();
      rpcSockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
