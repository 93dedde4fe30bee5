import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBaseline, ReadMark } from './cursor.ts';

const T = 1_800_000_000;
const seconds = (count: number, from: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => from + Math.floor(i * step));

describe('baseline', () => {
  test('ends with the second of following, which is copied', () => {
    const followedAtMs = T * 1_000 + 700;
    expect(isBaseline(T * 1_000 - 1, followedAtMs)).toBe(true);
    expect(isBaseline(T * 1_000, followedAtMs)).toBe(false);
  });
});

describe('ReadMark', () => {
  test('reads two minutes again, however often it is asked', () => {
    const mark = new ReadMark(0);
    for (let i = 0; i < 200; i++) {
      mark.advance(seconds(10, T - 9, 1));
      expect(mark.next()).toBe(T - 120);
    }
  });

  test('reads less again where rows are dense, and all of it now and then', () => {
    const mark = new ReadMark(0);
    const starts = new Set<number>();
    for (let i = 0; i < 60; i++) {
      mark.advance(seconds(2_000, T - 99, 1 / 20));
      starts.add(mark.next());
    }
    expect([...starts].toSorted()).toEqual([T - 120, T - 4]);
  });

  test('never reads less than a few seconds again', () => {
    const mark = new ReadMark(0);
    mark.advance(seconds(5_000, T, 0));
    expect(mark.next()).toBe(T - 2);
  });

  test('begins at the start of time, stays there while nothing came, and never moves back', () => {
    const mark = new ReadMark(0);
    expect(mark.next()).toBe(0);
    mark.advance([]);
    expect(mark.next()).toBe(0);
    mark.advance([T]);
    mark.advance([T - 60]);
    expect(mark.through).toBe(T);
  });

  test('the next read always begins at or before what was read', () => {
    const reads = fc.array(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 700 }), { maxLength: 8 });
    fc.assert(
      fc.property(reads, (pages) => {
        const mark = new ReadMark(T);
        for (const page of pages) {
          mark.advance(page.map((s) => T + s).toSorted((a, b) => a - b));
          expect(mark.next() <= mark.through - 2 && mark.next() >= mark.through - 120).toBe(true);
        }
      }),
    );
  });
});
