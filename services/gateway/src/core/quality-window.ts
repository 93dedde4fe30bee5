import { QUALITY_DAYS_DEFAULT, QUALITY_DAYS_MAX } from '@slipstream/proto/http';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The time that a question about quality is about: `since` is inside, `until` is not. */
export type Window = { readonly since: Date; readonly until: Date };

type Asked = { readonly since?: string | undefined; readonly until?: string | undefined };

/** The window that was asked for, or why there is none: `refused` names the field that is to blame. */
type WindowOrNot =
  | { readonly kind: 'window'; readonly window: Window }
  | { readonly kind: 'refused'; readonly field: 'since'; readonly detail: string };

/** Fills in what was left out, and keeps the window within its bound. */
export function windowOf(asked: Asked, now: Date): WindowOrNot {
  const until = asked.until === undefined ? now : new Date(asked.until);
  const since =
    asked.since === undefined
      ? new Date(until.getTime() - QUALITY_DAYS_DEFAULT * DAY_MS)
      : new Date(asked.since);
  const lengthMs = until.getTime() - since.getTime();
  if (lengthMs <= 0)
    return {
      kind: 'refused',
      field: 'since',
      detail: 'wants an instant before until, which is now when left out',
    };
  if (lengthMs > QUALITY_DAYS_MAX * DAY_MS)
    return { kind: 'refused', field: 'since', detail: `wants at most ${QUALITY_DAYS_MAX} days before until` };
  return { kind: 'window', window: { since, until } };
}
