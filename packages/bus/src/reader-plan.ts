import { nanos } from './api.ts';

/** How often the server says where it stands when it has nothing for us. */
export const READ_HEARTBEAT_MS = 2_000;
/** A consumer whose reader is gone lives this much longer. */
const ABANDONED_MS = 30_000;

export type ReadFrom = 'all' | 'last-per-subject' | 'new';

/** What a reader does behind a gap: go on behind the last one read, or read all again. */
export type AfterGap = 'continue' | 'again';

/** How far a stream was read, and in which of its lives. */
export type Position = { readonly created: string; readonly sequence: number };

/** A stream as it is now. */
export type StreamNow = { readonly created: string; readonly last: number };

/** Where a new consumer begins. */
export type Start = {
  /** The reader takes everything up to here as read. */
  readonly sequence: number;
  readonly policy:
    | { readonly deliver_policy: 'last_per_subject' }
    | { readonly deliver_policy: 'by_start_sequence'; readonly opt_start_seq: number };
};

const after = (sequence: number): Start => ({
  sequence,
  policy: { deliver_policy: 'by_start_sequence', opt_start_seq: sequence + 1 },
});

/**
 * Where to begin, for the first time (`read` null) or behind a gap. A stream with another time of creation, or one that
 * ends before what we have read, was made anew: its sequences mean something else, and everything in it is new.
 */
export function startOf(from: ReadFrom, afterGap: AfterGap, read: Position | null, now: StreamNow): Start {
  const sameLife = read !== null && read.created === now.created && read.sequence <= now.last;
  if (sameLife && afterGap === 'continue') return after(read.sequence);
  if (from === 'last-per-subject') return { sequence: 0, policy: { deliver_policy: 'last_per_subject' } };
  return after(from === 'new' && read === null ? now.last : 0);
}

/** A consumer that pushes to an inbox and wants no acknowledgement, in the words of the JetStream API. */
export const orderedConsumer = (
  name: string,
  inbox: string,
  filter: string,
  headersOnly: boolean,
  start: Start,
): Readonly<Record<string, unknown>> => ({
  name,
  deliver_subject: inbox,
  filter_subject: filter,
  ack_policy: 'none',
  max_deliver: 1,
  replay_policy: 'instant',
  flow_control: true,
  idle_heartbeat: nanos(READ_HEARTBEAT_MS),
  inactive_threshold: nanos(ABANDONED_MS),
  headers_only: headersOnly,
  mem_storage: true,
  num_replicas: 1,
  ...start.policy,
});
