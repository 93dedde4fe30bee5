import { BUCKETS, DURABLES, filterOf, STREAMS, walletDurables } from '@slipstream/proto';
import { z } from 'zod';
import type { Admin } from './admin.ts';
import { askApi, isStreamMissing } from './api.ts';
import type { Link } from './connect.ts';
import { bucketConfig, durableConfig, type StreamConfig, streamConfig } from './topology.ts';

const Anything = z.object({});

export type TopologyOptions = {
  readonly replicas: number;
  /** Wallets beside the default one. */
  readonly wallets?: readonly string[];
};

/**
 * Creates what is missing and updates what differs: streams, buckets, durables, all from proto's data. The same call
 * again changes nothing, and no message is lost by it.
 *
 * Errors: `ApiError` for a change that the server does not allow (another storage of an existing stream).
 */
export async function ensureTopology(admin: Admin, options: TopologyOptions): Promise<void> {
  const { link } = admin;
  const { replicas, wallets = [] } = options;
  const streams = [
    ...Object.values(STREAMS).map((spec) => streamConfig(spec, replicas)),
    ...BUCKETS.map((spec) => bucketConfig(spec, replicas)),
  ];
  for (const config of streams) await ensureStream(link, config);
  for (const spec of [...DURABLES, ...wallets.flatMap(walletDurables)]) {
    const { stream } = spec.channel;
    await askApi(link, `CONSUMER.CREATE.${stream}.${spec.name}.${filterOf(spec)}`, Anything, {
      stream_name: stream,
      config: durableConfig(spec),
    });
  }
}

async function ensureStream(link: Link, config: StreamConfig): Promise<void> {
  try {
    await askApi(link, `STREAM.UPDATE.${config.name}`, Anything, config);
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
    await askApi(link, `STREAM.CREATE.${config.name}`, Anything, config);
  }
}
