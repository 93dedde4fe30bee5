import type { BucketSpec, Channel, DeadLetter, Durable, Trace } from '@slipstream/proto';
import type { Activity, Logger, Metrics } from '@slipstream/runtime';
import type { z } from 'zod';

/** A message as it will go out: JSON text and headers, ready to be stored beside the state that it tells of. */
export type OutboxMessage = {
  /** The channel's name, which is also the lane that its sequence is reported in. */
  readonly channel: string;
  readonly subject: string;
  /** The stream's dedupe key; null where a repetition does no harm. */
  readonly messageId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
};

/** A stored message; `seq` grows in the order of appending. */
export type OutboxRow = OutboxMessage & { readonly seq: bigint };

/** What the relay needs of an outbox: the oldest rows in order, and a way to forget those that are published. */
export type OutboxStore = {
  pending(limit: number): Promise<OutboxRow[]>;
  remove(seqs: readonly bigint[]): Promise<void>;
};

/** Publishes committed rows in order and removes them once the stream has them. */
export type Relay = {
  /** Publishes rows that were just committed, right away; rows that it already has are skipped. */
  push(rows: readonly OutboxRow[]): void;
  /** Resolves when every row is published and removed; it does not resolve while the bus or the database is away. */
  drain(): Promise<void>;
  /** Ends after the publishes under way; rows that are left stay in the outbox for the next start. */
  stop(): Promise<void>;
};

/** One delivered message. */
export type Delivery<M> = {
  readonly message: M;
  readonly trace: Trace;
  readonly subject: string;
  /** Sequence in its stream. */
  readonly sequence: number;
  /** 1 at the first delivery. */
  readonly deliveries: number;
  /** Wall microseconds since 1970 when it reached this process; for hops only. */
  readonly receivedAt: number;
};

/** Handles what is at hand, in stream order. It is acknowledged after the promise resolves, so commit before that. */
export type Handler<M> = (batch: readonly Delivery<M>[], signal: AbortSignal) => Promise<void>;

export type ConsumeOptions = {
  /** Whether an error that is not a `Poison` can never be mended by another delivery, e.g. a violated check. */
  readonly poisonFrom?: (error: unknown) => boolean;
  /**
   * Whether an error says that something we need is away (the database), not that the message is bad. Such a delivery
   * comes again, however often it came, and never ends in the dead letters.
   */
  readonly outageFrom?: (error: unknown) => boolean;
  /**
   * How long a batch that is not full waits for more before it is handled: where nobody waits for the outcome, larger
   * batches leave the machine to those who are waited for. Default 0.
   */
  readonly gatherMs?: number;
};

export type Reader = { stop(): Promise<void> };

export type TailOptions = {
  /** Default `last-per-subject`: what is stored first, then what comes. `new`: only what comes. */
  readonly from?: 'last-per-subject' | 'new';
};

/** Where a message lies in its stream. */
export type Place = { readonly subject: string; readonly sequence: number };

/** A key-value bucket with one schema. A stored value that does not match it is logged and counts as absent. */
export type Bucket<T> = {
  get(key: string): Promise<T | null>;
  /** Gives the revision. Errors: a value that does not match the schema, a bus that does not answer. */
  put(key: string, value: T): Promise<number>;
  delete(key: string): Promise<void>;
  /** Resolves after the values that are there; null says that the key is gone (deleted, expired, or unreadable). */
  watch(onValue: (key: string, value: T | null) => void): Promise<Reader>;
  keys(): Promise<readonly string[]>;
};

export type PubAck = { readonly sequence: number; readonly duplicate: boolean };

/** What a dead letter says; its id, time and service are added. */
export type DeadLetterInput = Omit<DeadLetter, 'deadId' | 'service' | 'at'> & { readonly deadId?: string };

export type BusOptions = {
  readonly url: string;
  /** Path of a `.creds` file; absent on a server without authentication. */
  readonly credsFile?: string | undefined;
  /** The service's name: it names the connection, the inbox and the dead letters. */
  readonly name: string;
  readonly log: Logger;
  readonly metrics?: Metrics | undefined;
  readonly activity: Activity;
  /** What dead letters are dated with; the machine's clock when absent. */
  readonly now?: (() => Date) | undefined;
};

/** The bus as one process sees it. */
export type Bus = {
  /** Resolves when the stream has stored it. Time-outs are retried with the same message id, a bounded number of times. */
  publish<S extends z.ZodType>(channel: Channel<S>, message: z.output<S>, trace: Trace): Promise<PubAck>;
  /** Reads a durable until stopped; `stop` finishes the batch in hand. */
  consume<S extends z.ZodType>(
    durable: Durable<Channel<S>>,
    handler: Handler<z.output<S>>,
    options?: ConsumeOptions,
  ): Promise<Reader>;
  /** Keeps up with a channel without acknowledging; resolves once everything that is stored was delivered. */
  tail<S extends z.ZodType>(
    channel: Channel<S>,
    onMessage: (message: z.output<S>, place: Place) => void,
    options?: TailOptions,
  ): Promise<Reader>;
  bucket<S extends z.ZodType>(spec: BucketSpec<S>): Promise<Bucket<z.output<S>>>;
  /** Starts a relay on an outbox; it publishes at once what an earlier process left. */
  relay(store: OutboxStore): Relay;
  deadLetter(letter: DeadLetterInput): Promise<void>;
  healthy(): { readonly ok: boolean; readonly detail: string };
  /** Drains and closes. Stop readers and relays first. */
  close(): Promise<void>;
};
