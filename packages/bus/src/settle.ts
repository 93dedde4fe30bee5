import { nanos } from './api.ts';
import type { Link } from './connect.ts';
import type { RawDelivery } from './pull.ts';

const ACK = '+ACK';
const WORKING = '+WPI';
const TERM = '+TERM';
/** Answers that wait for the connection; more than are ever under way. What is dropped here comes again. */
const WAITING_MAX = 10_000;

/** Tells the server what became of deliveries. */
export type Settler = {
  ack(raw: RawDelivery): void;
  nak(raw: RawDelivery, delayMs: number): void;
  term(raw: RawDelivery): void;
  /** Prolongs the time that we may take. */
  working(raw: RawDelivery): void;
  stop(): void;
};

/**
 * Answers made while the connection is away are kept and sent when it is back: without them the message would come
 * again after its time, which is harmless, and late, which is not.
 */
export function createSettler(link: Link): Settler {
  const waiting: (readonly [RawDelivery, string])[] = [];
  const answer = (raw: RawDelivery, text: string): void => {
    if (link.isConnected()) raw.msg.respond(text);
    else if (waiting.length < WAITING_MAX) waiting.push([raw, text]);
  };
  const endChange = link.onChange((connected) => {
    if (connected) for (const [raw, text] of waiting.splice(0)) raw.msg.respond(text);
  });
  return {
    ack: (raw) => answer(raw, ACK),
    nak: (raw, delayMs) => answer(raw, `-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`),
    term: (raw) => answer(raw, TERM),
    working: (raw) => {
      if (link.isConnected()) raw.msg.respond(WORKING);
    },
    stop: endChange,
  };
}
