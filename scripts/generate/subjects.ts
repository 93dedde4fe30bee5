import { BUCKETS, CHANNELS, type Channel, STREAMS, type StreamSpec } from '@slipstream/proto';
import type { GeneratedFile } from './generated-file.ts';
import { durablesOf, tailsOf } from './who.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const list = (items: readonly string[]): string => (items.length === 0 ? '–' : items.join(', '));

function keptOf({ maxAgeMs, maxPerSubject, storage, discard }: StreamSpec): string {
  const parts = [
    ...(maxPerSubject === 1 ? ['last per subject'] : []),
    ...(maxAgeMs === 0 ? [] : [`${maxAgeMs / DAY_MS} d`]),
    storage,
    ...(discard === 'new' ? ['refuses new when full'] : []),
  ];
  return parts.join(', ');
}

/** Columns as wide as their widest cell, which is how the formatter of the repository leaves a table. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(3, head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width, fill)).join(' | ')} |`;
  return [line(heads, ' '), line([], '-'), ...rows.map((row) => line(row, ' '))].join('\n');
}

/** Each service once; one that has a reader for each partition says how many. */
const handlersOf = (channel: Channel): readonly string[] => {
  const services = durablesOf(channel).map(({ service }) => service);
  const partitions = channel.partitions === undefined ? '' : ` (${channel.partitions} partitions)`;
  return [...new Set(services)].map((service) => `${service}${partitions}`);
};

const channelRows = CHANNELS.map((channel) => [
  `\`${channel.pattern}\``,
  `[${channel.name}](../proto/schemas/${channel.name}.json)`,
  channel.stream,
  keptOf(STREAMS[channel.stream]),
  list(channel.publishers),
  list(handlersOf(channel)),
  list(tailsOf(channel)),
]);

const lifeOf = (ttlMs: number): string => (ttlMs === 0 ? 'until changed' : `${ttlMs / 1_000} s`);

const bucketRows = BUCKETS.map((bucket) => [
  `\`${bucket.name}\``,
  bucket.summary,
  `${lifeOf(bucket.ttlMs)}, ${bucket.storage}`,
  list(bucket.writers),
  list(bucket.readers),
]);

/** Every subject and bucket with who writes and who reads it, as a page. */
export const subjectsFile = (): GeneratedFile => ({
  path: 'docs/subjects.md',
  text: `# Subjects and buckets

Generated from \`proto/\` by \`npm run generate\`; do not edit. Every message carries its schema version, correlation and causation ids,
\`traceparent\` and the stamps of its hops as headers. The permissions on the bus follow from this page: a service can publish and
read what stands here, and nothing else.

**Handles** means a durable consumer that acknowledges each message after its effect is stored. **Follows** means keeping up with
the newest without acknowledging.

## Subjects

${table(['Subject', 'Message', 'Stream', 'Kept', 'Published by', 'Handled by', 'Followed by'], channelRows)}

## Buckets

${table(['Bucket', 'Holds', 'Kept', 'Written by', 'Read by'], bucketRows)}
`,
});
