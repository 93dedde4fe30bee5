import { CHANNELS } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSample } from './committed.ts';

const RUNS = 150;

const sampleOf = (name: string, version: number): Record<string, unknown> => ({
  ...Object(readSample(`${name}.v${version}.json`)),
});

/** What a field must never become without being noticed: other types, other cases, numbers that are none. */
const WRONG: readonly unknown[] = [
  undefined,
  Number.NaN,
  -1,
  1.5,
  '-0x1',
  '1e400',
  '9'.repeat(40),
  { toString: 'not a function' },
  [[]],
];

describe.each(CHANNELS)('$name', ({ name, version, schema }) => {
  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }), (rubbish) => {
        expect(() => schema.safeParse(rubbish)).not.toThrow();
      }),
      { numRuns: RUNS },
    );
  });

  test('never throws on a good message with one field replaced', () => {
    const sample = sampleOf(name, version);
    const anything = fc.oneof(fc.constantFrom(...WRONG), fc.anything(), fc.string(), fc.bigInt());
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sample)), anything, (field, value) => {
        expect(() => schema.safeParse({ ...sample, [field]: value })).not.toThrow();
      }),
      { numRuns: RUNS },
    );
  });

  test('refuses a message without one of its fields', () => {
    const sample = sampleOf(name, version);
    for (const field of Object.keys(sample)) {
      const { [field]: _, ...rest } = sample;
      expect(schema.safeParse(rest).success, `without ${field}`).toBe(false);
    }
  });

  test('refuses a field that it does not know', () => {
    expect(schema.safeParse({ ...sampleOf(name, version), surprise: 1 }).success).toBe(false);
  });

  test('refuses micros that are a number, signed where they cannot be, or out of range', () => {
    const sample = sampleOf(name, version);
    for (const field of Object.keys(sample).filter((key) => key.endsWith('Micros')))
      for (const value of [1, '1.5', '', ' 1', '0x10', '9'.repeat(21), '1000000000000000001'])
        expect(schema.safeParse({ ...sample, [field]: value }).success, `${field} ${value}`).toBe(false);
  });
});
