import { shares, usd } from '@slipstream/money';
import type { Buffering, Side } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import {
  BUCKET_GROUPS_MAX,
  type Bucket,
  type BufferPart,
  bufferLaneOf,
  due,
  flushFull,
  joined,
  netOf,
  offer,
  wakeAt,
} from './buffer.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
const at = (ms: number): Date => new Date(START_MS + ms);

/** The defaults of the domain rules §2, switched on. */
const RULES: Buffering = {
  enabled: true,
  notionalThresholdMicros: usd(250_000n),
  flushMinNotionalMicros: usd(500_000n),
  minExecNotionalMicros: usd(100_000n),
  maxBufferMs: 2_500,
  quietFlushMs: 600,
  nettingMode: 'sameSideOnly',
};
const NETTING: Buffering = { ...RULES, nettingMode: 'netBuySell' };

/** The n-th group: a BUY of 10 shares for 5 dollars whose copy is `scaled`, unless said otherwise. */
const aPart = (n: number, scaled: bigint, over: Partial<BufferPart> = {}): BufferPart => ({
  groupKey: `g${n}`,
  side: 'BUY',
  sizeMicros: shares(10_000_000n),
  notionalMicros: usd(5_000_000n),
  scaledMicros: usd(scaled),
  at: at(0),
  ...over,
});
const SELL = { side: 'SELL' } as const;
const bucketOf = (...parts: readonly BufferPart[]): Bucket | null =>
  parts.reduce<Bucket | null>((bucket, part) => joined(bucket, part), null);
function aBucket(...parts: readonly [BufferPart, ...BufferPart[]]): Bucket {
  const [first, ...others] = parts;
  return others.reduce((bucket, part) => joined(bucket, part), joined(null, first));
}
const NOBODY = { own: null, opposite: null };

