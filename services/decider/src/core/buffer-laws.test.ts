import { shares, usd } from '@slipstream/money';
import type { Buffering, Side } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUCKET_GROUPS_MAX,
  type Bucket,
  type BufferPart,
  bufferLaneOf,
  due,
  type Flush,
  netOf,
  offer,
  wakeAt,
} from './buffer.ts';

const START_MS = Date.UTC(2026, 10, 20, 12);
const at = (ms: number): Date => new Date(START_MS + ms);
/** Later than any bucket can ask for. */
const END = at(10 ** 9);

/** Something happens: a part comes, or somebody looks whether anything is due. */
type Step = { readonly afterMs: number; readonly part: Omit<BufferPart, 'groupKey' | 'at'> | null };

const micros = fc.oneof(fc.bigInt(0n, 1_000_000n), fc.constantFrom(0n, 1n, 100_000n, 250_000n)).map(usd);
const anyRules: fc.Arbitrary<Buffering> = fc.record({
  enabled: fc.constant(true),
  notionalThresholdMicros: micros,
  flushMinNotionalMicros: fc.bigInt(0n, 4_000_000n).map(usd),
  minExecNotionalMicros: micros,
  maxBufferMs: fc.integer({ min: 100, max: 5_000 }),
  quietFlushMs: fc.integer({ min: 50, max: 5_000 }),
  nettingMode: fc.constantFrom('sameSideOnly', 'netBuySell'),
});
const anyContent = fc.record({
  side: fc.constantFrom<Side>('BUY', 'SELL'),
  sizeMicros: fc.oneof(fc.bigInt(1n, 3n), fc.bigInt(1n, 10n ** 12n)).map(shares),
  notionalMicros: fc.bigInt(0n, 10n ** 12n).map(usd),
  scaledMicros: fc.oneof(fc.bigInt(0n, 50_000n), fc.bigInt(0n, 500_000n)).map(usd),
});
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000 })),
    part: fc.option(anyContent, { freq: 6 }),
  }),
  { maxLength: 60, size: 'max' },
);

type Gone = { readonly flush: Flush; readonly at: Date; readonly rules: Buffering };

