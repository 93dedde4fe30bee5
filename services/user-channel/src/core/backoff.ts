const FIRST_MS = 250;
const MOST_MS = 30_000;
const DOUBLINGS_MAX = 10;

/**
 * The pause before the next connection after so many that failed in a row: doubling, bounded, and spread by `chance`
 * (0 … 1) over its upper half, so that many listeners do not come back in step.
 */
export function backoffMs(failures: number, chance: number): number {
  const whole = Math.min(FIRST_MS * 2 ** Math.min(Math.max(failures, 0), DOUBLINGS_MAX), MOST_MS);
  return Math.round(whole / 2 + (whole / 2) * chance);
}
