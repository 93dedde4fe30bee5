import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AT } from '../testing/builders.ts';
import { dueAt, jitterOf } from './due.ts';

describe('the latency of a paper order', () => {
  test('is the same every time for the same intent', () => {
    expect(dueAt('ci_1', AT, { latencyMs: 750, jitterMs: 250 })).toEqual(
      dueAt('ci_1', AT, { latencyMs: 750, jitterMs: 250 }),
    );
  });

  test('is the fixed part alone without jitter', () => {
    expect(dueAt('ci_1', AT, { latencyMs: 750, jitterMs: 0 })).toEqual(new Date(AT.getTime() + 750));
  });

  test('never exceeds its jitter', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 60_000 }), (id, most) => {
        const jitter = jitterOf(id, most);
        expect(jitter >= 0 && jitter <= most).toBe(true);
      }),
    );
  });

  test('differs between intents', () => {
    const seen = new Set(Array.from({ length: 200 }, (_, i) => jitterOf(`ci_${i}`, 250)));
    expect(seen.size).toBeGreaterThan(100);
  });
});
