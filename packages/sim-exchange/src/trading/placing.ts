import type { Clock } from '@slipstream/runtime';
import { type Market, outcomeOf } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import type { Accounts } from './accounts.ts';
import { type Amounts, readAmounts } from './amounts.ts';
import { killed, meeting, readyMarket, shortage, standing } from './checks.ts';
import type { Engine, OrderStep, Plan } from './engine.ts';
import { isOpen, type Orders } from './orders.ts';
import { REFUSALS } from './refusals.ts';
import type { TradingSwitches } from './switches.ts';
import type { KeptOrder, Placement, Refusal, VerifiedOrder } from './types.ts';

const SECOND_MS = 1_000;
/** A GTD order ends so long before its expiration. Source: polymarket §2.6. */
const GTD_EARLY_MS = 60_000;
/** Killed orders that are remembered; past it a part of the oldest goes. */
const KILLED_MAX = 200_000;
const KILLED_DROPPED = 20_000;

export type PlacingParts = {
  readonly venue: Venue;
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly chainId: number;
  readonly switches: TradingSwitches;
  readonly orders: Orders;
  readonly accounts: Accounts;
  readonly engine: Engine;
  readonly tell: (order: KeptOrder, kind: OrderStep, killedWith?: string) => void;
};

/** What becomes of an order from when it comes in until it rests, is filled or is refused; and when it ends by itself. */
export class Placing {
  readonly #parts: PlacingParts;
  /** Ids of orders that were killed: they are kept nowhere else, and must not come again. */
  readonly #killed = new Set<string>();

  constructor(parts: PlacingParts) {
    this.#parts = parts;
  }

  /** Takes or refuses a verified order. Its events may be told before this returns. */
  place(order: VerifiedOrder): Placement {
    const { venue, nowMs, orders, engine, switches } = this.#parts;
    const against = standing(order, switches);
    if (against) return against;
    if (orders.get(order.id) || this.#killed.has(order.id)) return REFUSALS.duplicated(order.id);
    const market = readyMarket(venue.marketOf(order.tokenId), venue.book(order.tokenId) !== null);
    if ('kind' in market) return market;
    const amounts = readAmounts(order, market, nowMs());
    if (amounts.kind === 'refused') return amounts;
    const kept = this.#keptOf(order, market, amounts);
    const plan = engine.plan(kept, market);
    const refused = meeting(order, amounts, plan) ?? this.#shortage(kept, market, plan);
    if (refused) return refused;
    const delayS = this.#delayOf(market);
    if (delayS > 0 && plan.fills.length > 0) return this.#delay(kept, delayS);
    const kill = killed(order, plan);
    if (kill) return this.#kill(kept, kill);
    return this.#accepted(this.#execute(kept, market, plan, 'PLACEMENT'), plan);
  }

  #kill(order: KeptOrder, refusal: Refusal): Refusal {
    this.#killed.add(order.id);
    if (this.#killed.size > KILLED_MAX)
      for (const id of [...this.#killed].slice(0, KILLED_DROPPED)) this.#killed.delete(id);
    if (this.#parts.switches.tellKilled)
      this.#parts.tell({ ...order, status: 'CANCELED' }, 'CANCELLATION', refusal.error);
    return refusal;
  }

  #shortage(order: KeptOrder, market: Market, plan: Plan): Refusal | null {
    return shortage(order, market, plan, this.#parts);
  }

  #keptOf(order: VerifiedOrder, market: Market, amounts: Amounts): KeptOrder {
    return {
      ...order,
      conditionId: market.conditionId,
      outcome: outcomeOf(market, order.tokenId),
      priceMicros: amounts.priceMicros,
      originalMicros: amounts.sharesMicros,
      status: 'LIVE',
      matchedMicros: 0n,
      tradeIds: [],
      createdAtMs: this.#parts.nowMs(),
    };
  }

  #execute(order: KeptOrder, market: Market, plan: Plan, step: OrderStep): KeptOrder {
    const after = this.#parts.engine.execute(order, market, plan, step);
    if (after.orderType === 'GTD' && isOpen(after)) this.#armExpiry(after);
    return after;
  }

  #accepted(order: KeptOrder, plan: Plan): Placement {
    const [making, taking] =
      order.side === 'BUY' ? [plan.notionalMicros, plan.sizeMicros] : [plan.sizeMicros, plan.notionalMicros];
    const met = plan.fills.length > 0;
    return {
      kind: 'accepted',
      status: met ? 'matched' : 'live',
      makingMicros: met ? making : null,
      takingMicros: met ? taking : null,
      tradeIds: order.tradeIds,
    };
  }

  #delayOf({ conditionId }: Market): number {
    return this.#parts.switches.secondsDelay[conditionId] ?? this.#parts.switches.secondsDelay['*'] ?? 0;
  }

