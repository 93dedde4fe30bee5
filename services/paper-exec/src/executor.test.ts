import { idleActivity, silentLogger } from '@slipstream/runtime';
import { describe, expect, test } from 'vitest';
import type { DueOrder } from './core/execute-batch.ts';
import type { Executed, Memory } from './execute-orders.ts';
import { createExecutor } from './executor.ts';
import { anOrder } from './testing/builders.ts';

const EMPTY: Memory = { unbooked: [], taken: new Map() };
const due = (intentId: string): DueOrder => ({
  kind: 'refuse',
  order: anOrder({ intentId }),
  reason: 'NO_FRESH_BOOK',
});

function setUp(execute: (batch: readonly string[]) => Promise<void>) {
  const batches: string[][] = [];
  const putOff: string[] = [];
  let recalls = 0;
  const executor = createExecutor({
    activity: idleActivity,
    log: silentLogger(),
    signal: new AbortController().signal,
    recall: async () => {
      recalls += 1;
      return EMPTY;
    },
    execute: async (orders, memory): Promise<Executed> => {
      const ids = orders.map(({ order }) => order.intentId);
      batches.push(ids);
      await execute(ids);
      return { outcomes: [], memory };
    },
    observe: () => undefined,
    putOff: ({ order }) => putOff.push(order.intentId),
  });
  return { executor, batches, putOff, recalls: () => recalls };
}

describe('executions', () => {
  test('happen one after the other, together with what became due meanwhile', async () => {
    const { executor, batches, recalls } = setUp(async () => undefined);
    await Promise.all(['a', 'b', 'c'].map((id) => executor.execute([due(id)])));
    expect(batches.flat()).toEqual(['a', 'b', 'c']);
    expect(batches.length).toBeLessThan(3);
    expect(recalls()).toBe(1);
  });

  test('that fail are tried again, with a memory read anew', async () => {
    let failures = 1;
    const { executor, batches, recalls } = setUp(async () => {
      if (failures-- > 0) throw new Error('connection lost');
    });
    await executor.execute([due('a')]);
    expect(batches).toEqual([['a'], ['a']]);
    expect(recalls()).toBe(2);
    expect(executor.failure()).toBe(null);
  });

  test('an order that fails by itself is put off and does not hold up the others', async () => {
    const { executor, putOff, batches } = setUp(async (ids) => {
      if (ids.includes('bad')) throw new Error('check violated');
    });
    await executor.execute([due('good'), due('bad')]);
    expect(putOff).toEqual(['bad']);
    expect(batches).toContainEqual(['good']);
  }, 20_000);
});
