import { childOf, type Delivery, encode, withHop } from '@slipstream/bus';
import type { OutboxMessage, OutboxRow, Sql, TxOptions } from '@slipstream/db';
import type { OrderRequest } from '@slipstream/exchange';
import { type CopyIntent, copyOrderLive, liveOrderKeyOf, type MarketMeta } from '@slipstream/proto';
import { whyForged } from './core/intent-check.ts';
import type { HardLimits } from './core/limits.ts';
import { countedMicros, eventOf, fromIntent, type LiveOrder } from './core/order.ts';
import { type Plan, planOrder } from './core/plan-order.ts';
import { preflight } from './core/preflight.ts';
import { saltOf } from './core/salt.ts';
import type { Known } from './known.ts';
import { type ClaimFacts, readClaimFacts, type SwitchFacts, spend, walletLock } from './store/facts.ts';
import { insertOrders } from './store/orders.ts';
import { heldUntil } from './submit.ts';
import type { Gate, Venue } from './venue.ts';

/** How long a claimed order is left to the process that sends it before anybody asks the exchange about it. */
const SEND_LEASE_MS = 8_000;

export type ClaimPorts = {
  readonly scope: string;
  readonly now: () => Date;
  readonly tx: <T>(work: (sql: Sql) => Promise<T>, options: TxOptions) => Promise<T>;
  readonly venue: () => Venue;
  readonly geoblocked: () => boolean;
  readonly known: Known;
  readonly gate: Gate;
  readonly limits: HardLimits;
};

type Refused = { readonly delivery: Delivery<CopyIntent>; readonly why: string };

export type Claimed = {
  /** Claimed and signed: to be sent by us, and by nobody else. */
  readonly toSend: readonly LiveOrder[];
  /** Planned in SHADOW. */
  readonly shadows: readonly LiveOrder[];
  readonly forged: readonly Refused[];
  /** Everything that was made of the intents: orders, shadows and refusals. */
  readonly orders: readonly LiveOrder[];
  /** Nothing was done about these: as many orders of the wallet as may be are on their way. */
  readonly rest: readonly Delivery<CopyIntent>[];
  readonly outbox: readonly OutboxRow[];
};

/** What this round has used up of the wallet so far, beyond what the facts say. */
type Used = { cashMicros: bigint; shares: Map<string, bigint>; dayMicros: bigint; orders: number };

const NO_FIGURES = {
  filledSizeMicros: 0n,
  filledNotionalMicros: 0n,
  feeMicros: 0n,
  fillCount: 0,
  code: null,
} as const;

const announce =
  (now: Date) =>
  (order: LiveOrder): OutboxMessage =>
    encode(copyOrderLive, eventOf(order, now), order.trace);

/** Names the state under which an intent is kept: what comes while live trading is off is never placed later. */
const stateOf = (switches: SwitchFacts): 'SHADOW' | 'ON' =>
  switches.liveTradingState === 'SHADOW' ? 'SHADOW' : 'ON';

const keyOf = (intent: CopyIntent, state: 'SHADOW' | 'ON'): string => liveOrderKeyOf({ state, ...intent });

function planFor(
  io: ClaimPorts,
  intent: CopyIntent,
  switches: SwitchFacts,
  facts: ClaimFacts,
  used: Used,
  now: Date,
): Plan {
  const { known } = io;
  const effective = known.rules(intent.leaderId);
  const account = known.account();
  const venue = io.venue();
  const refusal = preflight({
    now,
    expiresAt: new Date(intent.expiresAt),
    liveTradingState: switches.liveTradingState,
    override: switches.overrides.get(intent.leaderId) ?? 'FORCE_OFF',
    pause: switches.pause,
    canSign: venue.canSign,
    venueKnown: venue.versionKnown,
    geoblocked: io.geoblocked(),
    accountAsOf: account === null ? null : new Date(account.asOf),
    requireUserChannel: effective?.rules.live.requireUserChannel ?? true,
    session: known.session(),
  });
  if (refusal !== null) return { kind: 'skip', ...refusal };
  // Without rules there is no slippage that anybody has allowed.
  if (effective === null || account === null)
    return { kind: 'skip', reason: 'LIVE_MODE_OFF', detail: 'no rules' };
  if (venue.port === null) return { kind: 'skip', reason: 'LIVE_AUTH_MISSING', detail: venue.detail };
  if (venue.wallet !== null && account.wallet.toLowerCase() !== venue.wallet.toLowerCase())
    return { kind: 'skip', reason: 'LIVE_ACCOUNT_STATE_UNHEALTHY', detail: 'of another wallet' };
  const market = known.market.meta(intent.tokenId) ?? null;
  // Its orders are of a form that this venue has not got yet.
  if (market?.venueVersion === 'v2' && venue.port.venueVersion === 1)
    return { kind: 'skip', reason: 'VENUE_VERSION_UNKNOWN', detail: 'a market of Protocol V2' };
  const answer = known.market.judge(intent.tokenId, now, effective.rules.guardrails.bookFreshnessMs);
  const held = account.positions.find(({ tokenId }) => tokenId === intent.tokenId)?.sizeMicros ?? 0n;
  const sharesGone = (facts.sharesHeld.get(intent.tokenId) ?? 0n) + (used.shares.get(intent.tokenId) ?? 0n);
  return planOrder({
    intent,
    book: answer.kind === 'usable' ? answer.book : null,
    market,
    rules: effective.rules.live,
    funds: {
      cashMicros: account.cashMicros - facts.cashHeldMicros - used.cashMicros,
      sharesMicros: held - sharesGone,
    },
    usage: { dayMicros: facts.dayMicros + used.dayMicros, openOrders: facts.openOrders + used.orders },
    limits: io.limits,
  });
}

