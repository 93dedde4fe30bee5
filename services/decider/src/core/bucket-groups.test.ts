import { shares, usd } from '@slipstream/money';
import { type Buffering, GROUP_PARTS_MAX } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { aGroup, aModeConfig, NOW } from '../../test/builders.ts';
import { bucketLaneOf, bucketOf, createBuffer } from './bucket-groups.ts';
import type { Group } from './group.ts';

/** The domain rules' defaults: small is under 25 cents, 50 go at once, under 10 are not worth executing. */
const RULES: Buffering = { ...aModeConfig().rules.buffering, enabled: true };
const NETTING: Buffering = { ...RULES, nettingMode: 'netBuySell' };
const after = (ms: number): Date => new Date(NOW.getTime() + ms);
const cents = (n: number) => usd(BigInt(n) * 10_000n);

type Buffer = ReturnType<typeof createBuffer>;
const empty = (): Buffer => createBuffer(new Map());
/** Takes the n-th group, whose copy would be so many cents. */
const take = (
  buffer: Buffer,
  n: number,
  worth: number,
  { rules = RULES, ms = 0, ...over }: Partial<Group> & { rules?: Buffering; ms?: number } = {},
) => buffer.take(aGroup(n, over), cents(worth), rules, after(ms));
const keysOf = (groups: readonly Group[]): string[] => groups.map(({ groupKey }) => groupKey);

describe('a group that is due', () => {
  test('goes alone, as it is, where rules are off or it is at the threshold', () => {
    const group = aGroup(1);
    const alone = { decide: [group], after: [] };
    expect(empty().take(group, cents(1), { ...RULES, enabled: false }, NOW)).toEqual(alone);
    expect(empty().take(group, usd(250_000n), RULES, NOW)).toEqual(alone);
  });

  test('waits a micro under it, in a bucket that is named for the first', () => {
    const buffer = empty();
    const first = buffer.take(aGroup(1), usd(249_999n), RULES, NOW);
    const bucketKey = 'g:lt_1';
    const buffered = { scaledMicros: 249_999n, at: NOW, bucketKey, belowMinExec: false };
    expect(first).toEqual({ decide: [], after: [expect.objectContaining({ status: 'BUFFERED', buffered })] });
    expect(take(buffer, 2, 5, { ms: 7 }).after).toMatchObject([
      {
        groupKey: 'g:lt_2',
        status: 'BUFFERED',
        buffered: { bucketKey, at: after(7), scaledMicros: 50_000n },
      },
    ]);
  });

  test.each([
    ['leader', { leaderId: 'L2' }],
    ['token', { tokenId: '222' }],
    ['mode', { mode: 'LIVE' as const }],
  ])('of another %s waits in another bucket', (_, over) => {
    const buffer = empty();
    take(buffer, 1, 20);
    const [other] = take(buffer, 2, 20, over).after;
    expect(other?.buffered?.bucketKey).toBe('g:lt_2');
  });
});

describe('a bucket that is worth it', () => {
  test('goes at once as its first group, with the trades of all; the others have gone into it', () => {
    const buffer = empty();
    take(buffer, 1, 20, { leaderHeldMicros: shares(7n) });
    take(buffer, 2, 20, { leaderHeldMicros: shares(8n), ms: 10 });
    const { decide, after: gone } = take(buffer, 3, 10, { leaderHeldMicros: shares(9n), ms: 20 });
    expect(decide).toEqual([
      {
        ...aGroup(1, { trace: decide[0]?.trace ?? aGroup(1).trace }),
        source: 'BUFFER',
        wakeAt: after(20),
        sizeMicros: 300_000_000n,
        notionalMicros: 150_000_000n,
        tradeIds: ['lt_1', 'lt_2', 'lt_3'],
        leaderHeldMicros: 7n,
        buffered: { scaledMicros: 500_000n, at: NOW, bucketKey: 'g:lt_1', belowMinExec: false },
      },
    ]);
    expect(gone).toMatchObject([
      {
        groupKey: 'g:lt_2',
        status: 'DONE',
        tradeIds: ['lt_2'],
        buffered: { bucketKey: 'g:lt_1', at: after(10) },
      },
      {
        groupKey: 'g:lt_3',
        status: 'DONE',
        tradeIds: ['lt_3'],
        buffered: { bucketKey: 'g:lt_1', at: after(20) },
      },
    ]);
    expect(buffer.takeDue(after(10_000), () => RULES)).toEqual({ decide: [], after: [] });
  });

  test('goes on waiting a micro before', () => {
    const buffer = empty();
    for (const n of [1, 2]) take(buffer, n, 20);
    expect(buffer.take(aGroup(3), usd(99_999n), RULES, NOW).decide).toEqual([]);
    expect(buffer.take(aGroup(4), usd(1n), RULES, NOW).decide).toHaveLength(1);
  });

  test('goes with a large one that comes', () => {
    const buffer = empty();
    take(buffer, 1, 2);
    const { decide, after: gone } = take(buffer, 2, 25);
    expect(decide).toMatchObject([{ groupKey: 'g:lt_1', source: 'BUFFER', tradeIds: ['lt_1', 'lt_2'] }]);
    expect(gone).toMatchObject([{ groupKey: 'g:lt_2', status: 'DONE' }]);
    expect(take(buffer, 3, 2).after[0]?.buffered?.bucketKey).toBe('g:lt_3');
  });

  test('goes with the next one when the rules are switched off', () => {
    const buffer = empty();
    take(buffer, 1, 2);
    const { decide } = take(buffer, 2, 2, { rules: { ...RULES, enabled: false } });
    expect(decide).toMatchObject([{ tradeIds: ['lt_1', 'lt_2'], buffered: { belowMinExec: true } }]);
  });
});

