import { type ExchangePort, VenueError, type VenueFill, type VenueOrder } from '@slipstream/exchange';
import type { LiveOrder } from './core/order.ts';
import { isFinal } from './core/order.ts';
import { advance } from './core/order-state.ts';
import { afterFills, afterFound } from './core/progress.ts';
import { askAgain, hasMoved, UNKNOWN_MAX_MS, waitFor } from './core/questions.ts';
import { LEASE_MS, type NotTherePorts, notThere, stillUnknown } from './not-there.ts';
import { settleOrder } from './settle.ts';
import { askNoMore, leaseDue, putAsk } from './store/orders.ts';
import type { Gate } from './venue.ts';

/** Orders asked about in one pass: at two passes a second well under what the exchange allows. Source: polymarket §7. */
const PASS_MAX = 20;
/** How long an order that has ended is asked about while the exchange does not answer. */
const ENDED_ASKED_MS = 86_400_000;
/** When an order that its trades alone tell of is looked at once more: there may be more of them. */
const TRADES_AGAIN_MS = 20_000;
/** Trades are asked for from a little before the claim: the exchange's clock is not ours. */
const FILLS_MARGIN_MS = 60_000;
/** Ended orders' trades are asked for from a little before the first claim; what that misses is asked for singly. */
const ENDED_MARGIN_MS = 5_000;
/** Trades of one order that are asked for one by one. */
const TRADES_ASKED_MAX = 8;
const TOO_MANY_REQUESTS = 429;

export type ResolvePorts = NotTherePorts & {
  readonly scope: string;
  /** When questions may be asked again, after the exchange asked for patience with them. */
  readonly quiet: Gate;
};

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

/**
 * A FAK or FOK that rests in spite of its kind is taken away once it is not worth having. Gives the order as the exchange
 * then has it: one that matched nothing and cannot be found any more has ended.
 */
async function endResting(port: ExchangePort, order: LiveOrder, found: VenueOrder): Promise<VenueOrder> {
  if (found.status !== 'LIVE' && found.status !== 'UNMATCHED') return found;
  const { canceled, notCanceled } = await port.cancel([order.orderId]);
  const isGone = !canceled.includes(order.orderId) && /not found/i.test(notCanceled.get(order.orderId) ?? '');
  return isGone && found.status === 'UNMATCHED' ? { ...found, status: 'CANCELED' } : found;
}

/** What the exchange has under its id. */
async function take(
  io: ResolvePorts,
  port: ExchangePort,
  order: LiveOrder,
  told: VenueOrder,
  fills: readonly VenueFill[],
): Promise<void> {
  const now = io.now();
  const isLate = order.orderType !== 'GTC' && order.orderType !== 'GTD' && now >= order.expiresAt;
  const found = isLate ? await endResting(port, order, told) : told;
  const settled = await settleOrder(io, order, {
    progressOf: (known) => afterFound(known, found, fills, io.fees(order.tokenId)),
    askAt: (known) => {
      const own = fills.filter((fill) => fill.orderId === known.orderId && fill.status !== 'FAILED');
      const sum = own.reduce((total, { sizeMicros }) => total + sizeMicros, 0n);
      return askAgain(known, sum >= found.sizeMatchedMicros, io.now());
    },
  });
  const age = now.getTime() - order.claimedAt.getTime();
  // An order that should have ended at once and does not, whatever is tried.
  if (isLate && age > UNKNOWN_MAX_MS && !isFinal(settled.status))
    await io.pause('UNRESOLVED_ORDER', order.orderId);
}

async function ask(io: ResolvePorts, port: ExchangePort, order: LiveOrder): Promise<void> {
  const found = await port.order(order.orderId);
  const wantsFills = found === null || found.sizeMatchedMicros > 0n;
  const fills = wantsFills ? await fillsOf(port, order, found?.tradeIds ?? []) : [];
  if (found !== null) return take(io, port, order, found, fills);
  const fees = io.fees(order.tokenId);
  if (afterFills(order, fills, fees) === null) return notThere(io, port, order);
  await settleOrder(io, order, {
    progressOf: (known) => afterFills(known, fills, fees) ?? known,
    askAt: () => new Date(io.now().getTime() + TRADES_AGAIN_MS),
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
    io.quiet.passed();
  } catch (error) {
    // Figures that cannot be are no answer, either; they must not keep the others from being asked about.
    if (!(error instanceof VenueError || error instanceof RangeError)) throw error;
    io.log.warn({ orderId: order.orderId, error }, 'order.not-resolved');
    if (error instanceof VenueError) beQuiet(io, error);
    if (!isFinal(order.status)) return stillUnknown(io, order);
    // One that has ended may have moved more than was told: it is asked about until it is answered, too.
    const now = io.now();
    const isOver = now.getTime() - order.claimedAt.getTime() > ENDED_ASKED_MS;
    await putAsk(io.query, order.orderId, isOver ? null : waitFor(order, now));
  }
}

/** The exchange asked for patience with questions. */
function beQuiet(io: ResolvePorts, { status, retryAfterMs }: VenueError): void {
  if (status === TOO_MANY_REQUESTS || retryAfterMs !== null)
    io.quiet.hold('RATE_LIMITED', retryAfterMs, io.now());
}

/** Ended orders, all at once; what is not answered for all of them is asked for each, and put off there. */
async function resolveEnded(
  io: ResolvePorts,
  port: ExchangePort,
  ended: readonly LiveOrder[],
): Promise<void> {
  const left = await completeEnded(io, port, ended).catch((error: unknown) => {
    if (!(error instanceof VenueError || error instanceof RangeError)) throw error;
    if (error instanceof VenueError) beQuiet(io, error);
    return ended;
  });
  // They were leased, and come up again by themselves.
  if (io.quiet.openAt() > io.now()) return;
  await Promise.all(left.map((order) => resolve(io, port, order)));
}

/**
 * Asks the exchange about every order whose turn it is: those whose fate is not known, those that rest, and those whose
 * figures are not exact yet. Gives how many were asked about. Errors: those of the database; the questions come again.
 */
export async function resolveOrders(io: ResolvePorts): Promise<number> {
  const port = io.port();
  if (port === null || io.quiet.openAt() > io.now()) return 0;
  const due = await leaseDue(io.query, io.scope, io.now(), LEASE_MS, PASS_MAX);
  const open = due.filter((order) => !hasMoved(order));
  // Nobody whose fate is not known waits for the figures of those who have ended.
  await Promise.all([
    resolveEnded(io, port, due.filter(hasMoved)),
    ...open.map((order) => resolve(io, port, order)),
  ]);
  return due.length;
}
