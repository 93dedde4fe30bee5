import { encode, withHop } from '@slipstream/bus';
import type { OutboxRow, Sql } from '@slipstream/db';
import { copyOrderLive } from '@slipstream/proto';
import { afterStep, countedMicros, eventOf, type LiveOrder } from './core/order.ts';
import { advance, type Progress } from './core/order-state.ts';
import { moveOrder, putOff, readOrder } from './store/orders.ts';

/** How often an order is looked at anew because somebody else moved it on meanwhile: an order has few steps. */
const SETTLE_TRIES_MAX = 10;

export type SettlePorts = {
  readonly now: () => Date;
  readonly query: Sql;
  readonly publish: (rows: readonly OutboxRow[]) => void;
};

/** What a word about an order makes of it. */
export type Word = {
  readonly progressOf: (order: LiveOrder) => Progress;
  /** When the exchange is asked next about the order as it then stands; null: not any more. */
  readonly askAt: (order: LiveOrder) => Date | null;
};

/**
 * Dollars that a step gives back to the limit of a day: at its end what an order did not use of what it was counted with,
 * and what comes to light after that, which is less than nothing where it moved more than was thought.
 */
function givenBackMicros(before: LiveOrder, after: LiveOrder): bigint {
  if (after.settledAt === null) return 0n;
  const counted = before.settledAt === null ? countedMicros(before) : before.filledNotionalMicros;
  return counted - after.filledNotionalMicros;
}

/** The order as it stands after the word; null when it has moved on since it was read. */
async function take(io: SettlePorts, order: LiveOrder, word: Word): Promise<LiveOrder | null> {
  const heard = word.progressOf(order);
  const next = advance(order, heard);
  if (next === null) {
    // What was answered to an order that is not known is kept: it says how it ended, should it not be there.
    const kept = heard.status === 'SUBMISSION_UNKNOWN' ? { ...order, code: heard.code } : order;
    return (await putOff(io.query, kept, word.askAt(kept))) ? kept : null;
  }
  const now = io.now();
  const moved = { ...afterStep(order, next, now, null), trace: withHop(order.trace, 'settled') };
  const stepped = { ...moved, askAt: word.askAt(moved) };
  const announce = encode(copyOrderLive, eventOf(stepped, now), stepped.trace);
  const row = await moveOrder(io.query, order, stepped, givenBackMicros(order, stepped), announce);
  if (row === null) return null;
  io.publish([row]);
  return stepped;
}

/**
 * Moves an order on by a word about it, and announces the step in the same statement. A late word changes nothing
 * but when the exchange is asked next. Dollars that an ended order did not use are given back to the day's limit.
 *
 * `known` is the order as last read: when it has moved on since, it is read again, so that no step is lost and none is
 * taken twice. Gives the order as it stands now. Errors: those of the database.
 */
export async function settleOrder(io: SettlePorts, known: LiveOrder, word: Word): Promise<LiveOrder> {
  let order: LiveOrder | null = known;
  for (let tries = 0; tries < SETTLE_TRIES_MAX && order !== null; tries++) {
    const settled = await take(io, order, word);
    if (settled !== null) return settled;
    order = await readOrder(io.query, known.orderId);
  }
  throw new Error(`the order ${known.orderId} ${order === null ? 'is not there' : 'never stands still'}`);
}