const requestOf = (
  plan: Extract<Plan, { kind: 'place' }>,
  intent: CopyIntent,
  market: MarketMeta,
  orderType: OrderRequest['orderType'],
  key: string,
  now: Date,
  venueVersion: 1 | 2,
): OrderRequest => ({
  tokenId: intent.tokenId,
  side: intent.side,
  makerMicros: plan.makerMicros,
  takerMicros: plan.takerMicros,
  orderType,
  postOnly: false,
  expirationS: 0,
  negRisk: market.negRisk,
  version: market.venueVersion === 'v2' ? 3 : venueVersion,
  salt: saltOf(key),
  timestampMs: now.getTime(),
});

/** The row of an intent for which there is no order. */
const skippedOrder = (
  delivery: Delivery<CopyIntent>,
  key: string,
  state: 'SHADOW' | 'ON',
  plan: Extract<Plan, { kind: 'skip' }>,
  now: Date,
): LiveOrder => ({
  ...fromIntent(delivery.message),
  ...NO_FIGURES,
  idempotencyKey: key,
  orderId: key,
  state,
  status: 'SKIPPED',
  version: 1,
  reason: plan.reason,
  code: plan.detail,
  orderType: 'FAK',
  priceMicros: 0n,
  sizeMicros: 0n,
  makerMicros: 0n,
  takerMicros: 0n,
  reservedCashMicros: 0n,
  reservedSharesMicros: 0n,
  signed: null,
  sends: 0,
  claimedAt: now,
  askAt: null,
  settledAt: now,
  book: null,
  trace: withHop(childOf(delivery.trace, delivery.message.intentId), 'accepted'),
});

/** Levels of the book that are kept with an order. */
const BOOK_KEPT_LEVELS = 3;

/** An order to the last digit: signed when it is to be sent, only named when live trading is in shadow. */
async function plannedOrder(
  io: ClaimPorts,
  delivery: Delivery<CopyIntent>,
  key: string,
  state: 'SHADOW' | 'ON',
  plan: Extract<Plan, { kind: 'place' }>,
  now: Date,
): Promise<LiveOrder> {
  const { message: intent } = delivery;
  const { port } = io.venue();
  const market = io.known.market.meta(intent.tokenId);
  const effective = io.known.rules(intent.leaderId);
  if (port === null || market === undefined || effective === null)
    throw new Error('an order was planned without a venue, a market or rules');
  const { orderType } = effective.rules.live;
  const request = requestOf(plan, intent, market, orderType, key, now, port.venueVersion);
  const signed = state === 'ON' ? await port.sign(request) : null;
  const answer = io.known.market.judge(intent.tokenId, now, effective.rules.guardrails.bookFreshnessMs);
  const held =
    io.gate.openAt() > now ? heldUntil(io.gate.openAt(), { expiresAt: new Date(intent.expiresAt) }) : null;
  return {
    ...fromIntent(intent),
    ...NO_FIGURES,
    idempotencyKey: key,
    orderId: signed?.orderId ?? port.orderIdOf(request),
    state,
    status: state === 'ON' ? 'SUBMITTING' : 'SHADOW_ONLY',
    version: 1,
    reason: state === 'ON' ? null : 'LIVE_SHADOW_ONLY',
    orderType,
    priceMicros: plan.priceMicros,
    sizeMicros: intent.side === 'BUY' ? plan.takerMicros : plan.makerMicros,
    makerMicros: plan.makerMicros,
    takerMicros: plan.takerMicros,
    reservedCashMicros: state === 'ON' ? plan.reservedCashMicros : 0n,
    reservedSharesMicros: state === 'ON' ? plan.reservedSharesMicros : 0n,
    signed,
    sends: state === 'ON' && held === null ? 1 : 0,
    claimedAt: now,
    askAt: state === 'ON' ? (held ?? new Date(now.getTime() + SEND_LEASE_MS)) : null,
    settledAt: state === 'ON' ? null : now,
    book:
      answer.kind === 'usable'
        ? {
            bids: answer.book.bids.slice(0, BOOK_KEPT_LEVELS).map((level) => level.map(String)),
            asks: answer.book.asks.slice(0, BOOK_KEPT_LEVELS).map((level) => level.map(String)),
            changedAt: answer.book.changedAt,
            ageMs: answer.ageMs,
          }
        : null,
    trace: withHop(childOf(delivery.trace, intent.intentId), 'claimed'),
  };
}

