import type { BucketSpec } from '@slipstream/proto';
import type { Msg } from 'nats';
import { z } from 'zod';
import type { Link } from './connect.ts';
import { textOf } from './decode.ts';
import { LANE_LEFT } from './lanes.ts';
import type { Publisher } from './publish.ts';
import { openReader, type Read } from './reader.ts';
import { Unconfirmed } from './replies.ts';
import type { Bucket, Reader } from './types.ts';

const GET_TIMEOUT_MS = 5_000;
const OPERATION = 'KV-Operation';
/** Set by the server when it removed a key by age. */
const MARKER = 'Nats-Marker-Reason';
const KEY = /^[-/=\w]+(\.[-/=\w]+)*$/;
const STATUS_OK_BELOW = 300;

/** The stream behind a bucket, as every NATS client names it. */
export const bucketStream = (bucket: string): string => `KV_${bucket}`;
export const bucketSubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;
const bucketLane = (bucket: string): string => `kv:${bucket}`;

export type KvContext = {
  readonly link: Link;
  readonly publisher: Publisher;
  /** Names a reader of this lane. */
  readonly lane: (lane: string) => string;
};

function checkKey(key: string): string {
  if (!KEY.test(key)) throw new RangeError(`not a key of a bucket: ${key.slice(0, 100)}`);
  return key;
}

/** Opens a bucket; whether it exists shows at the first use. */
export function openBucket<S extends z.ZodType>(
  context: KvContext,
  spec: BucketSpec<S>,
): Bucket<z.output<S>> {
  const { link, publisher } = context;
  const stream = bucketStream(spec.name);
  const lane = bucketLane(spec.name);

  const read = (key: string, payload: string): z.output<S> | null => {
    const value = parse(spec.schema, payload);
    if (value.kind === 'value') return value.value;
    link.log.error({ bucket: spec.name, key, why: value.error }, 'bus.value-unreadable');
    return null;
  };

  const store = async (key: string, payload: string, headers: Record<string, string>): Promise<number> => {
    const subject = bucketSubject(spec.name, checkKey(key));
    const { sequence } = await publisher.send({ channel: lane, subject, messageId: null, headers, payload });
    return sequence;
  };

  return {
    get: async (key) => {
      const subject = `$JS.API.DIRECT.GET.${stream}.${bucketSubject(spec.name, checkKey(key))}`;
      const msg = await link.ask({ subject, payload: '', timeoutMs: GET_TIMEOUT_MS });
      if ((msg.headers?.code ?? 0) === 404) return null;
      if ((msg.headers?.code ?? 0) >= STATUS_OK_BELOW)
        throw new Unconfirmed(`${subject}: ${msg.headers?.description ?? ''}`);
      return isGone(msg) ? null : read(key, textOf(msg.data));
    },
    put: async (key, value) => store(key, JSON.stringify(z.encode(spec.schema, value)), {}),
    delete: async (key) => {
      await store(key, '', { [OPERATION]: 'DEL' });
    },
    watch: (onValue) => watch(context, spec, read, onValue),
    keys: () => keysOf(link, spec.name),
  };
}

function parse<S extends z.ZodType>(
  schema: S,
  payload: string,
):
  | { readonly kind: 'value'; readonly value: z.output<S> }
  | { readonly kind: 'unreadable'; readonly error: string } {
  try {
    const parsed = schema.safeParse(JSON.parse(payload));
    if (parsed.success) return { kind: 'value', value: parsed.data };
    return { kind: 'unreadable', error: z.prettifyError(parsed.error) };
  } catch (error) {
    return { kind: 'unreadable', error: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether an entry says that its key is gone: deleted, purged, or removed by age. */
const isGone = (msg: Msg): boolean =>
  (msg.headers?.get(OPERATION) ?? '') !== '' || (msg.headers?.get(MARKER) ?? '') !== '';

const keyOf = (bucket: string, subject: string): string => subject.slice(bucketSubject(bucket, '').length);

/** After a gap everything is read again, and a key that is not there any more is told as gone. */
async function watch<T>(
  { link, lane: laneOf }: KvContext,
  spec: BucketSpec,
  read: (key: string, payload: string) => T | null,
  onValue: (key: string, value: T | null) => void,
): Promise<Reader> {
  const lane = laneOf(bucketLane(spec.name));
  const known = new Map<string, string>();
  let seen = new Set<string>();

  const tell = (key: string, value: T | null): void => {
    try {
      onValue(key, value);
    } catch (error) {
      link.log.error({ bucket: spec.name, key, error }, 'bus.watch-handler-failed');
    }
  };

  const take = ({ msg, sequence, storedAtNanos }: Read): void => {
    const key = keyOf(spec.name, msg.subject);
    seen.add(key);
    const revision = `${sequence}:${storedAtNanos}`;
    if (known.get(key) !== revision) {
      known.set(key, revision);
      tell(key, isGone(msg) ? null : read(key, textOf(msg.data)));
    }
    link.activity.consumed(lane, sequence);
  };

  const onCaughtUp = (through: number): void => {
    for (const key of known.keys())
      if (!seen.has(key)) {
        known.delete(key);
        tell(key, null);
      }
    seen = new Set();
    link.activity.consumed(lane, through);
  };

  link.activity.consumed(lane, 0);
  const reader = await openReader(link, {
    stream: bucketStream(spec.name),
    filter: bucketSubject(spec.name, '>'),
    label: `watch ${spec.name}`,
    from: 'last-per-subject',
    afterGap: 'again',
    onMessage: take,
    onCaughtUp,
  });
  return {
    stop: async () => {
      await reader.stop();
      link.activity.consumed(lane, LANE_LEFT);
    },
  };
}

async function keysOf(link: Link, bucket: string): Promise<readonly string[]> {
  const keys = new Set<string>();
  const reader = await openReader(link, {
    stream: bucketStream(bucket),
    filter: bucketSubject(bucket, '>'),
    label: `keys ${bucket}`,
    from: 'last-per-subject',
    afterGap: 'again',
    headersOnly: true,
    onMessage: ({ msg }) => {
      const key = keyOf(bucket, msg.subject);
      if (isGone(msg)) keys.delete(key);
      else keys.add(key);
    },
    onCaughtUp: () => undefined,
  });
  await reader.stop();
  return [...keys].sort();
}
