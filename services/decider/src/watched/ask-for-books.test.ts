import type { Bus } from '@slipstream/bus';
import { fakeClock, idleActivity, silentLogger } from '@slipstream/runtime';
import { expect, test } from 'vitest';
import { NOW } from '../../test/builders.ts';
import { createBookAsker } from './ask-for-books.ts';

async function asker(failing = false) {
  const clock = fakeClock(NOW);
  const asked: unknown[] = [];
  const put = async (key: string, value: { refreshAt: string }) => {
    if (failing) throw new Error('no bus');
    asked.push([key, value.refreshAt]);
    return 1;
  };
  const bus = { bucket: async () => ({ put }) } as unknown as Bus;
  return {
    clock,
    asked,
    books: await createBookAsker(bus, { clock, activity: idleActivity, log: silentLogger() }),
  };
}

test('asks once for a token while the answer is on its way, and again after that', async () => {
  const { clock, asked, books } = await asker();
  books.ask('1');
  books.ask('1');
  books.ask('2');
  await clock.advance(200);
  books.ask('1');
  expect(asked).toEqual([
    ['1', '2026-11-20T12:00:00.000Z'],
    ['2', '2026-11-20T12:00:00.000Z'],
    ['1', '2026-11-20T12:00:00.200Z'],
  ]);
});

test('a question that fails does no harm', async () => {
  const { books } = await asker(true);
  expect(() => books.ask('1')).not.toThrow();
});
