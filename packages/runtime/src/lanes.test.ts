import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

/** Works that end when they are told to, and what has begun and ended by now. */
function watched(count: number) {
  const inTurn = createLanes(count);
  const seen: string[] = [];
  const begin = (name: string) => {
    const end = Promise.withResolvers<void>();
    const done = inTurn(async () => {
      seen.push(`${name} begins`);
      await end.promise.finally(() => seen.push(`${name} ends`));
    });
    return { done, end };
  };
  return { seen, begin };
}

test('one lane runs one work after the other, and one that fails does not stop the next', async () => {
  const { seen, begin } = watched(1);
  const [first, second] = [begin('first'), begin('second')];
  first.end.reject(new Error('broken'));
  second.end.resolve();
  await expect(first.done).rejects.toThrow('broken');
  await second.done;
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('two lanes run two works at once, and no third', async () => {
  const { seen, begin } = watched(2);
  const [first, second, third] = [begin('first'), begin('second'), begin('third')];
  second.end.resolve();
  await second.done;
  expect(seen).toEqual(['first begins', 'second begins', 'second ends']);
  first.end.resolve();
  third.end.resolve();
  await Promise.all([first.done, third.done]);
  expect(seen.slice(3)).toEqual(['first ends', 'third begins', 'third ends']);
});