describe('what goes when a part comes', () => {
  test('a small part waits, and its bucket is named for it', () => {
    const { kind, flushes, own } = offer(aPart(1, 249_999n), NOBODY, RULES);
    expect({ kind, flushes }).toEqual({ kind: 'buffered', flushes: [] });
    expect(own).toMatchObject({ bucketKey: 'g1', groupKeys: ['g1'], firstAt: at(0), lastAt: at(0) });
  });

  test.each([
    { third: 99_999n, kind: 'buffered' },
    { third: 100_000n, kind: 'flushed' },
  ])('200 000 twice and $third: $kind at 500 000', ({ third, kind }) => {
    const own = aBucket(aPart(1, 200_000n), aPart(2, 200_000n));
    const offered = offer(aPart(3, third, { at: at(90) }), { own, opposite: null }, RULES);
    expect(offered.kind).toBe(kind);
    if (kind === 'buffered')
      return expect(offered.own).toMatchObject({ firstAt: at(0), lastAt: at(90), groupKeys: { length: 3 } });
    expect(offered).toMatchObject({ own: null, opposite: null, flushes: { length: 1 } });
    return expect(offered.flushes[0]).toMatchObject({
      cause: 'THRESHOLD',
      bucket: { bucketKey: 'g1', groupKeys: ['g1', 'g2', 'g3'] },
      net: { side: 'BUY', sizeMicros: 30_000_000n, notionalMicros: 15_000_000n, scaledMicros: 500_000n },
      belowMinExec: false,
    });
  });

  test('the other side goes first, and the new part begins a bucket of its own', () => {
    const opposite = aBucket(aPart(1, 99_999n, { at: at(0) }));
    const { kind, flushes, ...left } = offer(
      aPart(2, 200_000n, { ...SELL, at: at(50) }),
      { own: null, opposite },
      RULES,
    );
    expect(kind).toBe('buffered');
    expect(flushes).toMatchObject([
      { cause: 'OPPOSITE_SIDE', bucket: { groupKeys: ['g1'] }, net: { side: 'BUY' }, belowMinExec: true },
    ]);
    expect(left).toMatchObject({ own: { bucketKey: 'g2', firstAt: at(50) }, opposite: null });
  });

  test('a large part goes directly where nothing waits', () => {
    expect(offer(aPart(1, 250_000n), NOBODY, RULES)).toEqual({ kind: 'direct', flushes: [], ...NOBODY });
  });

  test('a large part takes its bucket along', () => {
    const own = aBucket(aPart(1, 40_000n));
    const offered = offer(aPart(2, 250_000n), { own, opposite: null }, RULES);
    expect(offered).toMatchObject({ kind: 'flushed', ...NOBODY, flushes: { length: 1 } });
    expect(offered.flushes[0]).toMatchObject({
      cause: 'LARGE_TRADE',
      bucket: { bucketKey: 'g1', groupKeys: ['g1', 'g2'] },
      net: { side: 'BUY', sizeMicros: 20_000_000n, notionalMicros: 10_000_000n, scaledMicros: 290_000n },
      belowMinExec: false,
    });
  });

  test('a large part of the other side lets that side go first', () => {
    const opposite = aBucket(aPart(1, 150_000n));
    const direct = offer(aPart(2, 250_000n, SELL), { own: null, opposite }, RULES);
    expect(direct).toMatchObject({ kind: 'direct', ...NOBODY, flushes: [{ cause: 'OPPOSITE_SIDE' }] });
    const own = aBucket(aPart(3, 1n, SELL));
    const both = offer(aPart(4, 250_000n, SELL), { own, opposite }, RULES);
    expect(both.flushes.map(({ cause, net }) => [cause, net.side])).toEqual([
      ['OPPOSITE_SIDE', 'BUY'],
      ['LARGE_TRADE', 'SELL'],
    ]);
  });

  test('a large part that its bucket cancels is not worth executing', () => {
    const own = aBucket(aPart(1, 200_000n));
    const { flushes } = offer(aPart(2, 250_000n, SELL), { own, opposite: null }, NETTING);
    expect(flushes).toMatchObject([{ cause: 'LARGE_TRADE', net: { sizeMicros: 0n }, belowMinExec: true }]);
  });

  test('the part that fills a bucket sends it off', () => {
    const parts = Array.from({ length: BUCKET_GROUPS_MAX - 1 }, (_, i) => aPart(i, 10n));
    const own = bucketOf(...parts.slice(1));
    const last = offer(aPart(998, 10n), { own, opposite: null }, RULES);
    expect(last).toMatchObject({ kind: 'buffered', own: { groupKeys: { length: 199 } } });
    const full = offer(aPart(999, 10n), { own: last.own, opposite: null }, RULES);
    expect(full).toMatchObject({ kind: 'flushed', own: null, flushes: [{ cause: 'FULL' }] });
    // 200 × 10 micros are far under what is worth executing.
    expect(full.flushes).toMatchObject([{ net: { scaledMicros: 2_000n }, belowMinExec: true }]);
  });
});

describe('what goes with time', () => {
  test('a bucket worth executing goes when it has been quiet', () => {
    const bucket = aBucket(aPart(1, 60_000n), aPart(2, 40_000n, { at: at(500) }));
    expect(wakeAt(bucket, RULES)).toEqual(at(1_100));
    expect(due(bucket, at(1_099), RULES)).toBeNull();
    expect(due(bucket, at(1_100), RULES)).toMatchObject({ cause: 'QUIET', belowMinExec: false });
  });

  test('one that is not worth it waits for its greatest age, and is a skip then', () => {
    const bucket = aBucket(aPart(1, 60_000n), aPart(2, 39_999n, { at: at(500) }));
    expect(wakeAt(bucket, RULES)).toEqual(at(2_500));
    expect(due(bucket, at(2_499), RULES)).toBeNull();
    expect(due(bucket, at(2_500), RULES)).toMatchObject({ cause: 'MAX_AGE', belowMinExec: true });
  });

  test('age comes before quiet', () => {
    const bucket = aBucket(aPart(1, 60_000n), aPart(2, 40_000n, { at: at(1_900) }));
    expect(due(bucket, at(2_499), RULES)).toBeNull();
    expect(due(bucket, at(2_500), RULES)).toMatchObject({ cause: 'MAX_AGE', belowMinExec: false });
  });

  test('no quiet lasts past the greatest age', () => {
    const bucket = aBucket(aPart(1, 60_000n), aPart(2, 40_000n, { at: at(2_400) }));
    expect(wakeAt(bucket, RULES)).toEqual(at(2_500));
  });

  test('lower thresholds that came while it waited apply at once', () => {
    const bucket = aBucket(aPart(1, 200_000n));
    const lower = { ...RULES, flushMinNotionalMicros: usd(200_000n) };
    expect(wakeAt(bucket, lower)).toEqual(at(0));
    expect(due(bucket, at(0), lower)).toMatchObject({ cause: 'THRESHOLD' });
  });
});

