import {
  BUCKETS,
  CHANNELS,
  type Channel,
  copyDead,
  copyIntentLive,
  DURABLES,
  LIVE_SCOPE,
  liveIntentSubject,
  type ServiceName,
  TAILS,
  walletDurables,
} from '@slipstream/proto';
import { inboxPrefixOf } from './connect.ts';
import { bucketStream, bucketSubject } from './kv.ts';
import { memoryStreamsOf } from './memory-streams.ts';
import { storedPattern } from './stored-subject.ts';

/** Subjects that a service may publish to and subscribe to; everything else is refused by the broker. */
export type NatsPermissions = {
  readonly publish: { readonly allow: string[] };
  readonly subscribe: { readonly allow: string[] };
};

/** Reading a stream in order: look at it, make a consumer with this filter and no other, answer its flow control. */
const reading = (stream: string, filter: string): readonly string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.*.${filter}`,
  `$JS.FC.${stream}.>`,
];

/** Working through a durable: look at it, ask for messages, answer each; both forms of the answer's subject. */
const consuming = (stream: string, durable: string): readonly string[] => [
  `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
  `$JS.ACK.*.*.${stream}.${durable}.>`,
];

const ofDefaultWallet: ReadonlySet<string> = new Set(walletDurables(LIVE_SCOPE).map(({ name }) => name));

/**
 * The durables of a service as permissions name them. A stream that nobody else works through is named once for all of
 * them: a durable per partition, each by name, would outgrow the line in which a connection presents its credentials.
 */
function durablesOf(
  service: ServiceName,
  wallet: string,
): readonly (readonly [stream: string, durable: string])[] {
  const shared = new Set(
    DURABLES.filter((durable) => durable.service !== service).map(({ channel }) => channel.stream),
  );
  const own = [
    ...DURABLES.filter(({ name }) => !ofDefaultWallet.has(name)),
    ...walletDurables(wallet),
  ].filter((durable) => durable.service === service);
  const named = own.map(
    ({ channel: { stream }, name }) => [stream, shared.has(stream) ? name : '*'] as const,
  );
  return [...new Map(named.map((one) => [one.join(' '), one])).values()];
}

/** Where a service publishes on a channel: its own dead letters only, every wallet's intents, and else the whole channel. */
function publishing(channel: Channel, service: ServiceName): readonly string[] {
  if (channel.name === copyDead.name) return [channel.pattern.replace('*', service)];
  if (channel.name === copyIntentLive.name) return [LIVE_SCOPE, '*'].map(liveIntentSubject);
  return [channel.pattern];
}

/**
 * What the broker lets a service do, from proto's data: publish its own channels, read what it consumes and tails, put
 * and get the buckets that it writes and reads, and make anew the streams in memory that it writes. A process of one
 * `wallet` may not work through what is another's.
 */
export function natsPermissions(service: ServiceName, wallet: string = LIVE_SCOPE): NatsPermissions {
  const published = CHANNELS.filter((channel) => channel.publishers.includes(service));
  const writes = BUCKETS.filter((bucket) => bucket.writers.includes(service));
  const reads = BUCKETS.filter(
    (bucket) => bucket.readers.includes(service) || bucket.writers.includes(service),
  );
  const allow = [
    ...published.flatMap((channel) => publishing(channel, service)),
    ...durablesOf(service, wallet).flatMap(([stream, durable]) => consuming(stream, durable)),
    ...TAILS[service].flatMap((channel) => reading(channel.stream, storedPattern(channel))),
    ...writes.map((bucket) => bucketSubject(bucket.name, '>')),
    ...reads.flatMap((bucket) => {
      const stream = bucketStream(bucket.name);
      const subjects = bucketSubject(bucket.name, '>');
      return [`$JS.API.DIRECT.GET.${stream}.${subjects}`, ...reading(stream, subjects)];
    }),
    ...memoryStreamsOf(service).map((stream) => `$JS.API.STREAM.CREATE.${stream.name}`),
  ];
  return {
    publish: { allow: [...new Set(allow)] },
    subscribe: { allow: [`${inboxPrefixOf(service)}.>`] },
  };
}
