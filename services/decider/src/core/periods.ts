const DAY_MS = 86_400_000;
const DAYS_OF_WEEK = 7;
/** 1970 began on a Thursday: three days after a Monday. */
const MONDAY_OFFSET_DAYS = 3;

/** Midnight before an instant, UTC. */
export const dayStart = (now: Date): Date => new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS);

/** Midnight of the Monday before an instant, UTC. */
export function weekStart(now: Date): Date {
  const day = Math.floor(now.getTime() / DAY_MS);
  return new Date((day - ((day + MONDAY_OFFSET_DAYS) % DAYS_OF_WEEK)) * DAY_MS);
}
