import { makeBurst } from './leaders/burst.ts';
import { startLoad } from './load.ts';
import { openFurtherMarket, type Source } from './source.ts';
import type { Trading } from './trading/trading.ts';
import type { Venue } from './venue/venue.ts';
import type { Administration } from './wire/admin.ts';
import type { Faults } from './wire/faults.ts';
import { RUBBISH } from './wire/market-socket.ts';
import { type OrderFaults, setOrderFaults } from './wire/order-faults.ts';
import type { RequestLog } from './wire/request-log.ts';
import type { RpcSockets } from './wire/rpc-socket.ts';
import type { SocketHub } from './wire/sockets.ts';
import type { keepTold } from './wire/told-log.ts';
import type { UserFaults } from './wire/user-socket.ts';

type Sockets = Pick<SocketHub<unknown>, 'sendAll' | 'cutAll'>;

/** The parts of the running simulator that the administration acts on. */
export type Administered = {
  readonly venue: Venue;
  readonly source: Source;
  readonly faults: Faults;
  readonly market: Sockets;
  readonly rtds: Sockets;
  readonly user: Sockets;
  readonly rpc: Pick<RpcSockets, 'cutAll' | 'reorganise'>;
  readonly nowMs: () => number;
  readonly trading: Trading;
  readonly orderFaults: OrderFaults;
  readonly userFaults: UserFaults;
  readonly log: RequestLog;
  readonly told: ReturnType<typeof keepTold>;
};

const hasBook = (venue: Venue): boolean =>
  [...venue.markets.values()].some((market) => venue.book(market.tokenIds[0]) !== null);

/** What the feed's readers must survive; the last names a wallet that is followed and is rubbish otherwise. */
const feedRubbish = (wallet: string): readonly string[] => [
  '{"topic":"activity","type":"trades","payload":{"proxyWallet":7}}',
  `{"topic":"activity","type":"trades","timestamp":1,"connection_id":"x","payload":{"proxyWallet":"${wallet}","price":"high"}}`,
];

/** Everything that the trading side knows. */
const booksOf = (trading: Trading): object => ({
  orders: trading.orders(),
  trades: trading.trades(),
  accounts: trading.accounts(),
  totals: trading.totals(),
});

/** What opens, changes and ends markets. */
const ofMarkets = ({
  venue,
  trading,
  nowMs,
}: Administered): Pick<Administration, 'propose' | 'openMarket' | 'setTick' | 'resolve'> => ({
  propose: (conditionId) => venue.propose(conditionId),
  openMarket: ({ name, traits, secondsDelay }) => {
    const conditionId = openFurtherMarket(venue, name, nowMs(), traits);
    if (conditionId !== null && secondsDelay !== undefined)
      trading.switches.secondsDelay = { ...trading.switches.secondsDelay, [conditionId]: secondsDelay };
    return conditionId;
  },
  setTick: (tokenId, tickMicros) => {
    const market = venue.marketOf(tokenId);
    if (market?.state !== 'open') return false;
    venue.setTick(market.conditionId, tickMicros, nowMs());
    return true;
  },
  resolve: (conditionId, numerators) =>
    venue.resolve(conditionId, numerators, numerators[0] + numerators[1], nowMs()),
});

/** Everything that tests and tools may ask for, and an end to what goes on by itself. */
export function administer(parts: Administered): Administration & { readonly stop: () => void } {
  const { venue, source, faults, market, rtds, user, rpc, nowMs, trading, orderFaults, userFaults } = parts;
  const loads: { stop(): void }[] = [];
  let started = false;
  return {
    faults,
    trading: {
      faults: () => ({ ...orderFaults, ...userFaults, ...trading.switches }),
      setFaults: ({ order, user: ofUser, switches }) => {
        setOrderFaults(orderFaults, order, nowMs());
        Object.assign(userFaults, ofUser);
        Object.assign(trading.switches, switches);
      },
      books: () => booksOf(trading),
      fund: (address, funding) => trading.fund(address, funding),
      approve: (address, approval) => trading.approve(address, approval),
      place: (order) => trading.place(order),
    },
    requests: (since) => parts.log.since(since),
    told: parts.told.since,
    dropUserSockets: () => user.cutAll(),
    state: () => ({
      wallets: source.wallets,
      started,
      markets: venue.markets.size,
      trades: venue.log.trades,
      ...source.progress(),
    }),
    start: () => {
      if (started) return;
      started = true;
      source.start();
    },
    burst: (burst) => makeBurst(venue, source.traders, burst, nowMs()),
    trade: ({ maker, ...trade }) =>
      venue.trade({
        ...trade,
        isTaker: !maker,
        transactionHash: trade.transactionHash ?? source.traders.nextHash(),
        atMs: nowMs(),
      }),
    ...ofMarkets(parts),
    load: (load) => {
      if (!hasBook(venue)) throw new RangeError('no market has a book');
      loads.push(startLoad(venue, source.traders, source.wallets.slice(0, load.wallets), load, nowMs));
    },
    dropSockets: () => {
      market.cutAll();
      user.cutAll();
      rtds.cutAll();
      rpc.cutAll();
    },
    dropRpcSockets: () => rpc.cutAll(),
    reorganise: (depth, returnAfter) => rpc.reorganise(depth, returnAfter),
    sendRubbish: () => {
      for (const text of RUBBISH) market.sendAll(text);
      for (const text of feedRubbish(source.wallets[0] ?? '')) rtds.sendAll(text);
    },
    stop: () => {
      for (const load of loads) load.stop();
    },
  };
}
