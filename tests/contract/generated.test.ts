import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKETS, CHANNELS, DURABLES, SERVICES, STREAMS } from '@slipstream/proto';
import { ROOT } from '@slipstream/stack';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generatedFiles } from '../../scripts/generate/all.ts';

const files = generatedFiles();
const committed = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const Reference = z.object({ $ref: z.string() });
const AsyncApi = z.looseObject({
  asyncapi: z.literal('3.0.0'),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  channels: z.record(
    z.string(),
    z.object({
      address: z.string(),
      summary: z.string(),
      description: z.string(),
      messages: z.record(z.string(), Reference),
      parameters: z.record(z.string(), z.object({ description: z.string() })).optional(),
    }),
  ),
  operations: z.record(
    z.string(),
    z.object({
      action: z.enum(['send', 'receive']),
      summary: z.string(),
      channel: Reference,
      messages: z.array(Reference).length(1),
    }),
  ),
  components: z.object({
    messages: z.record(z.string(), z.looseObject({ payload: z.looseObject({ type: z.literal('object') }) })),
  }),
});

/** What a local reference points to; undefined when it points to nothing. */
const target = (document: unknown, ref: string): unknown =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => Object(at)[key], document);

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  );
}

describe('the generated files', () => {
  test.each(files.map(({ path }) => path))('%s is committed as it is generated', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(committed(path)).toBe(files.find((file) => file.path === path)?.text);
  });

  test('every channel has a schema', () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(CHANNELS.map(({ name }) => `proto/schemas/${name}.json`)),
    );
  });

  test('the AsyncAPI document is one, and each of its references leads somewhere', () => {
    const document: unknown = JSON.parse(committed('docs/asyncapi.json'));
    const parsed = AsyncApi.parse(document);
    expect(Object.keys(parsed.channels)).toEqual(CHANNELS.map(({ name }) => name));
    for (const ref of references({ channels: parsed.channels, operations: parsed.operations }))
      expect(target(document, ref), ref).toBeDefined();
  });

  test('the OpenAPI document is one, and each of its references leads somewhere', () => {
    const document = JSON.parse(committed('docs/openapi.json'));
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).length).toBeGreaterThan(10);
    for (const ref of references(document.paths)) expect(target(document, ref), ref).toBeDefined();
  });

  test('the example of the environment names every service and no value of a secret', () => {
    const text = committed('.env.example');
    for (const service of SERVICES) expect(text).toContain(`── ${service} ──`);
    expect(text).toMatch(/^GATEWAY_TOKEN=$/m);
  });
});

describe('the contract as data', () => {
  test('every stream that a channel is stored in has its subject', () => {
    for (const { name, pattern, stream } of CHANNELS) {
      const matches = STREAMS[stream].subjects.some((subject) =>
        new RegExp(`^${subject.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+')}$`).test(
          pattern,
        ),
      );
      expect(matches, name).toBe(true);
    }
  });

  test('names are unique', () => {
    for (const names of [CHANNELS, DURABLES, BUCKETS].map((things) => things.map(({ name }) => name)))
      expect(new Set(names).size).toBe(names.length);
  });

  test('only live-exec handles live intents, and only the decider gives intents', () => {
    const intents = CHANNELS.filter(({ stream }) => stream === 'INTENTS');
    expect(new Set(intents.flatMap(({ publishers }) => publishers))).toEqual(new Set(['decider']));
    expect(
      DURABLES.filter(({ channel }) => channel.name === 'copyIntentLive').map(({ service }) => service),
    ).toEqual(['live-exec']);
  });
});
