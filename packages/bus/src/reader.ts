import { randomUUID } from 'node:crypto';
import { pause } from '@slipstream/runtime';
import type { Msg, Subscription } from 'nats';
import { z } from 'zod';
import { askApi, isForbidden } from './api.ts';
import { inboxPrefixOf, type Link } from './connect.ts';
import { type Delivered, readDelivered } from './delivered.ts';
import {
  type AfterGap,
  orderedConsumer,
  type Position,
  READ_HEARTBEAT_MS,
  type ReadFrom,
  startOf,
} from './reader-plan.ts';
import type { Reader } from './types.ts';

/** After this silence the consumer is taken for lost. */
const SILENCE_MOST_MS = 5_000;
/** Waits before another try to read; the last repeats. */
const RETRY_MS = [50, 200, 500, 1_000] as const;
const RETRY_LAST_MS = 2_000;

const STATUS_IDLE = 100;
const LAST_CONSUMER = 'Nats-Last-Consumer';
const STALLED = 'Nats-Consumer-Stalled';

const StreamInfo = z.object({ created: z.string(), state: z.object({ last_seq: z.number() }) });
const Created = z.object({ num_pending: z.number().default(0) });

export type Read = Delivered & { readonly msg: Msg };

export type ReaderOptions = {
  readonly stream: string;
  readonly filter: string;
  /** What the problem list and the log call it. */
  readonly label: string;
  readonly from: ReadFrom;
  readonly afterGap: AfterGap;
  /** Payloads are left out. */
  readonly headersOnly?: boolean;
  readonly onMessage: (read: Read) => void;
  /** All that was stored when a session began has been given; `through` is where the stream ended then. */
  readonly onCaughtUp: (through: number) => void;
};

/** One consumer of the server; it is thrown away and made anew behind every gap. */
type Session = {
  readonly inbox: string;
  /** Where the stream ended when the session began. */
  readonly through: number;
  /** Sequence in the consumer of the last one read. */
  last: number;
  caughtUp: boolean;
};

/**
 * Reads a stream in order without acknowledging, for as long as the process lives.
 *
 * A gap (a lost connection, a server that restarted, a consumer that fell silent) is noticed by the consumer's own
 * counting and by its heartbeats; then a new consumer begins where `startOf` says.
 *
 * Resolves once caught up. Errors: a missing permission. A missing stream is waited for.
 */
export async function openReader(link: Link, options: ReaderOptions): Promise<Reader> {
  const reader = new OrderedReader(link, options);
  try {
    await reader.ready();
  } catch (error) {
    reader.stop();
    throw error;
  }
  return { stop: async () => reader.stop() };
}

class OrderedReader {
  readonly #link: Link;
  readonly #options: ReaderOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = new AbortController();
  readonly #endChange: () => void;
  readonly #silence: NodeJS.Timeout;
  #session: Session | null = null;
  #sub: Subscription | null = null;
  #position: Position | null = null;
  #heardAt = performance.now();
  #opening = false;

  constructor(link: Link, options: ReaderOptions) {
    this.#link = link;
    this.#options = options;
    this.#endChange = link.onChange((connected) => {
      if (connected) this.#again('reconnected');
      else this.#leave();
    });
    this.#silence = setInterval(() => {
      const silent = performance.now() - this.#heardAt > SILENCE_MOST_MS;
      if (link.isConnected() && !this.#opening && (silent || this.#session === null)) this.#again('silence');
    }, READ_HEARTBEAT_MS);
    this.#keepOpen();
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  stop(): void {
    this.#stopped.abort();
    this.#endChange();
    clearInterval(this.#silence);
    this.#link.problems.delete(this.#options.label);
    this.#leave();
  }

  #leave(): void {
    this.#session = null;
    this.#sub?.unsubscribe();
    this.#sub = null;
  }

  #again(why: string): void {
    this.#leave();
    if (this.#stopped.signal.aborted) return;
    this.#link.log.info({ reader: this.#options.label, why }, 'bus.read-again');
    this.#keepOpen();
  }

  #keepOpen(): void {
    if (this.#opening) return;
    this.#opening = true;
    this.#openUntilItLives()
      .catch((error: unknown) => this.#ready.reject(error))
      .finally(() => {
        this.#opening = false;
      });
  }

  /** A session that breaks while it is opened is opened once more. */
  async #openUntilItLives(): Promise<void> {
    const { label } = this.#options;
    const goesOn = (): boolean =>
      this.#session === null && this.#link.isConnected() && !this.#stopped.signal.aborted;
    for (let tries = 0; goesOn(); tries += 1) {
      if (tries > 0) await pause(RETRY_MS[tries - 1] ?? RETRY_LAST_MS, this.#stopped.signal);
      try {
        await this.#open();
        this.#link.problems.delete(label);
      } catch (error) {
        this.#leave();
        if (isForbidden(error)) throw new Error(`we may not read ${label}`, { cause: error });
        this.#link.problems.set(label, error instanceof Error ? error.message : String(error));
        if (tries === 0) this.#link.log.warn({ reader: label, error }, 'bus.read-refused');
      }
    }
  }

  async #open(): Promise<void> {
    const { stream, filter, from, afterGap, headersOnly = false } = this.#options;
    const { created, state } = await askApi(this.#link, `STREAM.INFO.${stream}`, StreamInfo);
    const start = startOf(from, afterGap, this.#position, { created, last: state.last_seq });
    const inbox = `${inboxPrefixOf(this.#link.name)}.read.${randomUUID()}`;
    const session: Session = { inbox, through: state.last_seq, last: 0, caughtUp: false };
    this.#session = session;
    this.#position = { created, sequence: start.sequence };
    this.#sub = this.#link.nc.subscribe(inbox, {
      callback: (error, msg) => {
        if (session !== this.#session) return;
        if (error === null) this.#take(session, msg);
        else this.#again(error.message);
      },
    });
    const name = `read-${randomUUID()}`;
    const config = orderedConsumer(name, inbox, filter, headersOnly, start);
    const verb = `CONSUMER.CREATE.${stream}.${name}.${filter}`;
    const consumer = await askApi(this.#link, verb, Created, {
      stream_name: stream,
      config,
      action: 'create',
    });
    this.#heardAt = performance.now();
    if (session === this.#session && consumer.num_pending === 0) this.#caughtUp(session);
  }

  #take(session: Session, msg: Msg): void {
    this.#heardAt = performance.now();
    const delivered = readDelivered(msg.reply);
    if (delivered === null) {
      this.#onStatus(session, msg);
      return;
    }
    if (delivered.consumerSequence !== session.last + 1) {
      this.#again('gap');
      return;
    }
    session.last = delivered.consumerSequence;
    this.#position = { created: this.#position?.created ?? '', sequence: delivered.sequence };
    this.#options.onMessage({ ...delivered, msg });
    if (delivered.pending === 0) this.#caughtUp(session);
  }

  #onStatus(session: Session, msg: Msg): void {
    if ((msg.headers?.code ?? 0) !== STATUS_IDLE) return;
    // Flow control: the server goes on when it hears that we got this far.
    if (msg.reply) msg.respond();
    const stalled = msg.headers?.get(STALLED) ?? '';
    if (stalled !== '') this.#link.nc.publish(stalled);
    const last = msg.headers?.get(LAST_CONSUMER) ?? '';
    if (last === '') return;
    if (Number(last) > session.last) this.#again('missed');
    else this.#caughtUp(session);
  }

  #caughtUp(session: Session): void {
    if (session.caughtUp) return;
    session.caughtUp = true;
    this.#options.onCaughtUp(session.through);
    this.#ready.resolve();
  }
}
