import type { Due } from './protocol.ts';

/** What one participant has to offer next. */
export type Offer = {
  readonly rank: number;
  /** Its place among the expected names: the last word where all else is equal. */
  readonly order: number;
  readonly deadline: Due | undefined;
  readonly poll: Due | undefined;
};

/** The one thing that fires next. */
export type Choice = {
  readonly kind: 'deadline' | 'poll';
  readonly dueMs: number;
  readonly rank: number;
  readonly key: string;
  readonly order: number;
};

const compareKeys = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** The order of a tape: by instant; deadlines before polls; then rank, key, and place among the expected names. */
export function compareChoices(a: Choice, b: Choice): number {
  if (a.dueMs !== b.dueMs) return a.dueMs - b.dueMs;
  if (a.kind !== b.kind) return a.kind === 'deadline' ? -1 : 1;
  return a.rank - b.rank || compareKeys(a.key, b.key) || a.order - b.order;
}

/** What fires next, or null when nobody has anything. Every offer is that participant's own first. */
export function chooseNext(offers: Iterable<Offer>): Choice | null {
  let next: Choice | null = null;
  for (const { rank, order, deadline, poll } of offers) {
    for (const [kind, due] of [['deadline', deadline] as const, ['poll', poll] as const]) {
      if (due === undefined) continue;
      const choice: Choice = { kind, dueMs: due.dueMs, key: due.key, rank, order };
      if (next === null || compareChoices(choice, next) < 0) next = choice;
    }
  }
  return next;
}
