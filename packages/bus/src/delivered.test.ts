import { expect, test } from 'vitest';
import { readDelivered, storedAtMs } from './delivered.ts';

const expected = {
  stream: 'LEADER',
  consumer: 'decider',
  deliveries: 2,
  sequence: 17,
  consumerSequence: 19,
  storedAtNanos: '1700000000123456789',
  pending: 4,
};

test.each([
  ['short', '$JS.ACK.LEADER.decider.2.17.19.1700000000123456789.4'],
  ['long', '$JS.ACK.hub.ACCHASH.LEADER.decider.2.17.19.1700000000123456789.4'],
  ['long with a random end', '$JS.ACK._.ACCHASH.LEADER.decider.2.17.19.1700000000123456789.4.abc'],
])('reads the %s form', (_name, reply) => {
  expect(readDelivered(reply)).toEqual(expected);
});

test.each([
  undefined,
  '',
  '_INBOX_x.1',
  '$JS.ACK.a.b',
  '$JS.ACK.LEADER.decider.x.17.19.17.4',
  '$JS.FC.LEADER.decider.1',
])('%j is no delivery', (reply) => {
  expect(readDelivered(reply)).toBeNull();
});

test('the time of storing in milliseconds', () => {
  expect(storedAtMs('1700000000123456789')).toBe('1700000000123');
});
