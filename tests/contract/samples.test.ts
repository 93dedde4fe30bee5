import { CHANNELS } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readSample, sampleNames, sampleOf } from './committed.ts';

const channelOf = (name: string) => {
  const channel = CHANNELS.find((candidate) => candidate.name === name);
  if (channel === undefined) throw new Error(`no channel is called ${name}`);
  return channel;
};

describe('the samples', () => {
  test.each(CHANNELS)('$name has one of its present version', ({ name, version }) => {
    expect(sampleNames()).toContain(`${name}.v${version}.json`);
  });

  test.each(sampleNames())('%s decodes, whatever its age', (file) => {
    const parsed = channelOf(sampleOf(file).channel).schema.safeParse(readSample(file));
    expect(parsed.error?.issues).toBeUndefined();
  });

  test.each(sampleNames())('%s goes out as it came in', (file) => {
    const { channel, version } = sampleOf(file);
    const { schema, version: present } = channelOf(channel);
    const wire = readSample(file);
    if (version === present) expect(z.encode(schema, z.decode(schema, wire))).toEqual(wire);
  });

  test.each(sampleNames())('%s has a subject that its channel’s consumers filter on', (file) => {
    const { schema, subject, pattern } = channelOf(sampleOf(file).channel);
    const own = subject(z.decode(schema, readSample(file)));
    const filter = new RegExp(`^${pattern.replaceAll('.', '\\.').replace('*', '[^.*> ]+')}$`);
    expect(own).toMatch(filter);
  });
});
