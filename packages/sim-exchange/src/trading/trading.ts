import { EventEmitter } from 'node:events';
import type { Clock } from '@slipstream/runtime';
import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { Accounts } from './accounts.ts';
import { paused, standing } from './checks.ts';
import { Engine, type OrderStep } from './engine.ts';
import { Heartbeats } from './heartbeats.ts';
import { Orders, passes } from './orders.ts';
import { Placing } from './placing.ts';
import { redeem } from './redemption.ts';
import { NOT_CANCELED } from './refusals.ts';
import { Settlement } from './settlement.ts';
import { Strangers } from './strangers.ts';
import type { TradingSwitches } from './switches.ts';
import { isOf, passesTrade } from './trade-filter.ts';
import type {
  AccountView,
  Approval,
  Asset,
  AssetView,
  Canceled,
  CancelReason,
  Funding,
  HeartbeatReply,
  KeptOrder,
  KeptTrade,
  OrderFilter,
  Placement,
  Refusal,
  RestingStatus,
  TradeFilter,
  TradingEvents,
  VerifiedOrder,
} from './types.ts';

export type TradingOptions = {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly chainId: number;
  readonly switches: TradingSwitches;
};

/** The exchange's trading side: accounts, orders, matches and what becomes of them. Addresses and ids in lower case. */
export class Trading extends EventEmitter<TradingEvents> {
  readonly switches: TradingSwitches;
  readonly #options: TradingOptions;
  readonly #orders = new Orders();
  readonly #accounts: Accounts;
  readonly #settlement: Settlement;
  readonly #engine: Engine;
  readonly #placing: Placing;
  readonly #heartbeats: Heartbeats;

