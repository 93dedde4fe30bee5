import { BUCKETS, CHANNELS, STREAMS } from '@slipstream/proto';
import { z } from 'zod';
import { askApi } from './api.ts';
import type { Link } from './connect.ts';
import { bucketConfig, type StreamConfig, streamConfig } from './topology.ts';

/** A stream in memory is lost with its server, copies or not, so one is as good as three. */
const REPLICAS = 1;

const Anything = z.object({});

/** The streams and buckets in memory that a service writes. */
export function memoryStreamsOf(service: string): readonly StreamConfig[] {
  const names = new Set<string>(
    CHANNELS.filter((channel) => channel.publishers.some((name) => name === service)).map((c) => c.stream),
  );
  const streams = Object.values(STREAMS).filter((spec) => spec.storage === 'memory' && names.has(spec.name));
  const buckets = BUCKETS.filter(
    (spec) => spec.storage === 'memory' && spec.writers.some((name) => name === service),
  );
  return [
    ...streams.map((spec) => streamConfig(spec, REPLICAS)),
    ...buckets.map((spec) => bucketConfig(spec, REPLICAS)),
  ];
}

/**
 * Makes the streams in memory that this service writes anew after the server has lost them: a server that restarts has
 * forgotten them with their contents, and nobody but their writer can fill them again.
 *
 * Gives what ends it. One that exists is left as it is.
 */
export async function keepMemoryStreams(link: Link): Promise<() => void> {
  const configs = memoryStreamsOf(link.name);
  const restore = async (): Promise<void> => {
    for (const config of configs)
      await askApi(link, `STREAM.CREATE.${config.name}`, Anything, config).catch((error: unknown) => {
        link.log.debug({ stream: config.name, error }, 'bus.memory-stream-kept');
      });
  };
  await restore();
  return link.onChange((connected) => {
    if (connected) void restore();
  });
}