/**
 * Claims orders for a few intents at once: in one transaction, under the wallet's lock, everything is read, planned,
 * signed and stored with what announces it. Whoever comes second finds the row and does nothing.
 *
 * The signature is made inside: it takes a millisecond of arithmetic and no network, and so nothing that was read can
 * have changed before the order is stored. Errors: those of the database; then nothing is claimed.
 */
export function claimOrders(io: ClaimPorts, deliveries: readonly Delivery<CopyIntent>[]): Promise<Claimed> {
  const { scope, known } = io;
  const work = async (sql: Sql): Promise<Claimed> => {
    const now = io.now();
    const intents = deliveries.map(({ message }) => message);
    const facts = await readClaimFacts(sql, {
      scope,
      leaderIds: [...new Set(intents.map(({ leaderId }) => leaderId))],
      keys: intents.flatMap((intent) => [keyOf(intent, 'ON'), keyOf(intent, 'SHADOW')]),
      intentIds: intents.map(({ intentId }) => intentId),
      accountAsOf: new Date(known.account()?.asOf ?? now),
      flyingSince: new Date(now.getTime() - SEND_LEASE_MS),
      now,
    });
    const { switches } = facts;
    const state = stateOf(switches);
    const places = (known.modeRules()?.live.concurrency ?? 1) - facts.inFlight;

    const orders: LiveOrder[] = [];
    const forged: Refused[] = [];
    const rest: Delivery<CopyIntent>[] = [];
    const taken = new Set<string>([...facts.keys, ...facts.intents]);
    const used: Used = { cashMicros: 0n, shares: new Map(), dayMicros: 0n, orders: 0 };
    for (const delivery of deliveries) {
      const { message: intent } = delivery;
      const key = keyOf(intent, state);
      const why = whyForged(intent, facts.decisions.get(intent.intentId), { scope, now });
      if (why !== null) {
        forged.push({ delivery, why });
        continue;
      }
      const intentKey = `${intent.intentId} ${state}`;
      // What is there already needs no place among those on their way.
      if (taken.has(key) || taken.has(intentKey)) continue;
      if (used.orders >= places) {
        rest.push(delivery);
        continue;
      }
      taken.add(key).add(intentKey);
      const plan = planFor(io, intent, switches, facts, used, now);
      if (plan.kind === 'skip') {
        orders.push(skippedOrder(delivery, key, state, plan, now));
        continue;
      }
      const order = await plannedOrder(io, delivery, key, state, plan, now);
      orders.push(order);
      if (state === 'SHADOW') continue;
      used.cashMicros += order.reservedCashMicros;
      used.shares.set(order.tokenId, (used.shares.get(order.tokenId) ?? 0n) + order.reservedSharesMicros);
      used.dayMicros += countedMicros(order);
      used.orders += 1;
    }
    const outbox = await insertOrders(sql, orders, spend(scope, now, used.dayMicros), announce(now));
    return {
      toSend: orders.filter(({ status, sends }) => status === 'SUBMITTING' && sends > 0),
      shadows: orders.filter(({ status }) => status === 'SHADOW_ONLY'),
      forged,
      orders,
      rest,
      outbox,
    };
  };
  return io.tx(work, { lock: walletLock(scope) });
}
