import { type ExchangePort, VenueError, type VenueFill } from '@slipstream/exchange';
import type { LiveOrder } from './core/order.ts';
import { isFinal } from './core/order.ts';
import { advance } from './core/order-state.ts';
import { afterFills, afterFound, notTaken } from './core/progress.ts';
import { settleOrder } from './settle.ts';
import { askNoMore, leaseDue, putAsk } from './store/orders.ts';
import { type SubmitPorts, submitOrder } from './submit.ts';

/** Orders asked about in one pass. */
const PASS_MAX = 32;
/** A question that is lost with its process comes up again after this. */
const LEASE_MS = 15_000;
/** The same bytes are sent so often at most. */
const SENDS_MAX = 3;
/** An order that the exchange still does not know after this was never taken: longer than any send of ours takes. */
const NOT_THERE_AFTER_MS = 20_000;
/** Not knowing for so long stops live trading until a person has looked. Source: domain rules §6. */
const UNKNOWN_MAX_MS = 600_000;
/** How long after its end an order's figures are still completed by its trades. */
const EXACT_WITHIN_MS = 120_000;
/** How long an order that has ended is asked about while the exchange does not answer. */
const ENDED_ASKED_MS = 86_400_000;
/** Trades are asked for from a little before the claim: the exchange's clock is not ours. */
const FILLS_MARGIN_MS = 60_000;
/** Ended orders' trades are asked for from a little before the first claim; what that misses is asked for singly. */
const ENDED_MARGIN_MS = 5_000;
/** Trades of one order that are asked for one by one. */
const TRADES_ASKED_MAX = 8;

/** Waits between questions, by how long ago the order was claimed. */
const WAITS: readonly (readonly [number, number])[] = [
  [3_000, 300],
  [15_000, 1_000],
  [60_000, 3_000],
  [UNKNOWN_MAX_MS, 10_000],
];
const WAIT_LONGEST_MS = 60_000;

export type ResolvePorts = SubmitPorts & {
  readonly scope: string;
  /** Whether orders may be sent right now: on, not paused, and this leader not forced off. Asked of the database. */
  readonly maySendFor: (leaderId: string) => Promise<boolean>;
};

const waitFor = (order: LiveOrder, now: Date): Date => {
  const age = now.getTime() - order.claimedAt.getTime();
  const wait = WAITS.find(([until]) => age < until)?.[1] ?? WAIT_LONGEST_MS;
  return new Date(now.getTime() + wait);
};

const hasMoved = (order: LiveOrder): boolean => isFinal(order.status) && order.filledSizeMicros > 0n;

/** Ended orders are asked about until their trades agree with their figures, and not for ever. */
function askAgain(order: LiveOrder, isExact: boolean, now: Date): Date | null {
  if (!isFinal(order.status)) return waitFor(order, now);
  const late = now.getTime() - order.claimedAt.getTime() > EXACT_WITHIN_MS;
  return isExact || late ? null : waitFor(order, now);
}

/** Its trades by their ids where the exchange names them, else all of the token since the claim. */
async function fillsOf(
  port: ExchangePort,
  order: LiveOrder,
  tradeIds: readonly string[],
): Promise<readonly VenueFill[]> {
  if (tradeIds.length === 0 || tradeIds.length > TRADES_ASKED_MAX)
    return port.fills({
      since: new Date(order.claimedAt.getTime() - FILLS_MARGIN_MS),
      tokenId: order.tokenId,
    });
  const each = await Promise.all(tradeIds.map((tradeId) => port.fills({ tradeId })));
  return each.flat();
}

/** The exchange does not have it, and no trade names it: send the same bytes again while it is worth it, or end it. */
async function notThere(io: ResolvePorts, port: ExchangePort, order: LiveOrder): Promise<void> {
  const now = io.now();
  const { orderId } = order;
  // What had ended before it was asked about had ended without being taken, or its trades are not told yet.
  if (isFinal(order.status))
    return putAsk(io.query, orderId, hasMoved(order) ? askAgain(order, false, now) : null, order.sends);
  if (io.gate.openAt() > now && now < order.expiresAt) {
    await putAsk(io.query, orderId, io.gate.openAt(), order.sends);
    return;
  }
  if (now < order.expiresAt && order.sends < SENDS_MAX && (await io.maySendFor(order.leaderId))) {
    // Counted before it is sent, so that a process that dies here does not send without end.
    await putAsk(io.query, orderId, new Date(now.getTime() + LEASE_MS), order.sends + 1);
    await submitOrder(io, order, order.sends > 0);
    return;
  }
  if (order.sends > 0 && now.getTime() - order.claimedAt.getTime() < NOT_THERE_AFTER_MS) {
    await putAsk(io.query, orderId, waitFor(order, now), order.sends);
    return;
  }
  // Should it lie somewhere on the way, let it find itself cancelled.
  const { canceled } = await port.cancel([orderId]);
  if (canceled.includes(orderId)) return putAsk(io.query, orderId, waitFor(order, now), order.sends);
  const expired = now >= order.expiresAt;
  const reason = order.sends === 0 || expired ? 'INTENT_EXPIRED' : 'LIVE_ORDER_FAILED';
  await settleOrder(io, order, {
    progressOf: (known) => notTaken(known, reason, order.code ?? 'NOT_TAKEN'),
    askAt: () => null,
  });
}

