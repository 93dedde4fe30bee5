import { PAGE_LIMIT_DEFAULT } from '@slipstream/proto/http';
import { keyCursor, type List, timeCursor } from '../cursor.ts';
import type { Conditions } from './conditions.ts';

/** What every list can be asked. */
export type PageAsked = {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

export type Page<T> = { readonly items: T[]; readonly next: string | null };

const limitOf = (asked: PageAsked): number => asked.limit ?? PAGE_LIMIT_DEFAULT;

/** One row more than asked tells whether there is a next page. */
export const rowsToRead = (asked: PageAsked): number => limitOf(asked) + 1;

/** The time filter and the place to go on from, for a list ordered by `at` and `key`, newest first. */
export function afterTime(
  where: Conditions,
  list: List,
  at: string,
  key: string,
  asked: PageAsked,
): Conditions {
  where
    .when(asked.since, (p) => `${at} >= ${p}::timestamptz`)
    .when(asked.until, (p) => `${at} < ${p}::timestamptz`);
  if (asked.after !== undefined) {
    const cursor = timeCursor.decode(list, asked.after);
    where.also(`(${at}, ${key}) < (${where.value(cursor.at)}::timestamptz, ${where.value(cursor.key)})`);
  }
  return where;
}

/** Cuts the extra row off and names the place to go on from. */
function cut<R, T>(
  rows: readonly R[],
  asked: PageAsked,
  item: (row: R) => T,
  next: (last: R) => string,
): Page<T> {
  const shown = rows.slice(0, limitOf(asked));
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return { items: shown.map(item), next: last === undefined ? null : next(last) };
}

export const pageByTime = <R, T>(
  list: List,
  rows: readonly R[],
  asked: PageAsked,
  item: (row: R) => T,
  place: (row: R) => readonly [at: Date, key: string],
): Page<T> =>
  cut(rows, asked, item, (last) => {
    const [at, key] = place(last);
    return timeCursor.encode(list, { at, key });
  });

export const pageByKey = <R, T>(
  list: List,
  rows: readonly R[],
  asked: PageAsked,
  item: (row: R) => T,
  key: (row: R) => string,
): Page<T> => cut(rows, asked, item, (last) => keyCursor.encode(list, key(last)));
