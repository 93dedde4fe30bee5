import { type Delivery, Poison } from '@slipstream/bus';
import type { OutboxRow } from '@slipstream/db';
import type { CopyIntent } from '@slipstream/proto';
import type { Claimed } from './claim.ts';
import type { LiveOrder } from './core/order.ts';

/** How often, and how long between, a place among the orders on their way is waited for. */
const BUSY_TRIES_MAX = 200;
const BUSY_WAIT_MS = 10;

/** Nothing is wrong with the intent: it comes again until there is a place for it, or it is too old. */
export class WalletBusy extends Error {
  override name = 'WalletBusy';
}

export type IntentPorts = {
  /** Orders of the wallet that may be on their way at once. */
  readonly concurrency: () => number;
  readonly claim: (deliveries: readonly Delivery<CopyIntent>[]) => Promise<Claimed>;
  readonly publish: (rows: readonly OutboxRow[]) => void;
  readonly submit: (order: LiveOrder) => Promise<unknown>;
  readonly shadowed: (orders: readonly LiveOrder[]) => void;
  readonly wait: (ms: number) => Promise<void>;
};

/** Claims what it may; while others of the wallet's orders take every place it waits, and not for ever. */
async function claimInTurn(io: IntentPorts, deliveries: readonly Delivery<CopyIntent>[]): Promise<Claimed> {
  for (let tries = 0; tries < BUSY_TRIES_MAX; tries++) {
    const claimed = await io.claim(deliveries);
    if (claimed.rest.length < deliveries.length) return claimed;
    await io.wait(BUSY_WAIT_MS);
  }
  throw new WalletBusy('other orders of this wallet are still on their way');
}

/** Orders on their way from this process. What fails on the way is told by the next wait. */
function createFlight(submit: IntentPorts['submit']) {
  const flying = new Set<Promise<void>>();
  const failures: unknown[] = [];
  return {
    count: (): number => flying.size,
    send: (order: LiveOrder): void => {
      const trip: Promise<void> = submit(order)
        .then(
          () => undefined,
          (error: unknown) => void failures.push(error),
        )
        .finally(() => flying.delete(trip));
      flying.add(trip);
    },
    /** Waits until no more than so many are on their way. Errors: the first that one of them ended with, once all have. */
    downTo: async (most: number): Promise<void> => {
      while (flying.size > most) await Promise.race(flying);
      if (failures.length === 0) return;
      await Promise.all(flying);
      throw failures[0];
    },
  };
}

/**
 * Consumes `copy.intent.live`. Redelivery-safe: one order per leader group, found by its key; the first claim stands.
 *
 * 1. In one transaction under the wallet's lock: plan, sign, claim, with the event that announces the order's id.
 * 2. The event goes out; then the order is sent, once, and settled by what comes back.
 * 3. The message is acknowledged. What is not known by then is asked about, whoever is alive to ask.
 *
 * Errors: Poison for an intent that no stored decision stands behind; WalletBusy, and anything else, comes again.
 */
export const onCopyIntent =
  (io: IntentPorts) =>
  async (batch: readonly Delivery<CopyIntent>[]): Promise<void> => {
    const forged: string[] = [];
    const flight = createFlight(io.submit);
    try {
      // Each round does away with one intent at least.
      for (let left = batch; left.length > 0; ) {
        const most = io.concurrency();
        // A claim takes several at once where it can: half of the places are worth waiting for.
        await flight.downTo(Math.floor(most / 2));
        const room = most - flight.count();
        const claimed = await claimInTurn(io, left.slice(0, room));
        left = [...claimed.rest, ...left.slice(room)];
        io.publish(claimed.outbox);
        io.shadowed(claimed.shadows);
        forged.push(...claimed.forged.map(({ delivery, why }) => `${delivery.message.intentId}: ${why}`));
        claimed.toSend.forEach(flight.send);
      }
    } finally {
      // Whatever happened, nothing of ours is on its way any more when the messages get their verdict.
      await flight.downTo(0);
    }
    if (forged.length > 0) throw new Poison(`refused: ${forged.join('; ')}`);
  };