/** A FAK or FOK that rests in spite of its kind is taken away once it is not worth having. */
async function endResting(
  io: ResolvePorts,
  port: ExchangePort,
  order: LiveOrder,
  status: string,
): Promise<void> {
  const immediate = order.orderType === 'FAK' || order.orderType === 'FOK';
  if (immediate && status === 'LIVE' && io.now() >= order.expiresAt) await port.cancel([order.orderId]);
}

async function ask(io: ResolvePorts, port: ExchangePort, order: LiveOrder): Promise<void> {
  const fees = io.fees(order.tokenId);
  const found = await port.order(order.orderId);
  const wantsFills = found === null || found.sizeMatchedMicros > 0n;
  const fills = wantsFills ? await fillsOf(port, order, found?.tradeIds ?? []) : [];
  if (found === null) {
    if (afterFills(order, fills, fees) === null) return notThere(io, port, order);
    await settleOrder(io, order, {
      progressOf: (known) => afterFills(known, fills, fees) ?? known,
      askAt: () => null,
    });
    return;
  }
  await endResting(io, port, order, found.status);
  await settleOrder(io, order, {
    progressOf: (known) => afterFound(known, found, fills, fees),
    askAt: (known) => {
      const told = fills.filter((fill) => fill.orderId === known.orderId && fill.status !== 'FAILED');
      const sum = told.reduce((total, { sizeMicros }) => total + sizeMicros, 0n);
      return askAgain(known, sum >= found.sizeMatchedMicros, io.now());
    },
  });
}

/**
 * Completes the figures of orders that have ended by their trades, all asked for at once. Gives those that the trades
 * do not cover: they are asked about by themselves.
 */
async function completeEnded(
  io: ResolvePorts,
  port: ExchangePort,
  ended: readonly LiveOrder[],
): Promise<readonly LiveOrder[]> {
  if (ended.length === 0) return [];
  const first = Math.min(...ended.map(({ claimedAt }) => claimedAt.getTime()));
  const fills = await port.fills({ since: new Date(first - ENDED_MARGIN_MS) });
  const heardOf = (order: LiveOrder) => afterFills(order, fills, io.fees(order.tokenId));
  const covered = ended.filter((order) => (heardOf(order)?.filledSizeMicros ?? 0n) >= order.filledSizeMicros);
  const isExact = (order: LiveOrder): boolean => advance(order, heardOf(order) ?? order) === null;
  await askNoMore(io.query, covered.filter(isExact));
  for (const order of covered.filter((each) => !isExact(each)))
    await settleOrder(io, order, { progressOf: (known) => heardOf(known) ?? known, askAt: () => null });
  const done = new Set(covered.map(({ orderId }) => orderId));
  return ended.filter(({ orderId }) => !done.has(orderId));
}

/** One order; what the exchange did not answer is asked again, and for too long is a reason to stop. */
async function resolve(io: ResolvePorts, port: ExchangePort, order: LiveOrder): Promise<void> {
  try {
    await ask(io, port, order);
  } catch (error) {
    if (!(error instanceof VenueError)) throw error;
    const now = io.now();
    const age = now.getTime() - order.claimedAt.getTime();
    const ended = isFinal(order.status);
    io.log.warn({ orderId: order.orderId, error }, 'order.not-resolved');
    // One that has ended may have moved more than was told: it is asked about until it is answered, too.
    const askAt = ended && age > ENDED_ASKED_MS ? null : waitFor(order, now);
    await putAsk(io.query, order.orderId, askAt, order.sends);
    if (!ended && age > UNKNOWN_MAX_MS) await io.pause('UNRESOLVED_ORDER', order.orderId);
  }
}

/**
 * Asks the exchange about every order whose turn it is: those whose fate is not known, those that rest, and those whose
 * figures are not exact yet. Gives how many were asked about. Errors: those of the database; the questions come again.
 */
export async function resolveOrders(io: ResolvePorts): Promise<number> {
  const port = io.port();
  if (port === null) return 0;
  const due = await leaseDue(io.query, io.scope, io.now(), LEASE_MS, PASS_MAX);
  const ended = due.filter(hasMoved);
  // What is not answered for all of them is asked for each, and put off there.
  const left = await completeEnded(io, port, ended).catch((error: unknown) => {
    if (!(error instanceof VenueError)) throw error;
    return ended;
  });
  const single = [...due.filter((order) => !hasMoved(order)), ...left];
  await Promise.all(single.map((order) => resolve(io, port, order)));
  return due.length;
}
