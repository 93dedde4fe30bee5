import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeMapOf } from './time-map.ts';

const BEGIN_MS = 1_780_000_000_000;
const times = fc
  .array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 60 })
  .map((list) => list.sort((a, b) => a - b).map((ms) => 1_700_000_000_000 + ms));
const speed = fc.constantFrom(0.5, 1, 3, 60);
const silence = fc.integer({ min: 0, max: 20_000 });

describe('the time map', () => {
  test('begins at the beginning', () => {
    fc.assert(
      fc.property(times, speed, silence, (recorded, x, max) => {
        expect(timeMapOf(recorded, BEGIN_MS, x, max)(recorded[0] ?? 0)).toBe(BEGIN_MS);
      }),
    );
  });

  test('never goes back and never is silent for longer than allowed', () => {
    fc.assert(
      fc.property(times, speed, silence, (recorded, x, max) => {
        const mapped = recorded.map(timeMapOf(recorded, BEGIN_MS, x, max));
        for (const [i, at] of mapped.entries()) {
          const before = mapped[i - 1] ?? at;
          expect(at).toBeGreaterThanOrEqual(before);
          // Both ends are rounded to whole milliseconds.
          expect(at - before).toBeLessThanOrEqual(max + 1);
        }
      }),
    );
  });

  test('is monotone between, before and after events', () => {
    fc.assert(
      fc.property(
        times,
        speed,
        silence,
        fc.array(fc.integer({ min: -5e6, max: 2e7 })),
        (rec, x, max, asked) => {
          const map = timeMapOf(rec, BEGIN_MS, x, max);
          const mapped = asked.sort((a, b) => a - b).map((ms) => map(1_700_000_000_000 + ms));
          expect(mapped).toEqual(mapped.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  test('plays at the speed asked', () => {
    const map = timeMapOf([0, 1_000, 5_000], BEGIN_MS, 2, 60_000);
    expect([0, 1_000, 3_000, 5_000, 6_000].map((ms) => map(ms) - BEGIN_MS)).toEqual([
      0, 500, 1_500, 2_500, 3_500,
    ]);
  });
});
