import { z } from 'zod';
import { type RpcTrouble, rpcTroubleOf } from '../../core/chain/rpc-trouble.ts';
import { KeptSocket } from '../socket.ts';

const ANSWER_WAIT_MS = 10_000;
/** Requests that wait for their answer; a further one is refused at once. */
const WAITING_MAX = 256;

const Message = z.looseObject({
  id: z.int().nullish(),
  method: z.string().optional(),
  params: z.looseObject({ result: z.unknown().optional() }).optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).nullish(),
});

/** A node's answer, its refusal, or why there is none. */
export type RpcAnswer =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly why: string; readonly trouble: RpcTrouble }
  | { readonly kind: 'silent'; readonly why: string };

export type RpcSocketOptions = {
  readonly url: string;
  readonly onOpen: () => void;
  readonly onClose: () => void;
  /** What a subscription tells; which one does not matter, since a header and a log look different. */
  readonly onNotice: (told: unknown) => void;
  readonly onRubbish: (text: string) => void;
};

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refusal = ({ code, message }: { readonly code: number; readonly message: string }): RpcAnswer => ({
  kind: 'refused',
  why: `${code} ${message}`,
  trouble: rpcTroubleOf(code, message),
});

type Waiting = (answer: RpcAnswer) => void;

/** JSON-RPC over one kept websocket. Errors: none; a node that does not answer is an answer. */
export class RpcSocket {
  readonly #socket: KeptSocket;
  readonly #options: RpcSocketOptions;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(options: RpcSocketOptions) {
    this.#options = options;
    this.#socket = new KeptSocket(options.url, () => {
      // What was asked on the connection before will not be answered on this one.
      this.#giveUp('the connection was replaced');
      // Only after the socket is kept can something be sent through it.
      queueMicrotask(options.onOpen);
      return {
        onText: (text) => this.#onText(text),
        onClose: () => {
          this.#giveUp('the connection closed');
          options.onClose();
        },
      };
    });
  }

  isOpen(): boolean {
    return this.#socket.isOpen();
  }

  request(method: string, params: readonly unknown[]): Promise<RpcAnswer> {
    if (!this.isOpen()) return Promise.resolve({ kind: 'silent', why: 'not open' });
    if (this.#waiting.size >= WAITING_MAX)
      return Promise.resolve({ kind: 'silent', why: 'too many requests wait' });
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<RpcAnswer>();
    const late = setTimeout(
      () => this.#answer(id, { kind: 'silent', why: `no answer within ${ANSWER_WAIT_MS} ms` }),
      ANSWER_WAIT_MS,
    );
    this.#waiting.set(id, (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return promise;
  }

  /** Proves that the other side lives. Errors: it does not. */
  flushed(): Promise<void> {
    return this.#socket.flushed();
  }

  /** Ends this connection; the next one opens by itself. */
  renew(): void {
    this.#socket.renew();
  }

  stop(): void {
    this.#socket.stop();
    this.#giveUp('stopped');
  }

  #answer(id: number, answer: RpcAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(answer);
  }

  #giveUp(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.#answer(id, { kind: 'silent', why });
  }

  #onText(text: string): void {
    const message = Message.safeParse(parsed(text));
    if (!message.success) {
      this.#options.onRubbish(text);
      return;
    }
    const { id, method, params, result, error } = message.data;
    if (method === 'eth_subscription') this.#options.onNotice(params?.result);
    else if (id == null) this.#options.onRubbish(text);
    else this.#answer(id, error == null ? { kind: 'ok', value: result } : refusal(error));
  }
}
