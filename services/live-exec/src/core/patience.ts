import type { HeldBecause } from './outcome.ts';

/** The first wait where the exchange asks for patience and does not say for how long; each further one is twice as long. */
const FIRST_MS: Readonly<Record<HeldBecause, number>> = {
  RESTARTING: 1_000,
  RATE_LIMITED: 1_000,
  POST_ONLY: 5_000,
  CANCEL_ONLY: 5_000,
  DISABLED: 5_000,
};
const LONGEST_MS = 30_000;

/** How long nothing is sent, and how long the wait was that led there. */
export type Hold = { readonly untilMs: number; readonly waitMs: number };

export const NO_HOLD: Hold = { untilMs: 0, waitMs: 0 };

/**
 * The hold after the exchange has held an order back once more. What it says of the time is kept to; where it says
 * nothing, waits double up to half a minute. Orders that were on their way together are one refusal, not several. A hold
 * never becomes shorter.
 *
 * `now`, `untilMs`: milliseconds since 1970. Errors: none. Source: polymarket §2.4, §2.7.
 */
export function holdAfter(before: Hold, why: HeldBecause, retryAfterMs: number | null, now: number): Hold {
  if (retryAfterMs !== null)
    return { untilMs: Math.max(before.untilMs, now + retryAfterMs), waitMs: before.waitMs };
  if (now < before.untilMs) return before;
  const waitMs = before.waitMs === 0 ? FIRST_MS[why] : Math.min(before.waitMs * 2, LONGEST_MS);
  return { untilMs: now + waitMs, waitMs };
}
