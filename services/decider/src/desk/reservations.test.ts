import { shares, usd } from '@slipstream/money';
import { expect, test } from 'vitest';
import { LIVE, PAPER } from '../../test/builders.ts';
import { createReservations, type Reservation } from './reservations.ts';

const buy = (attemptId: string, cash: bigint): Reservation => ({
  ...PAPER,
  attemptId,
  leaderId: 'L1',
  tokenId: '1',
  conditionId: 'c1',
  cashMicros: usd(cash),
  sharesMicros: shares(0n),
});
const sale = (attemptId: string, size: bigint): Reservation => ({
  ...buy(attemptId, 0n),
  sharesMicros: shares(size),
});

test('sums what is held back, once an attempt, until it is final', () => {
  const reservations = createReservations();
  reservations.add(buy('a', 5n));
  reservations.add(buy('b', 7n));
  reservations.add(buy('b', 7n));
  reservations.add(sale('c', 3n));
  expect(reservations.cashOf(PAPER)).toBe(12n);
  expect(reservations.sharesOf(PAPER, 'L1', '1')).toBe(3n);
  expect(reservations.marketOf(PAPER, 'c1')).toBe(12n);
  expect(reservations.leaderOf(PAPER, 'L1')).toBe(12n);
  expect(reservations.attemptIds(PAPER)).toEqual(['a', 'b', 'c']);
  reservations.release(['a', 'c', 'a', 'unknown']);
  expect([reservations.cashOf(PAPER), reservations.sharesOf(PAPER, 'L1', '1')]).toEqual([7n, 0n]);
  expect([reservations.marketOf(PAPER, 'c1'), reservations.leaderOf(PAPER, 'L1')]).toEqual([7n, 7n]);
});

test('the modes hold back nothing of each other', () => {
  const reservations = createReservations();
  reservations.add({ ...buy('a', 5n), mode: 'LIVE' });
  expect(reservations.cashOf(PAPER)).toBe(0n);
  expect([reservations.marketOf(PAPER, 'c1'), reservations.leaderOf(PAPER, 'L1')]).toEqual([0n, 0n]);
  expect(reservations.attemptIds(PAPER)).toEqual([]);
  expect(reservations.cashOf(LIVE)).toBe(5n);
  reservations.clear();
  expect(reservations.cashOf(LIVE)).toBe(0n);
});