describe('a trade of the other side', () => {
  test('sends the bucket off first, and waits itself', () => {
    const buffer = empty();
    take(buffer, 1, 15);
    const { decide, after: waits } = take(buffer, 2, 20, { side: 'SELL' });
    expect(decide).toMatchObject([{ groupKey: 'g:lt_1', side: 'BUY', tradeIds: ['lt_1'] }]);
    expect(waits).toMatchObject([{ groupKey: 'g:lt_2', status: 'BUFFERED', side: 'SELL' }]);
    expect(buffer.takeDue(after(600), () => RULES).decide).toMatchObject([
      { groupKey: 'g:lt_2', side: 'SELL' },
    ]);
  });

  test('goes after the bucket where it is large', () => {
    const buffer = empty();
    take(buffer, 1, 15);
    expect(take(buffer, 2, 25, { side: 'SELL' }).decide).toMatchObject([
      { groupKey: 'g:lt_1', source: 'BUFFER' },
      { groupKey: 'g:lt_2', source: 'TRADES', buffered: null },
    ]);
  });

  test('sends off what is not worth executing, too: that is then a skip on record', () => {
    const worthIt = (scaledMicros: bigint): boolean | undefined => {
      const buffer = empty();
      buffer.take(aGroup(1), usd(scaledMicros), RULES, NOW);
      return take(buffer, 2, 20, { side: 'SELL' }).decide[0]?.buffered?.belowMinExec;
    };
    expect([worthIt(99_999n), worthIt(100_000n)]).toEqual([true, false]);
  });
});

describe('a bucket that would name too many trades', () => {
  const many = (n: number, count: number) => ({
    tradeIds: Array.from({ length: count }, (_, i) => `lt_${n}_${i}`),
  });

  test('goes before the next, which begins another', () => {
    const buffer = empty();
    take(buffer, 1, 12, many(1, GROUP_PARTS_MAX - 200));
    const { decide, after: waits } = take(buffer, 2, 2, many(2, 201));
    expect(decide).toMatchObject([{ groupKey: 'g:lt_1', ...many(1, GROUP_PARTS_MAX - 200) }]);
    expect(waits).toMatchObject([{ status: 'BUFFERED', buffered: { bucketKey: 'g:lt_2' } }]);
  });

  test('stays where the next just fits', () => {
    const buffer = empty();
    take(buffer, 1, 12, many(1, GROUP_PARTS_MAX - 200));
    expect(take(buffer, 2, 2, many(2, 200)).decide).toEqual([]);
    const { decide } = buffer.takeDue(after(600), () => RULES);
    expect(decide[0]?.tradeIds).toEqual([
      ...many(1, GROUP_PARTS_MAX - 200).tradeIds,
      ...many(2, 200).tradeIds,
    ]);
  });
});