describe('rules that are switched off', () => {
  const OFF = { ...RULES, enabled: false };

  test('let every part go directly', () => {
    expect(offer(aPart(1, 1n), NOBODY, OFF)).toEqual({ kind: 'direct', flushes: [], ...NOBODY });
  });

  test('send off what waited: with the next part, or when asked', () => {
    const own = aBucket(aPart(1, 150_000n));
    expect(offer(aPart(2, 1n), { own, opposite: null }, OFF)).toMatchObject({
      kind: 'flushed',
      flushes: [{ cause: 'LARGE_TRADE', net: { scaledMicros: 150_001n } }],
      own: null,
    });
    expect(wakeAt(own, OFF)).toEqual(at(0));
    expect(due(own, at(0), OFF)).toMatchObject({ bucket: { groupKeys: ['g1'] }, belowMinExec: false });
  });
});

describe('net', () => {
  const ten = { sizeMicros: shares(10_000_000n), notionalMicros: usd(5_000_003n) };
  const three = { sizeMicros: shares(3_000_000n), notionalMicros: usd(2_000_000n) };

  test.each<{ more: Side; less: Side }>([
    { more: 'BUY', less: 'SELL' },
    { more: 'SELL', less: 'BUY' },
  ])('of 10 $more and 3 $less is 7 tenths of the $more, floored', ({ more, less }) => {
    const bucket = aBucket(
      aPart(1, 900_000n, { ...three, side: less }),
      aPart(2, 240_001n, { ...ten, side: more }),
    );
    // 5 000 003 × 0.7 = 3 500 002.1 and 240 001 × 0.7 = 168 000.7
    expect(netOf(bucket)).toEqual({
      side: more,
      sizeMicros: 7_000_000n,
      notionalMicros: 3_500_002n,
      scaledMicros: 168_000n,
    });
  });

  test.each<Side>(['BUY', 'SELL'])('of equal shares, %s first, is a BUY of nothing', (side) => {
    const other = side === 'BUY' ? 'SELL' : 'BUY';
    const bucket = aBucket(aPart(1, 240_000n, { side }), aPart(2, 10_000n, { side: other }));
    const net = { side: 'BUY', sizeMicros: 0n, notionalMicros: 0n, scaledMicros: 0n };
    const rules = { ...NETTING, minExecNotionalMicros: usd(0n) };
    expect(due(bucket, at(2_500), rules)).toMatchObject({ cause: 'MAX_AGE', net, belowMinExec: true });
  });

  test('counts against the threshold without its sign', () => {
    const own = aBucket(aPart(1, 240_000n, SELL), aPart(2, 240_000n, SELL));
    const { flushes } = offer(aPart(3, 20_000n, SELL), { own, opposite: null }, NETTING);
    expect(flushes).toMatchObject([{ cause: 'THRESHOLD', net: { side: 'SELL', scaledMicros: 500_000n } }]);
  });

  test('of a bucket that names enough trades goes as full', () => {
    expect(flushFull(aBucket(aPart(1, 100_000n)), RULES)).toMatchObject({
      cause: 'FULL',
      belowMinExec: false,
    });
  });
});

test('a lane is of one side unless sides net', () => {
  const lanes = (mode: Buffering['nettingMode']) => [
    bufferLaneOf('L1', '111', 'BUY', mode),
    bufferLaneOf('L1', '111', 'SELL', mode),
    bufferLaneOf('L2', '111', 'BUY', mode),
    bufferLaneOf('L1', '222', 'BUY', mode),
  ];
  expect(new Set(lanes('sameSideOnly')).size).toBe(4);
  expect(new Set(lanes('netBuySell')).size).toBe(3);
});