  constructor(options: TradingOptions) {
    super();
    const { venue, switches, chainId, nowMs, clock } = options;
    this.#options = options;
    this.switches = switches;
    this.#accounts = new Accounts(chainId, switches, (address) => this.#orders.reservedOf(address));
    this.#settlement = new Settlement({
      clock,
      nowMs,
      switches,
      accounts: this.#accounts,
      tell: (trade) => this.#tellTrade(trade),
      moved: (trade) => this.#redeemAfter(trade),
    });
    const parts = {
      ...options,
      orders: this.#orders,
      accounts: this.#accounts,
      settlement: this.#settlement,
      tell: (order: KeptOrder, kind: OrderStep, killedWith?: string) =>
        this.#tellOrder(order, kind, killedWith),
    };
    this.#engine = new Engine(parts);
    this.#placing = new Placing({ ...parts, engine: this.#engine });
    this.#heartbeats = new Heartbeats({ clock, nowMs, silent: (owner) => void this.cancelAll(owner) });
    const strangers = new Strangers({ ...parts, engine: this.#engine });
    venue.meet = (market) => strangers.meet(market);
    venue.delays = switches;
    venue.on('trade', (row) => {
      // The exchange's own trades name their order; everybody else's are strangers'.
      if (row.orderId === undefined) strangers.traded(row);
    });
    venue.on('resolved', ({ market }) => this.#onResolved(market));
  }

  /** Takes or refuses a verified order. Its events may be told before this returns. */
  place(order: VerifiedOrder): Placement {
    return this.#placing.place(order);
  }

  /** What stands against all orders, or all cancels, whosever they are. */
  pausedFor(what: 'orders' | 'cancels'): Refusal | null {
    return paused(what, this.switches);
  }

  /** What the exchange as a whole, or an account's standing, has against an order, before it is looked at. */
  standingOf(order: VerifiedOrder): Refusal | null {
    return standing(order, this.switches);
  }

  /** Cancels an order by the exchange's own will. False: it is not live. */
  cancelFor(id: string, reason: CancelReason): boolean {
    const order = this.#orders.get(id);
    if (order?.status !== 'LIVE') return false;
    this.#engine.close({ ...order, cancelReason: reason }, 'CANCELED');
    return true;
  }

  /** Milliseconds that the caller waits, on the clock, before it places this order; nearly always 0. */
  holdMs(order: VerifiedOrder): number {
    return this.#placing.holdMs(order);
  }

  cancel(owner: string, ids: readonly string[]): Canceled {
    const canceled: string[] = [];
    const notCanceled: Record<string, string> = {};
    for (const id of new Set(ids)) {
      const order = this.#orders.get(id);
      if (order === undefined || order.owner !== owner) notCanceled[id] = NOT_CANCELED.unknown;
      else if (order.status === 'DELAYED') notCanceled[id] = NOT_CANCELED.delayed;
      else if (order.status === 'MATCHED') notCanceled[id] = NOT_CANCELED.matched;
      else if (order.status !== 'LIVE') notCanceled[id] = NOT_CANCELED.unknown;
      else {
        this.#engine.close(order, 'CANCELED');
        canceled.push(id);
      }
    }
    return { canceled, notCanceled };
  }

  cancelAll(owner: string): Canceled {
    return this.cancelMarket(owner, {});
  }

  /** Orders that wait for their delay are none of those that are meant. */
  cancelMarket(owner: string, filter: Pick<OrderFilter, 'market' | 'asset'>): Canceled {
    const live = this.openOrders(owner, filter);
    return this.cancel(
      owner,
      live.map((order) => order.id),
    );
  }

  orderOf(id: string): KeptOrder | null {
    return this.#orders.get(id) ?? null;
  }

  /** Live orders of an API key, oldest first. */
  openOrders(owner: string, filter: OrderFilter = {}): readonly KeptOrder[] {
    return this.#orders
      .openOwnedBy(owner)
      .filter((order) => order.status === 'LIVE' && passes(order, filter));
  }

  /** Trades in which an API key took part on either side, newest first. */
  tradesOf(owner: string, filter: TradeFilter = {}): readonly KeptTrade[] {
    return this.#settlement
      .all()
      .filter((trade) => isOf(trade, owner) && passesTrade(trade, filter))
      .reverse();
  }

  /** Keeps an API key's orders alive; who has begun and is silent for ten seconds loses them. */
  heartbeat(owner: string, id: string): HeartbeatReply {
    return this.#heartbeats.beat(owner, id);
  }

  /** The same without a chain of ids. */
  keepAlive(owner: string): void {
    this.#heartbeats.keepAlive(owner);
  }

  account(address: string): AccountView {
    return this.#accounts.view(address);
  }

  /** The exchange's own, perhaps stale, view of one asset. */
  balance(address: string, asset: Asset): AssetView {
    return this.#accounts.known(address, asset);
  }

  /** Makes the exchange read the chain again. */
  refresh(address: string, asset: Asset): void {
    this.#accounts.refresh(address, asset);
  }

  fund(address: string, funding: Funding): void {
    this.#accounts.fund(address, funding);
    this.#options.venue.emit('pollable');
  }

  approve(address: string, approval: Approval): void {
    this.#accounts.approve(address, approval);
  }

  /** Pays a resolved market's positions out. False: not resolved, or nothing held. */
  redeem(address: string, conditionId: string): boolean {
    const market = this.#options.venue.markets.get(conditionId);
    if (market?.state !== 'resolved') return false;
    return redeem({ ...this.#options, accounts: this.#accounts }, address, market);
  }

  orders(): readonly KeptOrder[] {
    return this.#orders.all();
  }

  trades(): readonly KeptTrade[] {
    return this.#settlement.all();
  }

  accounts(): readonly AccountView[] {
    return this.#accounts.addresses().map((address) => this.#accounts.view(address));
  }

  /** Where all money is: what was paid in is with wallets, among the fees, or outside. Micros. */
  totals() {
    return this.#accounts.totals();
  }

  #onResolved(market: Market): void {
    const status: RestingStatus = 'CANCELED_MARKET_RESOLVED';
    for (const order of this.#orders.openOf(market.conditionId))
      this.#engine.close({ ...order, cancelReason: 'MARKET_RESOLVED' }, status);
    if (this.switches.autoRedeem)
      for (const address of this.#accounts.addresses()) this.redeem(address, market.conditionId);
  }

  #redeemAfter({ maker, makers, conditionId }: KeptTrade): void {
    if (!this.switches.autoRedeem) return;
    for (const address of new Set([maker, ...makers.map((part) => part.maker)]))
      this.redeem(address, conditionId);
  }

  #tellOrder(order: KeptOrder, kind: OrderStep, killedWith?: string): void {
    const atMs = this.#options.nowMs();
    this.emit('order', { order, kind, atMs, ...(killedWith === undefined ? {} : { killedWith }) });
    this.#options.venue.emit('pollable');
  }

  #tellTrade(trade: KeptTrade): void {
    this.emit('trade', { trade, atMs: this.#options.nowMs() });
    this.#options.venue.emit('pollable');
  }
}

export const createTrading = (options: TradingOptions): Trading => new Trading(options);
