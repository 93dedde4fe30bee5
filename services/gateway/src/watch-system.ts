import type { Bucket, Bus, Reader } from '@slipstream/bus';
import type { Database } from '@slipstream/db';
import {
  type Channel,
  copyAttemptLive,
  copyAttemptPaper,
  copyDead,
  copyOrderPaper,
  copyPortfolioSnapshot,
  copyPortfolioState,
  type DeadLetter,
  SERVICES,
  type ServiceName,
  type ServiceStatus,
  statusBucket,
} from '@slipstream/proto';
import {
  DEAD_LETTERS_SHOWN_MAX,
  DEAD_PAYLOAD_SHOWN_MAX,
  type DeadLetterItem,
  type StatusReply,
} from '@slipstream/proto/http';
import { z } from 'zod';
import type { LiveFeed } from './live-feed.ts';

/** What the page hears of as it happens, by the name of the event. */
const HEARD = [
  ['attempt', copyAttemptPaper],
  ['attempt', copyAttemptLive],
  ['order', copyOrderPaper],
  ['portfolio', copyPortfolioState],
  ['snapshot', copyPortfolioSnapshot],
] as const;

/** What the system says of itself, as far as it was heard. */
export type SystemView = {
  readonly status: () => Promise<StatusReply>;
  /** The newest first; what came before this process started is here once per service. */
  readonly deadLetters: () => readonly DeadLetterItem[];
  readonly stop: () => Promise<void>;
};

/** Forwards every message of a channel to the pages that listen. */
const forward = <S extends z.ZodType>(
  bus: Bus,
  feed: LiveFeed,
  name: string,
  channel: Channel<S>,
  also: (message: z.output<S>) => void = () => undefined,
  from: 'new' | 'last-per-subject' = 'new',
): Promise<Reader> =>
  bus.tail(
    channel,
    (message, { sequence }) => {
      also(message);
      feed.tell({ name, id: String(sequence), data: () => z.encode(channel.schema, message) });
    },
    { from },
  );

const itemOf = ({ headers: _, ...letter }: DeadLetter): DeadLetterItem => ({
  ...letter,
  payload: letter.payload.slice(0, DEAD_PAYLOAD_SHOWN_MAX),
});

/** Follows the services' heartbeats, the messages that pages show, and the dead letters. */
export async function watchSystem(io: {
  readonly bus: Bus;
  readonly db: Database;
  readonly statuses: Bucket<ServiceStatus>;
  readonly feed: LiveFeed;
  readonly now: () => Date;
}): Promise<SystemView> {
  const { bus, db, statuses, feed, now } = io;
  const heard = new Map<string, ServiceStatus>();
  const dead: DeadLetterItem[] = [];
  const keep = (letter: DeadLetter): void => {
    dead.unshift(itemOf(letter));
    dead.splice(DEAD_LETTERS_SHOWN_MAX);
  };
  const readers = await Promise.all([
    ...HEARD.map(([name, channel]) => forward<z.ZodType>(bus, feed, name, channel)),
    forward(bus, feed, 'dead-letter', copyDead, keep, 'last-per-subject'),
    statuses.watch((service, status) => {
      if (status === null) heard.delete(service);
      else heard.set(service, status);
      feed.tell({ name: 'status', id: null, data: () => ({ service, state: status?.state ?? 'gone' }) });
    }),
  ]);

  /** A key whose life is over is gone without a word, so that the heartbeat's own time decides. */
  const statusOf = (service: ServiceName): StatusReply['services'][number] => {
    const status = heard.get(service);
    const gone = status === undefined || now().getTime() - Date.parse(status.at) > statusBucket.ttlMs;
    return gone ? { kind: 'gone', service } : { kind: 'heard', service, status };
  };
  return {
    status: async () => ({
      services: SERVICES.map(statusOf),
      bus: bus.healthy(),
      database: await db.healthy(),
    }),
    deadLetters: () => dead,
    stop: async () => {
      for (const reader of readers) await reader.stop();
    },
  };
}
