import { type BucketSpec, type Durable, filterOf, type StreamSpec } from '@slipstream/proto';
import { nanos } from './api.ts';
import { bucketStream, bucketSubject } from './kv.ts';

const WITHOUT_LIMIT = -1;
/** How long the same message id is stored once in a bucket; a put repeats nothing, so the server's default will do. */
const BUCKET_DEDUPE_MS = 120_000;
/** A key that is removed by age leaves a mark this long, so that watchers hear of it. */
const BUCKET_MARKER_MS = 60_000;
const VALUE_BYTES_MAX = 262_144;
/** Open requests for messages of one durable: one or two per replica of its service. */
const PULLS_WAITING_MAX = 64;

export type StreamConfig = Readonly<Record<string, unknown>> & { readonly name: string };

/** What holds for every stream here; the server's defaults are spelled out so that an update cannot change them. */
const COMMON = {
  retention: 'limits',
  max_consumers: WITHOUT_LIMIT,
  max_msgs: WITHOUT_LIMIT,
  max_msg_size: WITHOUT_LIMIT,
  no_ack: false,
  sealed: false,
  deny_purge: false,
  compression: 'none',
  allow_direct: true,
};

const orUnlimited = (bound: number): number => (bound === 0 ? WITHOUT_LIMIT : bound);

/** A stream's configuration in the words of the JetStream API. */
export const streamConfig = (spec: StreamSpec, replicas: number): StreamConfig => ({
  ...COMMON,
  name: spec.name,
  subjects: spec.subjects,
  storage: spec.storage,
  num_replicas: replicas,
  max_age: nanos(spec.maxAgeMs),
  max_msgs_per_subject: orUnlimited(spec.maxPerSubject),
  max_bytes: orUnlimited(spec.maxBytes),
  discard: spec.discard,
  duplicate_window: nanos(spec.dedupeMs),
  deny_delete: false,
  allow_rollup_hdrs: false,
  ...(spec.transform === null ? {} : { subject_transform: spec.transform }),
});

/** A bucket's stream, as every NATS client lays one out. */
export const bucketConfig = (spec: BucketSpec, replicas: number): StreamConfig => ({
  ...COMMON,
  name: bucketStream(spec.name),
  description: spec.summary,
  subjects: [bucketSubject(spec.name, '>')],
  storage: spec.storage,
  num_replicas: replicas,
  max_age: nanos(spec.ttlMs),
  max_msgs_per_subject: spec.history,
  max_bytes: WITHOUT_LIMIT,
  max_msg_size: VALUE_BYTES_MAX,
  discard: 'new',
  duplicate_window: nanos(spec.ttlMs === 0 ? BUCKET_DEDUPE_MS : Math.min(spec.ttlMs, BUCKET_DEDUPE_MS)),
  deny_delete: true,
  allow_rollup_hdrs: true,
  ...(spec.ttlMs === 0 ? {} : { allow_msg_ttl: true, subject_delete_marker_ttl: nanos(BUCKET_MARKER_MS) }),
});

/**
 * A durable's configuration. Deliveries have no bound at the server: it would drop a message silently at its last one,
 * while we send it to the dead letters.
 */
export const durableConfig = (spec: Durable): Readonly<Record<string, unknown>> => ({
  name: spec.name,
  durable_name: spec.name,
  deliver_policy: 'all',
  ack_policy: 'explicit',
  ack_wait: nanos(spec.ackWaitMs),
  max_deliver: WITHOUT_LIMIT,
  filter_subject: filterOf(spec),
  replay_policy: 'instant',
  max_ack_pending: spec.ackPendingMax,
  max_waiting: PULLS_WAITING_MAX,
  num_replicas: 0,
  mem_storage: false,
});
