import type { Repeated } from '../clock.ts';
import type { Due } from './protocol.ts';

/** One `poll` or `every` of a process on a tape. */
export type RepeatedWork = {
  readonly name: string;
  readonly periodMs: number;
  readonly run: Repeated;
  readonly cancelled: AbortController;
  /** The instant of the last run; of an `every` that has not run, the instant at which it was asked for. */
  lastMs: number | null;
  /** Of a poll: how many pollable changes its last good run had before it. */
  seen: number;
};

const byName = (a: RepeatedWork, b: RepeatedWork): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The `every` loops that run at this instant, in the order of their names. */
export function dueLoops(loops: Iterable<RepeatedWork>, nowMs: number): readonly RepeatedWork[] {
  return [...loops].filter(({ lastMs, periodMs }) => (lastMs ?? nowMs) + periodMs <= nowMs).sort(byName);
}

/**
 * The instant at which a poll may run, or null while there is nothing new to ask for. A poll that never ran, or whose
 * last run failed, does not wait for a change.
 */
function pollDueMs(poll: RepeatedWork, pollable: number, nowMs: number): number | null {
  if (poll.lastMs === null) return nowMs;
  return poll.seen < pollable ? Math.max(poll.lastMs + poll.periodMs, nowMs) : null;
}

/** The poll that comes first, by instant and name. */
export function firstPoll(polls: Iterable<RepeatedWork>, pollable: number, nowMs: number): Due | undefined {
  let first: Due | undefined;
  for (const poll of polls) {
    const dueMs = pollDueMs(poll, pollable, nowMs);
    if (dueMs === null) continue;
    if (first === undefined || dueMs < first.dueMs || (dueMs === first.dueMs && poll.name < first.key))
      first = { dueMs, key: poll.name };
  }
  return first;
}
