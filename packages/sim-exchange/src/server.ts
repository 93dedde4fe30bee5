import { createServer, type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { administer } from './administration.ts';
import { Bindings } from './bindings.ts';
import { Chain } from './chain/chain.ts';
import type { SimOptions } from './sim-options.ts';
import { openSource } from './source.ts';
import { noTradingSwitches } from './trading/switches.ts';
import { createTrading } from './trading/trading.ts';
import { Venue } from './venue/venue.ts';
import { fundWallets, SIM_WALLETS, type SimWallet } from './wallets.ts';
import { type AccountAdministration, adminRoutes } from './wire/admin.ts';
import { clobRoutes } from './wire/clob.ts';
import { dataRoutes } from './wire/data-api.ts';
import { type Faults, noFaults } from './wire/faults.ts';
import { gammaRoutes } from './wire/gamma.ts';
import { type Route, serveRoutes } from './wire/http.ts';
import { KeyStore } from './wire/keys.ts';
import { openMarketSocket } from './wire/market-socket.ts';
import { noOrderFaults } from './wire/order-faults.ts';
import { withPathFaults } from './wire/path-faults.ts';
import { RequestLog } from './wire/request-log.ts';
import { openRpc, rpcRoutes } from './wire/rpc.ts';
import { RpcSockets } from './wire/rpc-socket.ts';
import { openRtds } from './wire/rtds.ts';
import { attachHubs } from './wire/sockets.ts';
import { keepTold } from './wire/told-log.ts';
import { tradingRoutes } from './wire/trading-routes.ts';
import { noUserFaults, openUserSocket } from './wire/user-socket.ts';

const CHAIN_ID = 137;
/** Of the order book, where nobody asks for another. */
const CLOB_VERSION = 2;
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
  user: '/ws/user',
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
  readonly user: string;
  readonly chainId: number;
  /** Wallets that may trade, one for each signature type; their keys are public. */
  readonly wallets: readonly SimWallet[];
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
    user: `${ws}${PATHS.user}`,
    wallets: SIM_WALLETS,
    chainId: CHAIN_ID,
  };
}

/** The side on which wallets trade: its state, who may open it, what it meets, and what was asked of it. */
function openTradingSide(options: SimOptions, venue: Venue, faults: Faults, nowMs: () => number) {
  const switches = noTradingSwitches();
  const trading = createTrading({ venue, clock: options.clock, nowMs, chainId: CHAIN_ID, switches });
  fundWallets(trading);
  const keys = new KeyStore();
  for (const { address } of SIM_WALLETS) keys.make(address, '0');
  const orderFaults = noOrderFaults();
  const userFaults = noUserFaults();
  const log = new RequestLog(nowMs);
  const user = openUserSocket(venue, trading, keys, userFaults, PATHS.user);
  const { clobVersion = CLOB_VERSION } = options;
  const bindings = new Bindings(SIM_WALLETS);
  const stopped = new AbortController();
  // Who still waits for an answer when the exchange stops gets none.
  const wait = (ms: number): Promise<void> =>
    setTimeout(ms, undefined, { signal: stopped.signal }).catch(() => undefined);
  const accounts = tradingRoutes({
    venue,
    trading,
    keys,
    log,
    nowMs,
    chainId: CHAIN_ID,
    clobVersion,
    faults: orderFaults,
    funderOf: (address, type) => bindings.funderOf(address, type),
    addressesOf: (address) => bindings.addressesOf(address),
    isGeoblocked: () => faults.geoblocked,
    wait,
  });
  const open = log.watch(clobRoutes(venue, faults, nowMs, clobVersion));
  const both: Route = async (call) => (await accounts(call)) ?? open(call);
  return {
    administered: { trading, orderFaults, userFaults, log, user },
    accounts: {
      bind: (signer, type, funder) => bindings.bind(signer, type, funder),
      redeem: (address, conditionId) => trading.redeem(address, conditionId),
      cancel: (orderId, reason) => trading.cancelFor(orderId, reason),
    } satisfies AccountAdministration,
    route: withPathFaults(both, orderFaults, log, wait),
    stop: (): void => stopped.abort(),
  };
}

/** Starts the exchange on loopback. Errors: the port is taken. */
export async function startSimExchange(options: SimOptions): Promise<RunningSim> {
  const nowMs = (): number => options.clock.now().getTime();
  const venue = new Venue();
  // Before anybody listens: a trade is visible from the moment at which the first one is told.
  const told = keepTold(venue);
  const faults = noFaults();
  const source = openSource(options, venue);
  const side = openTradingSide(options, venue, faults, nowMs);
  const { user } = side.administered;
  const market = openMarketSocket(venue, faults, PATHS.market, { singleObjects: options.singleObjects });
  const rtds = openRtds(venue, faults, PATHS.rtds, nowMs);
  const chain = new Chain(venue, nowMs);
  const rpc = openRpc(chain, faults, CHAIN_ID);
  const rpcSockets = new RpcSockets({ chain, rpc, faults, clock: options.clock, path: PATHS.rpc });
  const admin = administer({
    told,
    venue,
    source,
    faults,
    market,
    rtds,
    rpc: rpcSockets,
    nowMs,
    ...side.administered,
  });
  const handle = serveRoutes([
    adminRoutes(admin, side.accounts, PATHS.admin),
    rpcRoutes(rpc, faults, PATHS.rpc),
    dataRoutes(venue, faults, nowMs, PATHS.data),
    gammaRoutes(venue, PATHS.gamma),
    side.route,
  ]);
  const server = createServer((request, response) => {
    options.busy.run(() => handle(request, response), 'request').catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = CONNECTIONS_MAX;
  attachHubs(server, [market, user, rtds, ...rpcSockets.hubs]);
  const port = await listen(server, options.port);
  if (!options.hold) admin.start();
  return {
    endpoints: endpointsAt(port),
    venue,
    wallets: source.wallets,
    start: admin.start,
    stop: async () => {
      admin.stop();
      side.stop();
      for (const hub of [market, user, rtds]) hub.close();
      rpcSockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
