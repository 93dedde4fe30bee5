import { describe, expect, test } from 'vitest';
import { createGatherer } from './gather.ts';

type Piece = {
  readonly items: readonly number[];
  readonly done: () => void;
  readonly fail: (error: Error) => void;
};

/** A gatherer whose pieces a test ends one by one. */
function gathering(itemsMax: number) {
  const pieces: Piece[] = [];
  const gather = createGatherer<number>((items) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    pieces.push({ items, done: resolve, fail: reject });
    return promise;
  }, itemsMax);
  const settled: string[] = [];
  const take = (name: string, ...items: readonly number[]): Promise<void> =>
    gather(items).then(
      () => void settled.push(name),
      (error: unknown) => void settled.push(`${name}: ${error instanceof Error ? error.message : 'failed'}`),
    );
  return { pieces, settled, take };
}

describe('gather', () => {
  test('gives what comes alone at once, and joins what comes meanwhile', async () => {
    const { pieces, settled, take } = gathering(10);
    const first = take('a', 1, 2);
    expect(pieces.map(({ items }) => items)).toEqual([[1, 2]]);
    const others = [take('b', 3), take('c', 4, 5)];
    expect(pieces).toHaveLength(1);
    pieces[0]?.done();
    await first;
    expect(settled).toEqual(['a']);
    expect(pieces.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    pieces[1]?.done();
    await Promise.all(others);
    expect(settled).toEqual(['a', 'b', 'c']);
  });

  test('makes no piece larger than its bound, splits no caller, and keeps the order', async () => {
    const { pieces, take } = gathering(3);
    const all = [take('a', 1), take('b', 2, 3), take('c', 4, 5), take('d', 6, 7, 8, 9), take('e', 10)];
    for (let done = 0; done < 5; done += 1) {
      pieces[done]?.done();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect(pieces.map(({ items }) => items)).toEqual([[1], [2, 3], [4, 5], [6, 7, 8, 9], [10]]);
  });

  test('a failure reaches every caller of its piece and nobody else; the next piece goes on', async () => {
    const { pieces, settled, take } = gathering(2);
    const all = [take('a', 1), take('b', 2), take('c', 3), take('d', 4)];
    pieces[0]?.done();
    await all[0];
    pieces[1]?.fail(new Error('away'));
    await Promise.all(all.slice(1, 3));
    expect(settled).toEqual(['a', 'b: away', 'c: away']);
    pieces[2]?.done();
    await all[3];
    expect(settled.at(-1)).toBe('d');
  });

  test('begins anew after it was idle, and after a failure', async () => {
    const { pieces, settled, take } = gathering(2);
    const first = take('a', 1);
    pieces[0]?.fail(new Error('away'));
    await first;
    const second = take('b', 2);
    expect(pieces).toHaveLength(2);
    pieces[1]?.done();
    await second;
    expect(settled).toEqual(['a: away', 'b']);
  });

  test('work that throws at once is a failure like any other', async () => {
    let calls = 0;
    const gather = createGatherer<number>(() => {
      calls += 1;
      if (calls === 1) throw new Error('broken');
      return Promise.resolve();
    }, 5);
    await expect(gather([1])).rejects.toThrow('broken');
    await gather([2]);
    expect(calls).toBe(2);
  });
});
