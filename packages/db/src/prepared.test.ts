import { describe, expect, test } from 'vitest';
import { createPreparing, unprepared } from './prepared.ts';

describe('createPreparing', () => {
  test('names a statement from its third time on, each its own', () => {
    const prepare = createPreparing();
    const nameOf = (text: string) => prepare(text, [1]).name;
    expect([1, 2, 3, 4].map(() => nameOf('select 1'))).toEqual([undefined, undefined, 'slip_0', 'slip_0']);
    expect([1, 2, 3].map(() => nameOf('select 2'))).toEqual([undefined, undefined, 'slip_1']);
    expect(prepare('select 1', ['a', null])).toEqual({
      text: 'select 1',
      values: ['a', null],
      name: 'slip_0',
    });
  });

  test('keeps no more than it may, however many there are', () => {
    const prepare = createPreparing();
    const names = new Set<string | undefined>();
    for (let n = 0; n < 2_000; n += 1)
      for (let time = 0; time < 4; time += 1) names.add(prepare(`select ${n}`, []).name);
    expect(names.size).toBe(201);
    for (let n = 0; n < 2_000; n += 1) prepare(`select once ${n}`, []);
    expect(prepare('select 0', []).name).toBe('slip_0');
  });
});

test('unprepared names nothing', () => {
  expect(unprepared('select 1', [1])).toEqual({ text: 'select 1', values: [1] });
});
