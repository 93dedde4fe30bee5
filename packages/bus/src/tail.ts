import type { Channel } from '@slipstream/proto';
import type { z } from 'zod';
import type { Link } from './connect.ts';
import type { DeadLetters } from './dead-letter.ts';
import { decode, headersOf, textOf } from './decode.ts';
import { storedAtMs } from './delivered.ts';
import { LANE_LEFT } from './lanes.ts';
import { openReader, type Read } from './reader.ts';
import { publishedSubject, storedPattern } from './stored-subject.ts';
import type { Place, Reader, TailOptions } from './types.ts';

/** Unreadable messages remembered, so that reading them again does not report them again. */
const BURIED_MAX = 1_000;

export type TailContext = { readonly link: Link; readonly deadLetters: DeadLetters; readonly lane: string };

/**
 * Keeps up with a channel without acknowledging: the last message of every subject, or only what is new.
 *
 * Of several messages of one subject that arrive together, `last-per-subject` gives the last alone: who keeps the
 * latest book has no use for the one before. What cannot be read is logged, sent to the dead letters once, and skipped.
 */
export async function tail<S extends z.ZodType>(
  { link, deadLetters, lane }: TailContext,
  channel: Channel<S>,
  onMessage: (message: z.output<S>, place: Place) => void,
  { from = 'last-per-subject' }: TailOptions = {},
): Promise<Reader> {
  const bury = createBurial(link, deadLetters, channel.name);
  const waiting = new Map<string | number, Read>();
  let handled = 0;
  let scheduled = false;

  const give = (read: Read): void => {
    const wire = {
      subject: publishedSubject(channel, read.msg.subject),
      headers: headersOf(read.msg.headers),
      payload: textOf(read.msg.data),
    };
    const decoded = decode(channel, wire);
    if (decoded.kind === 'schema') {
      bury(read, decoded.error);
      return;
    }
    try {
      onMessage(decoded.message, { subject: wire.subject, sequence: read.sequence });
    } catch (error) {
      link.log.error({ channel: channel.name, sequence: read.sequence, error }, 'bus.tail-handler-failed');
    }
  };

  const flush = (): void => {
    scheduled = false;
    for (const read of waiting.values()) {
      give(read);
      handled = Math.max(handled, read.sequence);
    }
    waiting.clear();
    if (handled > 0) link.activity.consumed(lane, handled);
  };

  const take = (read: Read): void => {
    const key = from === 'new' ? read.sequence : read.msg.subject;
    // Taken out first, so that the order is that of the latest messages.
    waiting.delete(key);
    waiting.set(key, read);
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(flush);
  };

  link.activity.consumed(lane, 0);
  const reader = await openReader(link, {
    stream: channel.stream,
    filter: storedPattern(channel),
    label: `tail ${channel.name}`,
    from,
    afterGap: 'continue',
    onMessage: take,
    onCaughtUp: (through) => {
      flush();
      handled = Math.max(handled, through);
      link.activity.consumed(lane, handled);
    },
  });
  return {
    stop: async () => {
      await reader.stop();
      link.activity.consumed(lane, LANE_LEFT);
    },
  };
}

function createBurial(
  link: Link,
  deadLetters: DeadLetters,
  channel: string,
): (read: Read, error: string) => void {
  const buried = new Set<string>();
  return (read, error) => {
    const deadId = `${link.name}:tail:${channel}:${read.sequence}:${storedAtMs(read.storedAtNanos)}`;
    if (buried.has(deadId)) return;
    if (buried.size >= BURIED_MAX) buried.clear();
    buried.add(deadId);
    link.log.error({ channel, sequence: read.sequence, why: error }, 'bus.tail-unreadable');
    deadLetters
      .send({
        deadId,
        durable: `tail:${channel}`,
        stream: read.stream,
        subject: read.msg.subject,
        sequence: read.sequence,
        deliveries: read.deliveries,
        reason: 'schema',
        error,
        headers: headersOf(read.msg.headers),
        payload: textOf(read.msg.data),
      })
      .catch((failure: unknown) => link.log.error({ deadId, error: failure }, 'bus.dead-letter-failed'));
  };
}
