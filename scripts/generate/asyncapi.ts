import { CHANNELS, type Channel, HEADERS, STREAMS } from '@slipstream/proto';
import { z } from 'zod';
import { type GeneratedFile, jsonFile } from './generated-file.ts';
import { durablesOf, tailsOf } from './who.ts';

type Json = { readonly [key: string]: unknown };

const SUMMARIES: Readonly<Record<keyof typeof HEADERS, string>> = {
  schemaVersion: 'Version of the message’s schema.',
  correlationId: 'The leader trade from which everything follows.',
  causationId: 'The message that caused this one.',
  traceparent: 'W3C trace context.',
  hops: 'When each hop happened, in microseconds since 1970, as a JSON object.',
};

/** AsyncAPI's own schema dialect is draft 7. */
function payloadOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return json;
}

const headers = (): Json => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(SUMMARIES).map(([key, description]) => [
      Object.entries(HEADERS).find(([name]) => name === key)?.[1] ?? key,
      { type: 'string', description },
    ]),
  ),
});

const channelOf = ({ name, summary, pattern, stream }: Channel): Json => ({
  address: pattern.replace('*', '{key}'),
  summary,
  description: `Stored in the stream ${stream} (${STREAMS[stream].storage}).`,
  messages: { [name]: { $ref: `#/components/messages/${name}` } },
  ...(pattern.includes('*')
    ? { parameters: { key: { description: 'What the message is about; the last part of the subject.' } } }
    : {}),
});

const operation = (action: 'send' | 'receive', { name }: Channel, summary: string): Json => ({
  action,
  summary,
  channel: { $ref: `#/channels/${name}` },
  messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
});

const operationsOf = (channel: Channel): readonly (readonly [string, Json])[] => [
  ...channel.publishers.map(
    (service) =>
      [`${service}.send.${channel.name}`, operation('send', channel, `${service} publishes it.`)] as const,
  ),
  ...durablesOf(channel).map(
    ({ service, name }) =>
      [
        `${service}.receive.${channel.name}`,
        operation('receive', channel, `${service} handles each message once in effect (durable ${name}).`),
      ] as const,
  ),
  ...tailsOf(channel).map(
    (service) =>
      [
        `${service}.follow.${channel.name}`,
        operation('receive', channel, `${service} keeps up without acknowledging.`),
      ] as const,
  ),
];

/** Every channel, message and participant as an AsyncAPI 3 document. */
export const asyncApiFile = (): GeneratedFile =>
  jsonFile('docs/asyncapi.json', {
    asyncapi: '3.0.0',
    info: {
      title: 'Slipstream messages',
      version: '1',
      description:
        'What travels over NATS JetStream. JSON; micros as decimal strings; instants are ISO 8601 in UTC with milliseconds.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(CHANNELS.map((channel) => [channel.name, channelOf(channel)])),
    operations: Object.fromEntries(CHANNELS.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries(
        CHANNELS.map(({ name, summary, version, schema }) => [
          name,
          {
            name,
            title: `${name}, version ${version}`,
            summary,
            contentType: 'application/json',
            headers: headers(),
            payload: payloadOf(schema),
          },
        ]),
      ),
    },
  });
