import { randomUUID } from 'node:crypto';
import type { Msg, MsgHdrs, NatsConnection } from 'nats';

/** How often requests are looked at that nobody answered; a time-out is this much too late at worst. */
const LOOK_MS = 250;
const STATUS_NO_RESPONDERS = 503;

/** No answer that can be trusted: it may have been done or not. The same message id makes another attempt harmless. */
export class Unconfirmed extends Error {
  override name = 'Unconfirmed';
}

/** Our credentials do not allow what we tried: waiting does not help. */
export class Forbidden extends Error {
  override name = 'Forbidden';
}

type Asked = {
  readonly subject: string;
  readonly deadline: number;
  readonly resolve: (msg: Msg) => void;
  readonly reject: (error: Error) => void;
};

export type Question = {
  readonly subject: string;
  readonly payload: string;
  readonly timeoutMs: number;
  readonly headers?: MsgHdrs | undefined;
};

/**
 * Requests and their answers over one subscription.
 *
 * The client's own `request` (nats 2.29.3) makes a timer and an Error for every request, answered ones too; for a
 * publisher that is a fifth of its time.
 */
export class Replies {
  readonly #nc: NatsConnection;
  readonly #inbox: string;
  readonly #asked = new Map<string, Asked>();
  readonly #looking: NodeJS.Timeout;
  #count = 0;

  constructor(nc: NatsConnection, inboxPrefix: string) {
    this.#nc = nc;
    this.#inbox = `${inboxPrefix}.reply.${randomUUID()}.`;
    nc.subscribe(`${this.#inbox}*`, {
      callback: (error, msg) => {
        if (error === null) this.#take(msg);
        else this.failAll(new Forbidden(error.message));
      },
    });
    this.#looking = setInterval(() => this.#expire(), LOOK_MS).unref();
  }

  /** Errors: `Unconfirmed` for no answer or nobody there, `Forbidden`, a NatsError for a message that is too large. */
  ask(question: Question): Promise<Msg> {
    const { subject, payload, timeoutMs, headers } = question;
    this.#count += 1;
    const token = String(this.#count);
    return new Promise((resolve, reject) => {
      const reply = this.#inbox + token;
      this.#nc.publish(subject, payload, headers === undefined ? { reply } : { reply, headers });
      this.#asked.set(token, { subject, deadline: performance.now() + timeoutMs, resolve, reject });
    });
  }

  failAll(error: Error): void {
    const open = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of open) reject(error);
  }

  /** The broker says that we may not publish to this subject. */
  forbid(subject: string): void {
    for (const [token, asked] of this.#asked)
      if (asked.subject === subject) {
        this.#asked.delete(token);
        asked.reject(new Forbidden(`permissions violation: we may not publish to ${subject}`));
      }
  }

  close(): void {
    clearInterval(this.#looking);
    this.failAll(new Unconfirmed('the connection was closed'));
  }

  #take(msg: Msg): void {
    const token = msg.subject.slice(this.#inbox.length);
    const asked = this.#asked.get(token);
    if (asked === undefined) return;
    this.#asked.delete(token);
    if (msg.headers?.code === STATUS_NO_RESPONDERS)
      asked.reject(new Unconfirmed(`${asked.subject}: nobody there`));
    else asked.resolve(msg);
  }

  #expire(): void {
    const now = performance.now();
    for (const [token, asked] of this.#asked)
      if (asked.deadline < now) {
        this.#asked.delete(token);
        asked.reject(new Unconfirmed(`${asked.subject}: no answer in time`));
      }
  }
}
