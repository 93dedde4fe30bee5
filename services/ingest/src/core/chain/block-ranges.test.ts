import { describe, expect, test } from 'vitest';
import { chunked, RangeWidth } from './block-ranges.ts';
import { Rest } from './rest.ts';

describe('RangeWidth', () => {
  test('halves what was too much down to one block, and doubles with every good answer', () => {
    const width = new RangeWidth(8);
    expect(width.next(1, 100)).toEqual({ from: 1, to: 8 });
    expect(width.halve({ from: 1, to: 8 })).toBe(true);
    expect(width.next(1, 100)).toEqual({ from: 1, to: 4 });
    width.halve({ from: 1, to: 4 });
    width.halve({ from: 1, to: 2 });
    expect(width.next(1, 100)).toEqual({ from: 1, to: 1 });
    expect(width.halve({ from: 1, to: 1 })).toBe(false);
    for (let i = 0; i < 9; i++) width.good();
    expect(width.next(1, 100)).toEqual({ from: 1, to: 8 });
    expect(width.next(98, 100)).toEqual({ from: 98, to: 100 });
  });
});

test('a list comes back in pieces, nothing lost', () => {
  expect(chunked([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunked([], 2)).toEqual([]);
});

describe('Rest', () => {
  test('is twice as long each time, up to a minute, and short again after an answer', () => {
    const rest = new Rest();
    let now = 0;
    const lengths: number[] = [];
    for (let i = 0; i < 8; i++) {
      lengths.push(rest.begin(now));
      now += rest.leftMs(now);
    }
    expect(lengths).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    rest.good();
    expect(rest.begin(now)).toBe(1_000);
  });

  test('does not grow by complaints that come while it lasts', () => {
    const rest = new Rest();
    rest.begin(0);
    expect(rest.begin(400)).toBe(600);
    expect([rest.isOver(999), rest.isOver(1_000)]).toEqual([false, true]);
  });
});