  #delay(order: KeptOrder, delayS: number): Placement {
    if (this.#parts.switches.delayFails) return this.#unmatched(order);
    const delayed: KeptOrder = { ...order, status: 'DELAYED' };
    this.#parts.orders.put(delayed);
    this.#parts.tell(delayed, 'PLACEMENT');
    const due = new Date(order.createdAtMs + delayS * SECOND_MS);
    this.#parts.clock.at(due, `delayed:${order.id}`, async () => this.#afterDelay(order));
    return { kind: 'accepted', status: 'delayed', makingMicros: null, takingMicros: null, tradeIds: [] };
  }

  /** Taken, and then neither held back nor matched. Source: polymarket §2.3. */
  #unmatched(order: KeptOrder): Placement {
    const unmatched: KeptOrder = { ...order, status: 'UNMATCHED' };
    this.#parts.orders.put(unmatched);
    this.#parts.tell(unmatched, 'PLACEMENT');
    return { kind: 'accepted', status: 'unmatched', makingMicros: null, takingMicros: null, tradeIds: [] };
  }

  /** What was held back meets the book of now; what cannot, or is not paid for any more, ends unmatched. */
  #afterDelay(order: KeptOrder): void {
    const market = this.#parts.venue.marketOf(order.tokenId);
    if (market === undefined || this.#parts.orders.get(order.id)?.status !== 'DELAYED') return;
    const unmatched: KeptOrder = { ...order, status: 'UNMATCHED' };
    // Out of the open ones, so that it is not reserved for twice.
    this.#parts.orders.put(unmatched);
    const plan = this.#parts.engine.plan(order, market);
    const fails =
      market.state !== 'open' || killed(order, plan) !== null || this.#shortage(order, market, plan) !== null;
    if (fails) this.#parts.tell(unmatched, 'UPDATE');
    else this.#execute(order, market, plan, 'UPDATE');
  }

  #armExpiry(order: KeptOrder): void {
    const due = new Date(order.expirationS * SECOND_MS - GTD_EARLY_MS);
    this.#parts.clock.at(due, `expiry:${order.id}`, async () => {
      const now = this.#parts.orders.get(order.id);
      if (now && isOpen(now)) this.#parts.engine.close({ ...now, cancelReason: 'EXPIRED_ORDER' }, 'CANCELED');
    });
  }

  /** Milliseconds that the caller waits, on the clock, before it places this order; nearly always 0. */
  holdMs(order: VerifiedOrder): number {
    const { venue, nowMs } = this.#parts;
    const market = venue.marketOf(order.tokenId);
    if (this.#parts.switches.itodeHoldMs === 0 || market === undefined) return 0;
    const amounts = readAmounts(order, market, nowMs());
    if (amounts.kind === 'refused') return 0;
    const plan = this.#parts.engine.plan(this.#keptOf(order, market, amounts), market);
    return plan.fills.length > 0 ? this.#parts.switches.itodeHoldMs : 0;
  }
}
