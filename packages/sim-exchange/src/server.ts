import { createServer } from 'node:http';
import { parseMicros } from '@slipstream/money';
import type { Activity as Busy, Clock } from '@slipstream/runtime';
import { type GeneratedWorld, generateWorld } from './leaders/generate.ts';
import { Traders } from './leaders/traders.ts';
import { startLoad } from './load.ts';
import { prepareReplay, type Replay } from './replay.ts';
import { type Tape, walletsOf } from './tapes/tape.ts';
import type { Activity } from './venue/activity.ts';
import { Venue } from './venue/venue.ts';
import { type Administration, adminRoutes, type Burst } from './wire/admin.ts';
import { clobRoutes } from './wire/clob.ts';
import { dataRoutes } from './wire/data-api.ts';
import { noFaults } from './wire/faults.ts';
import { gammaRoutes } from './wire/gamma.ts';
import { failure, json, type Route, serveRoutes } from './wire/http.ts';
import { openMarketSocket, RUBBISH } from './wire/market-socket.ts';
import { openRtds } from './wire/rtds.ts';
import { attachHubs } from './wire/sockets.ts';

const CHAIN_ID = 137;
const RPC_PATH = '/rpc';

export type SimOptions = {
  readonly clock: Clock;
  readonly busy: Busy;
  readonly tape: Tape | null;
  readonly seed: number;
  readonly wallets: number;
  readonly rate: number;
  readonly port: number;
  readonly speed: number;
  readonly silenceMaxMs: number;
  readonly loop: boolean;
  readonly pass: number;
  /** Wait for `start` before anything happens, so that leaders can be followed first. */
  readonly hold: boolean;
  readonly singleObjects: boolean;
};

