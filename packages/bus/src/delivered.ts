/** Where a delivered message comes from, as its reply subject says. */
export type Delivered = {
  readonly stream: string;
  readonly consumer: string;
  /** 1 at the first delivery. */
  readonly deliveries: number;
  /** Sequence in the stream. */
  readonly sequence: number;
  /** Sequence in the consumer: grows by one with every delivery. */
  readonly consumerSequence: number;
  /** When the stream stored it, in nanoseconds; kept as text because a double cannot hold it. */
  readonly storedAtNanos: string;
  /** Messages that still wait behind it. */
  readonly pending: number;
};

const TOKENS_SHORT = 9;
const TOKENS_LONG_LEAST = 11;
const COUNT = /^\d{1,16}$/;

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<stored at>.<pending>`; the long form
 * has domain and account in front. Gives null when it is something else.
 */
export function readDelivered(reply: string | undefined): Delivered | null {
  const tokens = reply?.split('.') ?? [];
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return null;
  const short = tokens.length === TOKENS_SHORT;
  if (!short && tokens.length < TOKENS_LONG_LEAST) return null;
  const [stream, consumer, deliveries, sequence, consumerSequence, storedAtNanos, pending] = tokens.slice(
    short ? 2 : 4,
  );
  if (stream === undefined || consumer === undefined || storedAtNanos === undefined) return null;
  const counts = [deliveries, sequence, consumerSequence, pending];
  if (!counts.every((text) => text !== undefined && COUNT.test(text))) return null;
  return {
    stream,
    consumer,
    deliveries: Number(deliveries),
    sequence: Number(sequence),
    consumerSequence: Number(consumerSequence),
    storedAtNanos,
    pending: Number(pending),
  };
}

/** The time of storing as milliseconds since 1970. */
export const storedAtMs = (storedAtNanos: string): string => storedAtNanos.slice(0, -6);
