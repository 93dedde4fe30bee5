import { randomUUID } from 'node:crypto';
import { stamp } from '@slipstream/runtime';
import type { Msg, Subscription } from 'nats';
import { nanos } from './api.ts';
import { inboxPrefixOf, type Link } from './connect.ts';
import { type Delivered, readDelivered } from './delivered.ts';

/** How long the server keeps a request for messages open. */
const REQUEST_LIFE_MS = 30_000;
/** How often the server says that it is alive when it has nothing for us. */
const HEARTBEAT_MS = 2_000;
/** After this silence the request is taken for lost: the durable was made anew, or the server forgot us. */
const SILENCE_MOST_MS = 5_000;
/** Waits after a request that was refused; the last repeats. */
const REFUSED_MS = [50, 200, 1_000, 2_000] as const;
const REFUSED_LAST_MS = 2_000;

const STATUS_HEARTBEAT = 100;
const STATUS_NOTHING = 404;
const STATUS_EXPIRED = 408;
const PENDING = 'Nats-Pending-Messages';

export type RawDelivery = Delivered & {
  readonly msg: Msg;
  /** Wall microseconds since 1970. */
  readonly receivedAt: number;
};

/**
 * Keeps requests for messages of one durable open, so that a message is on its way the moment it is stored.
 *
 * Requests do not outlive the connection, and a durable that was deleted does not answer: both are asked anew. Answers
 * to requests of an earlier generation are recognised by their subject and do not count.
 */
export class Pull {
  readonly #link: Link;
  readonly #durable: string;
  readonly #next: string;
  readonly #label: string;
  readonly #inbox: string;
  readonly #onMessage: (raw: RawDelivery) => void;
  readonly #sub: Subscription;
  readonly #endChange: () => void;
  readonly #silence: NodeJS.Timeout;
  #generation = 0;
  #wanted = 0;
  #outstanding = 0;
  #refusals = 0;
  #heardAt = performance.now();
  #waiting: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(link: Link, stream: string, durable: string, onMessage: (raw: RawDelivery) => void) {
    this.#link = link;
    this.#durable = durable;
    this.#next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;
    this.#label = `durable ${durable}`;
    this.#inbox = `${inboxPrefixOf(link.name)}.pull.${randomUUID()}`;
    this.#onMessage = onMessage;
    this.#sub = link.nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, msg) => {
        if (error === null) this.#take(msg);
        else this.#askLater(error.message);
      },
    });
    this.#endChange = link.onChange((connected) => {
      if (connected) this.#askAnew();
    });
    this.#silence = setInterval(() => {
      if (link.isConnected() && performance.now() - this.#heardAt > SILENCE_MOST_MS) this.#askAnew();
    }, HEARTBEAT_MS);
  }

  /** Asks for so many messages in all, those already asked for included. */
  want(count: number): void {
    this.#wanted = count;
    this.#fill();
  }

  stop(): void {
    this.#stopped = true;
    this.#endChange();
    clearInterval(this.#silence);
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#link.problems.delete(this.#label);
    this.#sub.unsubscribe();
  }

  #take(msg: Msg): void {
    const delivered = readDelivered(msg.reply);
    if (delivered === null) {
      this.#onStatus(msg);
      return;
    }
    this.#heard();
    this.#outstanding = Math.max(0, this.#outstanding - 1);
    this.#onMessage({ ...delivered, msg, receivedAt: stamp() });
  }

  #onStatus(msg: Msg): void {
    if (msg.subject !== `${this.#inbox}.${this.#generation}`) return;
    const code = msg.headers?.code ?? 0;
    switch (code) {
      case STATUS_HEARTBEAT:
        this.#heard();
        return;
      case STATUS_NOTHING:
      case STATUS_EXPIRED:
        this.#heard();
        this.#outstanding = Math.max(0, this.#outstanding - Number(msg.headers?.get(PENDING) || 0));
        this.#fill();
        return;
      default:
        this.#askLater(`${code} ${msg.headers?.description ?? ''}`);
    }
  }

  #fill(): void {
    if (this.#stopped || this.#waiting !== null || !this.#link.isConnected()) return;
    // Asking for each message singly would double the traffic; half is early enough never to run dry.
    if (this.#outstanding * 2 > this.#wanted) return;
    const batch = this.#wanted - this.#outstanding;
    if (batch <= 0) return;
    this.#outstanding += batch;
    const request = { batch, expires: nanos(REQUEST_LIFE_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
    this.#link.nc.publish(this.#next, JSON.stringify(request), {
      reply: `${this.#inbox}.${this.#generation}`,
    });
  }

  #askAnew(): void {
    this.#generation += 1;
    this.#outstanding = 0;
    this.#heardAt = performance.now();
    this.#fill();
  }

  #askLater(why: string): void {
    if (this.#waiting !== null || this.#stopped) return;
    this.#link.problems.set(this.#label, why);
    if (this.#refusals === 0) this.#link.log.warn({ durable: this.#durable, why }, 'bus.pull-refused');
    const delayMs = REFUSED_MS[this.#refusals] ?? REFUSED_LAST_MS;
    this.#refusals += 1;
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#askAnew();
    }, delayMs);
  }

  #heard(): void {
    this.#heardAt = performance.now();
    if (this.#refusals === 0) return;
    this.#refusals = 0;
    this.#link.problems.delete(this.#label);
    this.#link.log.info({ durable: this.#durable }, 'bus.pull-resumed');
  }
}
