import { shares, usd } from '@slipstream/money';
import { type Buffering, GROUP_PARTS_MAX, type Side, type TradingMode } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aGroup, NOW } from '../../test/builders.ts';
import { createOpenBuckets } from '../desk/open-buckets.ts';
import { bucketLaneOf, createBuffer, type Passed } from './bucket-groups.ts';
import { type Group, groupIdOf } from './group.ts';

const anyRules: fc.Arbitrary<Buffering> = fc.record({
  enabled: fc.oneof(
    { weight: 9, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  notionalThresholdMicros: fc.bigInt(0n, 500_000n).map(usd),
  flushMinNotionalMicros: fc.bigInt(0n, 2_000_000n).map(usd),
  minExecNotionalMicros: fc.bigInt(0n, 500_000n).map(usd),
  maxBufferMs: fc.integer({ min: 100, max: 3_000 }),
  quietFlushMs: fc.integer({ min: 50, max: 3_000 }),
  nettingMode: fc.constantFrom('sameSideOnly', 'netBuySell'),
});
const content = fc.record({
  mode: fc.constantFrom<TradingMode>('PAPER', 'LIVE'),
  leaderId: fc.constantFrom('L1', 'L2'),
  side: fc.constantFrom<Side>('BUY', 'SELL'),
  size: fc.oneof(fc.bigInt(1n, 3n), fc.bigInt(1n, 10n ** 12n)),
  trades: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: GROUP_PARTS_MAX })),
  scaled: fc.bigInt(0n, 400_000n),
});
const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 1_000 }),
  rules: fc.option(anyRules, { freq: 8 }),
  groups: fc.array(content, { maxLength: 4 }),
});
const steps = fc.array(step, { minLength: 1, maxLength: 20 });
type Steps = Parameters<Parameters<typeof steps.map>[0]>[0];

function groupOf(n: number, { mode, leaderId, side, size, trades }: Steps[number]['groups'][number]): Group {
  const tradeIds = Array.from({ length: trades }, (_, i) => `lt_${n}_${i}`);
  const sums = { sizeMicros: shares(size), notionalMicros: usd(size / 2n) };
  return aGroup(n, { mode, leaderId, side, tradeIds, ...sums });
}

/** Passes everything through as the decider does: what waits is read anew for each step. */
function pass(first: Buffering, all: Steps) {
  let rules = first;
  let ms = 0;
  const entered: Group[] = [];
  const decided: Group[] = [];
  const stands = new Map<string, Group>();
  const buckets = createOpenBuckets((group) => bucketLaneOf(group, rules.nettingMode));
  const settle = ({ decide, after }: Passed): void => {
    decided.push(...decide);
    for (const group of [...after, ...decide.map((one): Group => ({ ...one, status: 'DONE' }))]) {
      stands.set(groupIdOf(group), group);
      buckets.put(group);
    }
  };
  for (const { afterMs, rules: changed, groups } of all) {
    ms += afterMs;
    rules = changed ?? rules;
    const now = new Date(NOW.getTime() + ms);
    const buffer = createBuffer(buckets.waiting());
    settle(buffer.takeDue(now, () => rules));
    for (const one of groups) {
      const group = groupOf(entered.length, one);
      entered.push(group);
      settle(buffer.take(group, usd(one.scaled), rules, now));
    }
  }
  const waiting = [...stands.values()].filter(({ status }) => status === 'BUFFERED');
  return { entered, decided, waiting, stands, inBuckets: [...buckets.waiting().values()].flat() };
}

const signedBy = (groups: readonly Group[]): Record<string, bigint> => {
  const sums: Record<string, bigint> = {};
  for (const { mode, leaderId, side, sizeMicros } of groups) {
    const key = `${mode} ${leaderId}`;
    sums[key] = (sums[key] ?? 0n) + (side === 'BUY' ? sizeMicros : -sizeMicros);
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
};
const tradesOf = (groups: readonly Group[]): string[] => groups.flatMap(({ tradeIds }) => tradeIds).sort();
const RUNS = { numRuns: 300 };

describe('whatever passes the buffer, under rules that may change', () => {
  test('every trade is in one decided group or still waits', () => {
    fc.assert(
      fc.property(anyRules, steps, (rules, all) => {
        const { entered, decided, waiting, inBuckets } = pass(rules, all);
        expect(tradesOf([...decided, ...waiting])).toEqual(tradesOf(entered));
        expect(inBuckets.map(groupIdOf).sort()).toEqual(waiting.map(groupIdOf).sort());
      }),
      RUNS,
    );
  });

  test('shares bought less shares sold are those decided and those waiting, of each leader in each mode', () => {
    fc.assert(
      fc.property(anyRules, steps, (rules, all) => {
        const { entered, decided, waiting } = pass(rules, all);
        expect(signedBy([...decided, ...waiting])).toEqual(signedBy(entered));
      }),
      RUNS,
    );
  });

  test('no group is decided twice, names more trades than one may, or is left half way', () => {
    fc.assert(
      fc.property(anyRules, steps, (rules, all) => {
        const { entered, decided, stands } = pass(rules, all);
        const ids = new Set(decided.map(groupIdOf));
        expect(ids.size).toBe(decided.length);
        expect(decided.every(({ tradeIds }) => tradeIds.length <= GROUP_PARTS_MAX)).toBe(true);
        expect(decided.every(({ status }) => status === 'OPEN')).toBe(true);
        expect([...stands.keys()].sort()).toEqual(entered.map(groupIdOf).sort());
        for (const { mode, status, buffered, ...group } of stands.values()) {
          if (status !== 'DONE') continue;
          const groupKey = buffered?.bucketKey ?? group.groupKey;
          expect(ids.has(groupIdOf({ mode, groupKey }))).toBe(true);
        }
      }),
      RUNS,
    );
  });
});