/** Drives the buffer as its owner does: one bucket a lane, what is due before what comes. */
function drive(steps: readonly Step[], rulesOf: (step: number) => Buffering, isPunctual: boolean) {
  const parts = new Map<string, BufferPart>();
  const direct = new Set<string>();
  const gone: Gone[] = [];
  const pending = new Map<string, Bucket>();
  const keep = (lane: string, bucket: Bucket | null): void => {
    if (bucket === null) pending.delete(lane);
    else pending.set(lane, bucket);
  };
  const look = (now: Date, rules: Buffering): void => {
    for (const [lane, bucket] of [...pending]) {
      const flush = due(bucket, now, rules);
      if (flush === null) continue;
      keep(lane, null);
      gone.push({ flush, at: now, rules });
    }
  };
  /** Looks once for each bucket, at the instant it asks for: that must do. */
  const lookUntil = (end: Date, rules: Buffering): void => {
    const wakes = [...pending.values()].map((bucket) => wakeAt(bucket, rules).getTime());
    for (const wake of wakes.sort((a, b) => a - b)) if (wake <= end.getTime()) look(new Date(wake), rules);
  };
  let ms = 0;
  for (const [i, { afterMs, part: content }] of steps.entries()) {
    ms += afterMs;
    const [now, rules] = [at(ms), rulesOf(i)];
    if (isPunctual) lookUntil(now, rules);
    if (content === null) {
      look(now, rules);
      continue;
    }
    const part = { ...content, groupKey: `g${i}`, at: now };
    parts.set(part.groupKey, part);
    const other = part.side === 'BUY' ? 'SELL' : 'BUY';
    const lane = bufferLaneOf('L1', '111', part.side, rules.nettingMode);
    const otherLane = bufferLaneOf('L1', '111', other, rules.nettingMode);
    const opposite = lane === otherLane ? null : (pending.get(otherLane) ?? null);
    const offered = offer(part, { own: pending.get(lane) ?? null, opposite }, rules);
    keep(lane, offered.own);
    if (lane !== otherLane) keep(otherLane, offered.opposite);
    if (offered.kind === 'direct') direct.add(part.groupKey);
    gone.push(...offered.flushes.map((flush) => ({ flush, at: now, rules })));
  }
  return { parts, direct, gone, pending, lookUntil };
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
const signed = ({ side, sizeMicros }: { readonly side: Side; readonly sizeMicros: bigint }): bigint =>
  side === 'BUY' ? sizeMicros : -sizeMicros;
const byName = (keys: Iterable<string>): string[] => [...keys].sort();

/** What a bucket must hold, added up here from its parts alone. */
function sumOf(parts: ReadonlyMap<string, BufferPart>, { groupKeys }: Bucket, side: Side) {
  const ofSide = groupKeys.flatMap((key) => parts.get(key) ?? []).filter((part) => part.side === side);
  return {
    sizeMicros: total(ofSide.map(({ sizeMicros }) => sizeMicros)),
    notionalMicros: total(ofSide.map(({ notionalMicros }) => notionalMicros)),
    scaledMicros: total(ofSide.map(({ scaledMicros }) => scaledMicros)),
  };
}

/** Rules that stay, or that change on the way and may be switched off. */
const steady = anyRules.map((rules) => [rules]);
const changing = fc.array(
  fc.tuple(anyRules, fc.boolean()).map(([rules, enabled]) => ({ ...rules, enabled })),
  { minLength: 1, maxLength: 4 },
);
const never = (): never => {
  throw new Error('there are always rules');
};
const driveAll = (steps: readonly Step[], rules: readonly Buffering[], isPunctual: boolean) => {
  const [last] = rules.slice(-1);
  const ruleOf = (i: number) => rules[Math.floor((i * rules.length) / steps.length)] ?? last ?? never();
  return { ...drive(steps, ruleOf, isPunctual), last: last ?? never() };
};
const RUNS = { numRuns: 300 };

describe('whatever comes, whenever, under rules that may change', () => {
  const anyRun = [anySteps, fc.oneof(steady, changing), fc.boolean()] as const;

  test('every group goes once or still waits', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { parts, direct, gone, pending } = driveAll(steps, rules, isPunctual);
        const buckets = [...gone.map(({ flush }) => flush.bucket), ...pending.values()];
        const found = [...direct, ...buckets.flatMap(({ groupKeys }) => groupKeys)];
        expect(byName(found)).toEqual(byName(parts.keys()));
        for (const { bucketKey, groupKeys } of buckets) expect(groupKeys[0]).toBe(bucketKey);
      }),
      RUNS,
    );
  });

  test('shares in are shares out and shares waiting', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { parts, direct, gone, pending } = driveAll(steps, rules, isPunctual);
        const directly = [...parts.values()].filter(({ groupKey }) => direct.has(groupKey));
        const waiting = [...pending.values()].map((bucket) => netOf(bucket));
        const out = [...directly, ...gone.map(({ flush }) => flush.net), ...waiting];
        expect(total(out.map(signed))).toBe(total([...parts.values()].map(signed)));
      }),
      RUNS,
    );
  });

  test('no dollar goes out that its side did not bring in', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { parts, gone } = driveAll(steps, rules, isPunctual);
        for (const { flush } of gone) {
          const { net, bucket } = flush;
          const brought = sumOf(parts, bucket, net.side);
          expect(net.sizeMicros >= 0n && net.notionalMicros >= 0n && net.scaledMicros >= 0n).toBe(true);
          expect(net.notionalMicros <= brought.notionalMicros).toBe(true);
          expect(net.scaledMicros <= brought.scaledMicros).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('what goes has its cause, and what waits has none', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { parts, gone, pending, last } = driveAll(steps, rules, isPunctual);
        for (const one of gone) {
          expect(isJustified(one, parts)).toBe(true);
          const { net } = one.flush;
          const isLittle = net.sizeMicros === 0n || net.scaledMicros < one.rules.minExecNotionalMicros;
          expect(one.flush.belowMinExec).toBe(isLittle);
        }
        if (rules.length > 1 || !last.enabled) return;
        for (const bucket of pending.values()) {
          expect(netOf(bucket).scaledMicros < last.flushMinNotionalMicros).toBe(true);
          expect(bucket.groupKeys.length < BUCKET_GROUPS_MAX).toBe(true);
          for (const key of bucket.groupKeys)
            expect((parts.get(key)?.scaledMicros ?? 0n) < last.notionalThresholdMicros).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test('a bucket is due at the instant it asks for, and at none before', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { pending, last } = driveAll(steps, rules, isPunctual);
        for (const bucket of pending.values()) {
          const wake = wakeAt(bucket, last);
          expect(due(bucket, wake, last)).not.toBeNull();
          const before = new Date(wake.getTime() - 1);
          if (before >= bucket.lastAt) expect(due(bucket, before, last)).toBeNull();
        }
      }),
      RUNS,
    );
  });

  test('one look at each bucket, when it asks for it, leaves none', () => {
    fc.assert(
      fc.property(...anyRun, (steps, rules, isPunctual) => {
        const { pending, last, lookUntil } = driveAll(steps, rules, isPunctual);
        lookUntil(END, last);
        expect(pending.size).toBe(0);
      }),
      RUNS,
    );
  });

  test('rules that are switched off keep no bucket', () => {
    fc.assert(
      fc.property(...anyRun, anyContent, (steps, rules, isPunctual, content) => {
        const { pending, last } = driveAll(steps, rules, isPunctual);
        const off = { ...last, enabled: false };
        const [own = null, opposite = null] = pending.values();
        const offered = offer({ ...content, groupKey: 'last', at: END }, { own, opposite }, off);
        expect(offered).toMatchObject({ own: null, opposite: null });
        expect(offered.kind).toBe(own === null ? 'direct' : 'flushed');
        expect(offered.flushes).toHaveLength([own, opposite].filter((bucket) => bucket !== null).length);
        for (const bucket of pending.values()) expect(due(bucket, wakeAt(bucket, off), off)).not.toBeNull();
      }),
      RUNS,
    );
  });
});

