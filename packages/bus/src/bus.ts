import { openLink } from './connect.ts';
import { consume } from './consume.ts';
import { createDeadLetters } from './dead-letter.ts';
import { encode } from './encode.ts';
import { openBucket } from './kv.ts';
import { createLanes, laneOfDurable } from './lanes.ts';
import { keepMemoryStreams } from './memory-streams.ts';
import { createPublisher } from './publish.ts';
import { createRelay } from './relay.ts';
import { tail } from './tail.ts';
import type { Bus, BusOptions } from './types.ts';

/**
 * Connects this process to the bus and keeps it connected.
 *
 * Errors: credentials that cannot be read or are refused, no answer in time, a server older than 2.12.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { now = () => new Date() } = options;
  const link = await openLink(options);
  const publisher = createPublisher(link);
  const deadLetters = createDeadLetters(publisher, link.name, now);
  const lane = createLanes();
  const leaveMemoryStreams = await keepMemoryStreams(link);
  return {
    publish: async (channel, message, trace) => publisher.send(encode(channel, message, trace)),
    consume: (durable, handler, consumeOptions) =>
      consume({ link, deadLetters, lane: lane(laneOfDurable(durable)) }, durable, handler, consumeOptions),
    tail: (channel, onMessage, tailOptions) =>
      tail({ link, deadLetters, lane: lane(channel.name) }, channel, onMessage, tailOptions),
    bucket: async (spec) => openBucket({ link, publisher, lane }, spec),
    relay: (store) => createRelay(link, publisher, store),
    deadLetter: deadLetters.send,
    healthy: () => {
      if (!link.isConnected()) return { ok: false, detail: 'not connected' };
      const problems = [...link.problems].map(([what, why]) => `${what}: ${why}`);
      if (problems.length > 0) return { ok: false, detail: problems.join('; ') };
      return { ok: true, detail: `connected to ${link.nc.getServer()}` };
    },
    close: async () => {
      leaveMemoryStreams();
      await link.close();
    },
  };
}
