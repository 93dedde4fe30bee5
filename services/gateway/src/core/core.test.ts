import { price, shares, usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { averageCost, averagePrice, slippage } from './copy-quality.ts';
import { FailureLimit } from './failure-limit.ts';
import { leaderIdOf, shortLabelOf, wholeLeaderIdOf } from './leader-id.ts';
import { SESSION_LIFE_MS, Sessions } from './sessions.ts';

const WALLET = '0x1f0a343513aa6060488fabe96960e6d1e177f7aa';
const NOW = new Date('2026-11-22T10:00:00.000Z');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

describe('the quality of a copy', () => {
  test('has no price and no slippage without a fill', () => {
    expect(averagePrice(usd(0n), shares(0n))).toBeNull();
    expect(slippage('BUY', null, price(500_000n))).toBeNull();
  });
  test('is worse by what we paid more, or were paid less', () => {
    const ours = averagePrice(usd(5_320_000n), shares(10_000_000n));
    expect(ours).toBe(532_000n);
    expect(slippage('BUY', ours, price(530_000n))).toBe(2_000n);
    expect(slippage('SELL', ours, price(530_000n))).toBe(-2_000n);
  });
  test('an average cost of nothing is nothing', () => {
    expect(averageCost(usd(0n), shares(0n))).toBe(0n);
    expect(averageCost(usd(1n), shares(3n))).toBe(333_333n);
  });
});

describe('a leader’s id', () => {
  test('is named for his wallet', () => {
    expect(leaderIdOf(WALLET)).toBe('ld_1f0a343513aa');
    expect(wholeLeaderIdOf(WALLET)).toBe('ld_1f0a343513aa6060488fabe96960e6d1e177f7aa');
    expect(shortLabelOf(WALLET)).toBe('0x1f0a…f7aa');
  });
});

describe('wrong secrets', () => {
  test('are endured sixty times, and then one more each second', () => {
    const limit = new FailureLimit();
    for (let i = 0; i < 60; i++) {
      expect(limit.waitSeconds('a', NOW)).toBe(0);
      limit.failed('a', NOW);
    }
    expect(limit.waitSeconds('a', NOW)).toBe(1);
    expect(limit.waitSeconds('b', NOW)).toBe(0);
    expect(limit.waitSeconds('a', later(1_000))).toBe(0);
  });
  test('of very many addresses are forgotten, the oldest first', () => {
    const limit = new FailureLimit();
    for (let i = 0; i < 60; i++) limit.failed('first', NOW);
    for (let i = 0; i < 10_000; i++) limit.failed(`address ${i}`, NOW);
    expect(limit.waitSeconds('first', NOW)).toBe(0);
  });
});

describe('sessions', () => {
  test('end by themselves, and by signing out', () => {
    const sessions = new Sessions();
    sessions.add('one', NOW);
    sessions.add('two', NOW);
    sessions.remove('two');
    expect(sessions.has('one', later(SESSION_LIFE_MS - 1))).toBe(true);
    expect(sessions.has('one', later(SESSION_LIFE_MS))).toBe(false);
    expect(sessions.has('two', NOW)).toBe(false);
  });
  test('are a bounded number: one more signs the first out', () => {
    const sessions = new Sessions();
    for (let i = 0; i <= 100; i++) sessions.add(`session ${i}`, NOW);
    expect(sessions.has('session 0', NOW)).toBe(false);
    expect(sessions.has('session 1', NOW)).toBe(true);
  });
});
