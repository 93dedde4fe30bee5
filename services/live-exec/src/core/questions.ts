import type { LiveOrder } from './order.ts';
import { isFinal } from './order.ts';

/** Not knowing for so long stops live trading until a person has looked. Source: domain rules §6. */
export const UNKNOWN_MAX_MS = 600_000;
/** How long after its end an order's figures are still completed by its trades. */
const EXACT_WITHIN_MS = 120_000;

/** Waits between questions, by how long ago the order was claimed. */
const WAITS: readonly (readonly [number, number])[] = [
  [3_000, 300],
  [15_000, 1_000],
  [60_000, 3_000],
  [UNKNOWN_MAX_MS, 10_000],
];
const WAIT_LONGEST_MS = 60_000;

/** When the exchange is asked about an order the next time. */
export const waitFor = (order: Pick<LiveOrder, 'claimedAt'>, now: Date): Date => {
  const age = now.getTime() - order.claimedAt.getTime();
  const wait = WAITS.find(([until]) => age < until)?.[1] ?? WAIT_LONGEST_MS;
  return new Date(now.getTime() + wait);
};

/** An order that has ended and moved something: its trades tell what exactly. */
export const hasMoved = (order: LiveOrder): boolean => isFinal(order.status) && order.filledSizeMicros > 0n;

/** Ended orders are asked about until their trades agree with their figures, and not for ever: then null. */
export function askAgain(order: LiveOrder, isExact: boolean, now: Date): Date | null {
  if (!isFinal(order.status)) return waitFor(order, now);
  const late = now.getTime() - order.claimedAt.getTime() > EXACT_WITHIN_MS;
  return isExact || late ? null : waitFor(order, now);
}
