import { expect, test } from 'vitest';
import { onOrderEvent } from './on-order-event.ts';
import type { OrderFacts } from './store/executions.ts';
import { anEnd, delivered } from './testing/builders.ts';

async function factsOf(
  ...events: Parameters<typeof delivered<ReturnType<typeof anEnd>>>[0][]
): Promise<OrderFacts[]> {
  const moved: OrderFacts[] = [];
  await onOrderEvent({ move: async (facts) => void moved.push(...facts) })(events.map(delivered));
  return moved;
}

test('a batch moves each attempt once, to its latest step', async () => {
  const facts = await factsOf(
    anEnd(2),
    anEnd(0, { version: 1, status: 'PENDING' }),
    anEnd(0, { attemptId: 'ca_2', status: 'CANCELED' }),
  );
  expect(facts.map((f) => [f.attemptId, f.status, f.fillCount])).toEqual([
    ['ca_1', 'FILLED', 2],
    ['ca_2', 'CANCELED', 0],
  ]);
});

test('nobody knows how many fills an order will have before it has ended', async () => {
  expect(await factsOf(anEnd(0, { version: 1, status: 'PENDING' }))).toMatchObject([{ fillCount: null }]);
});

test('only the end of an order without fills stamps the booking', async () => {
  const [filled, empty] = await factsOf(anEnd(2), anEnd(0, { attemptId: 'ca_2', status: 'CANCELED' }));
  expect(filled?.hops['booked']).toBe(undefined);
  expect(empty?.hops['booked']).toBeGreaterThan(0);
});