describe('a bucket of both sides', () => {
  test('goes net, at the average price and rate of the larger side, naming every trade once', () => {
    const buffer = empty();
    // 100 shares bought for 50 dollars, 40 sold for 30: 60 % of 50 dollars and of 20 cents are left.
    take(buffer, 1, 20, { rules: NETTING, leaderHeldMicros: shares(5n) });
    const sold = { sizeMicros: shares(40_000_000n), notionalMicros: usd(30_000_000n) };
    take(buffer, 2, 10, { rules: NETTING, side: 'SELL', leaderHeldMicros: shares(6n), ...sold });
    const { decide, after: gone } = buffer.takeDue(after(600), () => NETTING);
    expect(decide).toMatchObject([
      {
        groupKey: 'g:lt_1',
        side: 'BUY',
        sizeMicros: 60_000_000n,
        notionalMicros: 30_000_000n,
        tradeIds: ['lt_1', 'lt_2'],
        leaderHeldMicros: 5n,
        buffered: { scaledMicros: 120_000n, belowMinExec: false },
      },
    ]);
    expect(gone).toMatchObject([{ groupKey: 'g:lt_2', status: 'DONE' }]);
  });

  test('that is a sale net keeps the name of the first and what he held before he sold', () => {
    const buffer = empty();
    const bought = { sizeMicros: shares(25_000_000n), notionalMicros: usd(12_500_000n) };
    take(buffer, 1, 5, { rules: NETTING, ...bought });
    take(buffer, 2, 20, { rules: NETTING, side: 'SELL', leaderHeldMicros: shares(6n) });
    take(buffer, 3, 0, {
      rules: NETTING,
      side: 'SELL',
      leaderHeldMicros: shares(1n),
      sizeMicros: shares(1n),
    });
    expect(buffer.takeDue(after(600), () => NETTING).decide).toMatchObject([
      { groupKey: 'g:lt_1', side: 'SELL', sizeMicros: 75_000_001n, leaderHeldMicros: 6n },
    ]);
  });

  test('that comes to nothing waits to the end, and is not worth executing', () => {
    const buffer = empty();
    take(buffer, 1, 20, { rules: NETTING });
    take(buffer, 2, 20, { rules: NETTING, side: 'SELL' });
    expect(buffer.takeDue(after(2_499), () => NETTING).decide).toEqual([]);
    expect(buffer.takeDue(after(2_500), () => NETTING).decide).toMatchObject([
      { sizeMicros: 0n, tradeIds: ['lt_1', 'lt_2'], leaderHeldMicros: 0n, buffered: { belowMinExec: true } },
    ]);
  });
});

describe('what is due', () => {
  test.each([
    ['is quiet', 10, 600, false],
    ['is too old, though not worth executing', 9, 2_500, true],
  ])('is a bucket that %s', (_, worth, ms, belowMinExec) => {
    const buffer = empty();
    take(buffer, 1, worth);
    expect(buffer.takeDue(after(ms - 1), () => RULES)).toEqual({ decide: [], after: [] });
    expect(buffer.takeDue(after(ms), () => RULES).decide).toMatchObject([
      { groupKey: 'g:lt_1', status: 'OPEN', wakeAt: after(ms), buffered: { belowMinExec } },
    ]);
    expect(buffer.takeDue(after(ms), () => RULES).decide).toEqual([]);
  });

  test('comes in the order in which the lanes were begun', () => {
    const buffer = empty();
    take(buffer, 2, 20, { leaderId: 'L2' });
    take(buffer, 1, 20);
    expect(keysOf(buffer.takeDue(after(2_500), () => RULES).decide)).toEqual(['g:lt_2', 'g:lt_1']);
  });

  test('is nothing where the rules cannot be read', () => {
    const buffer = empty();
    take(buffer, 1, 20);
    expect(buffer.takeDue(after(10_000), () => null).decide).toEqual([]);
    expect(buffer.takeDue(after(10_000), () => RULES).decide).toHaveLength(1);
  });

  test('is what waited before, read again', () => {
    const waiting = [1, 2].flatMap((n) => take(empty(), n, 9).after);
    const lane = bucketLaneOf(aGroup(1), 'sameSideOnly');
    const buffer = createBuffer(new Map([[lane, waiting]]));
    expect(bucketOf(waiting)).toMatchObject({ bucketKey: 'g:lt_1', groupKeys: ['g:lt_1', 'g:lt_2'] });
    expect(keysOf(take(buffer, 3, 3).after)).toEqual(['g:lt_3']);
    expect(buffer.takeDue(after(600), () => RULES).decide).toMatchObject([
      { tradeIds: ['lt_1', 'lt_2', 'lt_3'], buffered: { scaledMicros: 210_000n } },
    ]);
  });

  test('no group is no bucket', () => {
    expect(bucketOf([])).toBeNull();
    expect(bucketOf([aGroup(1)])).toBeNull();
  });
});