export type SimEndpoints = {
  readonly clob: string;
  readonly ws: string;
  readonly gamma: string;
  readonly data: string;
  readonly rtds: string;
  readonly rpc: string;
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

/** The chain's answers that need no chain: its id, and a height that grows with time. */
function rpcRoutes(nowMs: () => number): Route {
  const BLOCK_MS = 2_000;
  return (call) => {
    if (call.path !== RPC_PATH) return null;
    const { id = null, method = '' } = (call.body ?? {}) as { id?: unknown; method?: string };
    const answer = (result: string) => json({ jsonrpc: '2.0', id, result });
    if (method === 'eth_chainId') return answer(`0x${CHAIN_ID.toString(16)}`);
    if (method === 'eth_blockNumber') return answer(`0x${Math.floor(nowMs() / BLOCK_MS).toString(16)}`);
    if (call.method !== 'POST') return failure(405, 'Method not allowed');
    return json({
      jsonrpc: '2.0',
      id,
      error: { code: -32601, message: `the simulator does not serve ${method} yet` },
    });
  };
}

type Source = {
  readonly wallets: readonly string[];
  readonly traders: Traders;
  readonly start: () => void;
  readonly progress: () => object;
};

function fromWorld(world: GeneratedWorld): Source {
  return {
    ...world,
    start: world.start,
    progress: () => ({ done: false, firstAt: null, lastAt: null, fired: 0, total: 0 }),
  };
}

function fromTape(tape: Tape, replay: Replay, venue: Venue, salt: string): Source {
  const at = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(ms).toISOString();
  return {
    wallets: walletsOf(tape),
    traders: new Traders(venue, salt),
    start: replay.start,
    progress: () => ({
      ...replay.progress(),
      firstAt: at(tape.events[0]?.atMs),
      lastAt: at(tape.events.at(-1)?.atMs),
    }),
  };
}

/** Trades made on request, all at this instant, some to a transaction. Errors: RangeError when no book offers any. */
function burstOf(venue: Venue, source: Source, burst: Burst, nowMs: number): Activity[] {
  const tokens = [...venue.markets.values()]
    .filter((m) => venue.book(m.tokenIds[0]) !== null)
    .map((m) => m.tokenIds[0]);
  const made: Activity[] = [];
  let transactionHash = '';
  for (let i = 0; i < burst.count; i++) {
    if (i % burst.perTransaction === 0) transactionHash = source.traders.nextHash();
    const tokenId = burst.tokenId ?? tokens[Math.floor(i / burst.perTransaction) % tokens.length];
    if (tokenId === undefined) throw new RangeError('no market has a book');
    const wish = { wallet: burst.wallet, tokenId, side: burst.side, transactionHash, atMs: nowMs };
    const activity = source.traders.make({ ...wish, notionalMicros: parseMicros(burst.notional) });
    if (activity !== null) made.push(activity);
  }
  return made;
}

/** Starts the exchange on loopback. Errors: the port is taken. */
export async function startSimExchange(options: SimOptions): Promise<RunningSim> {
  const { clock, tape } = options;
  const nowMs = (): number => clock.now().getTime();
  const venue = new Venue();
  const faults = noFaults();
  const source =
    tape === null
      ? fromWorld(generateWorld({ ...options, venue }))
      : fromTape(tape, prepareReplay({ ...options, tape, venue }), venue, `tape:${options.pass}:${nowMs()}`);
  const market = openMarketSocket(venue, faults, '/ws/market', {
    singleObjects: options.singleObjects,
    nowMs,
  });
  const rtds = openRtds(venue, faults, '/rtds', nowMs);

  let started = false;
  const start = (): void => {
    if (started) return;
    started = true;
    source.start();
  };
  const loads: { stop(): void }[] = [];
  const administration: Administration = {
    state: () => ({
      wallets: source.wallets,
      started,
      markets: venue.markets.size,
      trades: venue.log.trades,
      ...source.progress(),
    }),
    start,
    burst: (burst) => burstOf(venue, source, burst, nowMs()),
    trade: (trade) =>
      venue.trade({
        ...trade,
        transactionHash: trade.transactionHash ?? source.traders.nextHash(),
        atMs: nowMs(),
      }),
    resolve: (conditionId, numerators) =>
      venue.resolve(conditionId, numerators, numerators[0] + numerators[1], nowMs()),
    load: (load) =>
      loads.push(startLoad(venue, source.traders, source.wallets.slice(0, load.wallets), load, nowMs)),
    faults,
    dropSockets: () => {
      market.cutAll();
      rtds.cutAll();
    },
    sendRubbish: () => {
      for (const text of RUBBISH) for (const client of market.clients) market.send(client, text);
      for (const client of rtds.clients)
        rtds.send(client, '{"topic":"activity","type":"trades","payload":{"proxyWallet":7}}');
      const [wallet] = source.wallets;
      // A row that names a followed leader and is rubbish otherwise.
      for (const client of rtds.clients)
        rtds.send(
          client,
          `{"topic":"activity","type":"trades","timestamp":1,"connection_id":"x","payload":{"proxyWallet":"${wallet}","price":"high"}}`,
        );
    },
  };
  const handle = serveRoutes([
    adminRoutes(administration, '/admin'),
    rpcRoutes(nowMs),
    dataRoutes(venue, faults, nowMs, '/data-api'),
    gammaRoutes(venue, '/gamma'),
    (call) =>
      faults.bookGone && call.path === '/book'
        ? failure(404, 'No orderbook exists for the requested token id')
        : null,
    clobRoutes(venue, nowMs),
  ]);
  const server = createServer((request, response) => {
    options.busy.run(() => handle(request, response), 'request').catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  attachHubs(server, [market, rtds]);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  if (!options.hold) start();
  const [http, ws] = [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`];
  return {
    endpoints: {
      clob: http,
      ws: `${ws}/ws`,
      gamma: `${http}/gamma`,
      data: `${http}/data-api`,
      rtds: `${ws}/rtds`,
      rpc: `${http}${RPC_PATH}`,
      admin: `${http}/admin`,
      chainId: CHAIN_ID,
    },
    venue,
    wallets: source.wallets,
    start,
    stop: async () => {
      for (const load of loads) load.stop();
      market.close();
      rtds.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
