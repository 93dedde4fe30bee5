import { pause, stamp } from '@slipstream/runtime';
import { ErrorCode, headers, NatsError } from 'nats';
import { z } from 'zod';
import { isForbidden, readReply } from './api.ts';
import type { Link } from './connect.ts';
import { laneOfMessage } from './lanes.ts';
import type { OutboxMessage, PubAck } from './types.ts';

/** How long a stream may take to confirm; a server that restarts is noticed earlier, by the connection. */
const ACK_TIMEOUT_MS = 5_000;
const ATTEMPTS_MAX = 8;
/** Waits before the second, third … attempt; the last repeats. */
const RETRY_MS = [50, 200, 500, 1_000, 2_000] as const;
const RETRY_LAST_MS = 2_000;

const MICROS_PER_SECOND = 1_000_000;
const MESSAGE_ID = 'Nats-Msg-Id';

const Ack = z.object({ stream: z.string(), seq: z.number(), duplicate: z.boolean().default(false) });

/** Whether another attempt with the same message can never succeed. */
export const isRefusal = (error: unknown): boolean =>
  isForbidden(error) || (error instanceof NatsError && error.code === ErrorCode.MaxPayloadExceeded);

/** How messages leave this process. Both report what was stored to the activity. */
export type Publisher = {
  /** Tries once. Errors: a refusal; any other leaves open whether it is stored. */
  attempt(message: OutboxMessage): Promise<PubAck>;
  /** Tries a bounded number of times, with the same message id. Errors: those of the last attempt. */
  send(message: OutboxMessage): Promise<PubAck>;
};

export function createPublisher(link: Link): Publisher {
  const seconds = link.metrics?.histogram({
    name: 'bus_publish',
    help: 'From handing a message to the bus to the confirmation of its stream',
    unit: 'seconds',
    labels: ['channel'],
  });

  const attempt = async (message: OutboxMessage): Promise<PubAck> => {
    const from = stamp();
    const ack = await confirmed(link, message);
    seconds?.observe((stamp() - from) / MICROS_PER_SECOND, { channel: message.channel });
    link.activity.produced(laneOfMessage(message.channel, message.subject), ack.sequence);
    return ack;
  };

  const send = async (message: OutboxMessage): Promise<PubAck> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt(message);
      } catch (error) {
        if (isRefusal(error) || tried >= ATTEMPTS_MAX || link.isClosed()) throw error;
        link.log.warn({ subject: message.subject, tried, error }, 'bus.publish-retried');
        await pause(RETRY_MS[tried - 1] ?? RETRY_LAST_MS);
        await link.untilConnected(ACK_TIMEOUT_MS);
      }
    }
  };

  return { attempt, send: (message) => link.activity.run(() => send(message), `publish ${message.channel}`) };
}

async function confirmed(link: Link, message: OutboxMessage): Promise<PubAck> {
  const wire = headers();
  for (const name in message.headers) wire.append(name, message.headers[name] ?? '');
  if (message.messageId !== null) wire.append(MESSAGE_ID, message.messageId);
  const { subject, payload } = message;
  const reply = await link.ask({ subject, payload, timeoutMs: ACK_TIMEOUT_MS, headers: wire });
  const ack = readReply(message.subject, Ack, reply.data);
  return { sequence: ack.seq, duplicate: ack.duplicate };
}