/** The rules of §2 said again, by cause, for what was flushed. */
function isJustified({ flush, at: now, rules }: Gone, parts: ReadonlyMap<string, BufferPart>): boolean {
  const { bucket, net, cause } = flush;
  const ageMs = now.getTime() - bucket.firstAt.getTime();
  const quietMs = now.getTime() - bucket.lastAt.getTime();
  const isReached = net.scaledMicros >= rules.flushMinNotionalMicros;
  const isOld = ageMs >= rules.maxBufferMs;
  const last = parts.get(bucket.groupKeys.at(-1) ?? '');
  switch (cause) {
    case 'THRESHOLD':
      return isReached;
    case 'MAX_AGE':
      return !rules.enabled || (!isReached && isOld);
    case 'QUIET':
      return (
        !isReached &&
        !isOld &&
        quietMs >= rules.quietFlushMs &&
        net.scaledMicros >= rules.minExecNotionalMicros
      );
    case 'OPPOSITE_SIDE':
      return rules.nettingMode === 'sameSideOnly';
    case 'LARGE_TRADE':
      return !rules.enabled || (last?.scaledMicros ?? -1n) >= rules.notionalThresholdMicros;
    case 'FULL':
      return !isReached && bucket.groupKeys.length === BUCKET_GROUPS_MAX;
  }
}

describe('under rules that stay', () => {
  test('nothing waits longer than the greatest age', () => {
    fc.assert(
      fc.property(anySteps, steady, (steps, rules) => {
        const { parts, gone, last, lookUntil } = driveAll(steps, rules, true);
        lookUntil(END, last);
        for (const { flush, at: now } of gone)
          for (const key of flush.bucket.groupKeys) {
            const waitedMs = now.getTime() - (parts.get(key)?.at.getTime() ?? 0);
            expect(waitedMs >= 0 && waitedMs <= last.maxBufferMs).toBe(true);
          }
      }),
      RUNS,
    );
  });

  test('apart, a side goes with exactly what its parts brought', () => {
    fc.assert(
      fc.property(anySteps, anyRules, fc.boolean(), (steps, rules, isPunctual) => {
        const apart: Buffering = { ...rules, nettingMode: 'sameSideOnly' };
        const { parts, gone } = driveAll(steps, [apart], isPunctual);
        for (const { flush } of gone) {
          const { side, ...sums } = flush.net;
          expect(sums).toEqual(sumOf(parts, flush.bucket, side));
          expect(new Set(flush.bucket.groupKeys.map((key) => parts.get(key)?.side))).toEqual(new Set([side]));
        }
      }),
      RUNS,
    );
  });

  test('in whatever order they came, the same groups go together, for the same', () => {
    const contents = fc.array(anyContent, { minLength: 1, maxLength: 40, size: 'max' });
    const orders = contents.chain((all) => {
      const parts = all.map((content, i) => ({ ...content, groupKey: `g${i}`, at: at(0) }));
      return fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length }));
    });
    fc.assert(
      fc.property(orders, anyRules, ([one, other], rules) => {
        // Only time sends these off, so that all meet in one bucket.
        const patient: Buffering = {
          ...rules,
          notionalThresholdMicros: usd(10n ** 12n),
          flushMinNotionalMicros: usd(10n ** 12n),
          nettingMode: 'netBuySell',
        };
        const [a, b] = [one, other].map((parts) => {
          const waiting = parts.reduce<Bucket | null>(
            (own, part) => offer(part, { own, opposite: null }, patient).own,
            null,
          );
          if (waiting === null) return null;
          const flush = due(waiting, wakeAt(waiting, patient), patient);
          return { ...flush, bucket: null, keys: byName(flush?.bucket.groupKeys ?? []) };
        });
        expect(a).not.toBeNull();
        expect(a).toEqual(b);
      }),
      RUNS,
    );
  });
});

test('a lane that fills again and again goes each time it is full', () => {
  const content = {
    side: 'BUY',
    sizeMicros: shares(1n),
    notionalMicros: usd(1n),
    scaledMicros: usd(0n),
  } as const;
  const rules: Buffering = {
    enabled: true,
    notionalThresholdMicros: usd(1n),
    flushMinNotionalMicros: usd(1n),
    minExecNotionalMicros: usd(1n),
    maxBufferMs: 100,
    quietFlushMs: 50,
    nettingMode: 'netBuySell',
  };
  const steps = Array.from({ length: 2 * BUCKET_GROUPS_MAX + 1 }, () => ({ afterMs: 0, part: content }));
  const { parts, gone, pending } = driveAll(steps, [rules], true);
  expect(gone.map(({ flush }) => flush.bucket.groupKeys.length)).toEqual([
    BUCKET_GROUPS_MAX,
    BUCKET_GROUPS_MAX,
  ]);
  expect(gone.every((one) => one.flush.cause === 'FULL' && isJustified(one, parts))).toBe(true);
  expect([...pending.values()].map(({ groupKeys }) => groupKeys)).toEqual([['g400']]);
});
