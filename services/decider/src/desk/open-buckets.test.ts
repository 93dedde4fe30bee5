import { usd } from '@slipstream/money';
import { describe, expect, test } from 'vitest';
import { aGroup, aModeConfig, NOW } from '../../test/builders.ts';
import { bucketLaneOf } from '../core/bucket-groups.ts';
import type { Group } from '../core/group.ts';
import { createOpenBuckets } from './open-buckets.ts';

const RULES = { ...aModeConfig().rules.buffering, enabled: true };
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

/** The n-th group, waiting since then in the bucket that is named for the group `first`. */
const waiting = (n: number, first: number, ms: number, over: Partial<Group> = {}): Group =>
  aGroup(n, {
    status: 'BUFFERED',
    buffered: { scaledMicros: usd(200_000n), at: after(ms), bucketKey: `g:lt_${first}`, belowMinExec: false },
    ...over,
  });
const opened = (nettingMode: typeof RULES.nettingMode = 'sameSideOnly') =>
  createOpenBuckets((group) => bucketLaneOf(group, nettingMode));
const keysIn = (buckets: ReturnType<typeof opened>) =>
  [...buckets.waiting().values()].map((groups) => groups.map(({ groupKey }) => groupKey));

describe('open buckets', () => {
  test('hold the groups of a bucket in the order of waiting, by lane', () => {
    const buckets = opened();
    for (const group of [waiting(1, 1, 0), waiting(2, 1, 5), waiting(3, 3, 6, { side: 'SELL' })])
      buckets.put(group);
    expect(keysIn(buckets)).toEqual([['g:lt_1', 'g:lt_2'], ['g:lt_3']]);
    expect([...buckets.waiting().keys()]).toEqual([
      bucketLaneOf(aGroup(1), 'sameSideOnly'),
      bucketLaneOf(aGroup(1, { side: 'SELL' }), 'sameSideOnly'),
    ]);
    expect(buckets.count()).toBe(2);
  });

  test('take a group as it stands now, once', () => {
    const buckets = opened();
    buckets.put(waiting(1, 1, 0));
    buckets.put(waiting(1, 1, 0));
    expect(keysIn(buckets)).toEqual([['g:lt_1']]);
  });

  test('forget a group that has left, and a bucket that is empty', () => {
    const buckets = opened();
    buckets.put(waiting(1, 1, 0));
    buckets.put(waiting(2, 1, 5));
    buckets.put(waiting(1, 1, 0, { status: 'OPEN', source: 'BUFFER' }));
    expect(keysIn(buckets)).toEqual([['g:lt_2']]);
    buckets.put(waiting(2, 1, 5, { status: 'DONE' }));
    expect([keysIn(buckets), buckets.count()]).toEqual([[], 0]);
  });

  test('a group that never waited changes nothing', () => {
    const buckets = opened();
    buckets.put(aGroup(1));
    expect(buckets.count()).toBe(0);
  });

  test('keep the modes apart', () => {
    const buckets = opened();
    buckets.put(waiting(1, 1, 0));
    buckets.put(waiting(1, 1, 0, { mode: 'LIVE' }));
    expect(buckets.waiting().size).toBe(2);
    buckets.put(waiting(1, 1, 0, { mode: 'LIVE', status: 'DONE' }));
    expect(buckets.waiting().size).toBe(1);
  });

  test('two that a change of rules puts into one lane stay two', () => {
    const buckets = opened('netBuySell');
    buckets.put(waiting(1, 1, 0));
    buckets.put(waiting(2, 2, 1, { side: 'SELL' }));
    expect(keysIn(buckets)).toEqual([['g:lt_1'], ['g:lt_2']]);
    expect(buckets.wakes(() => RULES)).toHaveLength(2);
  });

  test('are woken when they are quiet, or too old, or at once where they may not wait any more', () => {
    const buckets = opened();
    buckets.put(waiting(1, 1, 0));
    buckets.put(waiting(2, 1, 100));
    const wakeAt = (over: Partial<typeof RULES>) => buckets.wakes(() => ({ ...RULES, ...over }));
    expect(wakeAt({})).toEqual([['PAPER g:lt_1', after(700)]]);
    expect(wakeAt({ maxBufferMs: 650 })).toEqual([['PAPER g:lt_1', after(650)]]);
    expect(wakeAt({ minExecNotionalMicros: usd(400_001n) })).toEqual([['PAPER g:lt_1', after(2_500)]]);
    expect(wakeAt({ enabled: false })).toEqual([['PAPER g:lt_1', after(100)]]);
    expect(wakeAt({ flushMinNotionalMicros: usd(400_000n) })).toEqual([['PAPER g:lt_1', after(100)]]);
  });

  test('without rules are not woken: nothing stands in for them', () => {
    const buckets = opened();
    buckets.put(waiting(1, 1, 0));
    expect(buckets.wakes(() => null)).toEqual([]);
    buckets.clear();
    expect(buckets.count()).toBe(0);
  });
});
