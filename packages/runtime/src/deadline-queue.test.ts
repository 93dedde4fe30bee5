import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDeadlines, DeadlineQueue } from './deadline-queue.ts';

const run = async (): Promise<void> => undefined;
const armed = fc.record({
  dueMs: fc.integer({ min: 0, max: 9 }),
  key: fc.constantFrom('a', 'b', 'B', 'é', '10', '9'),
});
const action = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), deadline: armed }),
  fc.record({ kind: fc.constant('remove' as const), key: armed.map(({ key }) => key) }),
);

describe('DeadlineQueue', () => {
  test('holds the last deadline of each key in order, whatever is set and removed', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const queue = new DeadlineQueue();
        const model = new Map<string, number>();
        for (const it of actions) {
          if (it.kind === 'set') {
            queue.set({ ...it.deadline, run });
            model.set(it.deadline.key, it.deadline.dueMs);
            continue;
          }
          const known = queue.get(it.key);
          expect(known !== undefined && queue.remove(known)).toBe(model.delete(it.key));
        }
        const expected = [...model].map(([key, dueMs]) => ({ key, dueMs })).sort(compareDeadlines);
        expect(queue.size).toBe(expected.length);
        expect(queue.keys()).toEqual(expected.map(({ key }) => key));
      }),
    );
  });

  test('takes out what is due, earliest first, and nothing else', () => {
    const queue = new DeadlineQueue();
    for (const [dueMs, key] of [
      [5, 'b'],
      [5, 'a'],
      [9, 'c'],
      [1, 'd'],
    ] as const)
      queue.set({ dueMs, key, run });
    const taken = [queue.takeDue(5), queue.takeDue(5), queue.takeDue(5), queue.takeDue(5)];
    expect(taken.map((deadline) => deadline?.key)).toEqual(['d', 'a', 'b', undefined]);
  });

  test('a replaced deadline cannot be removed any more', () => {
    const queue = new DeadlineQueue();
    const old = { dueMs: 1, key: 'k', run };
    queue.set(old);
    queue.set({ dueMs: 2, key: 'k', run });
    expect([queue.remove(old), queue.size]).toEqual([false, 1]);
  });
});
