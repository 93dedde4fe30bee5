import { expect, test } from 'vitest';
import { createWatermark } from './watermark.ts';

const fresh = { ackFloor: 0, delivered: 0, unacknowledged: 0 };

test('grows over what is settled and stops before what is not', () => {
  const mark = createWatermark(fresh);
  for (const sequence of [1, 2, 5]) mark.received(sequence);
  expect(mark.through()).toBe(0);
  mark.settled(1);
  mark.settled(5);
  expect(mark.through()).toBe(1);
  mark.settled(2);
  expect(mark.through()).toBe(5);
});

test('begins where the durable stands', () => {
  expect(createWatermark({ ackFloor: 7, delivered: 7, unacknowledged: 0 }).through()).toBe(7);
});

test('stays at the floor until what others left unacknowledged is settled here', () => {
  const mark = createWatermark({ ackFloor: 7, delivered: 9, unacknowledged: 2 });
  mark.received(10);
  mark.settled(10);
  expect(mark.through()).toBe(7);
  for (const sequence of [8, 9]) {
    mark.received(sequence);
    mark.settled(sequence);
  }
  expect(mark.through()).toBe(10);
});
