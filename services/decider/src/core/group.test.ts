import { shares, usd } from '@slipstream/money';
import { GROUP_PARTS_MAX, type TradingMode } from '@slipstream/proto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aGroup, anArrival, aTrade, LEADER, NOW, TOKEN } from '../../test/builders.ts';
import {
  type Group,
  groupIdOf,
  holdingKey,
  impossible,
  inDueOrder,
  type Known,
  laneIn,
  type ModeWindow,
  planArrivals,
} from './group.ts';

const windowOf =
  (windowMs: number, ...modes: readonly TradingMode[]) =>
  (): readonly ModeWindow[] =>
    (modes.length === 0 ? (['PAPER'] as const) : modes).map((mode) => ({ mode, windowMs }));
const WINDOW = windowOf(250);
const AT_ONCE = windowOf(0);
const later = (ms: number): Date => new Date(NOW.getTime() + ms);
const known = (over: Partial<Known> = {}): Known => ({
  open: new Map(),
  held: new Map(),
  grouped: new Set(),
  ...over,
});
const openOf = (groups: readonly Group[]): ReadonlyMap<string, Group> =>
  new Map(groups.map((group) => [laneIn(group.mode, group), group]));

describe('planArrivals in two modes', () => {
  const both = windowOf(250, 'PAPER', 'LIVE');

  test('gives each part one group in each mode that runs, and counts the leader’s holding once', () => {
    const plan = planArrivals([anArrival(1), anArrival(2)], known(), NOW, both);
    expect(plan.parts.map(({ mode, tradeId }) => `${mode} ${tradeId}`)).toEqual([
      'PAPER lt_1',
      'LIVE lt_1',
      'PAPER lt_2',
      'LIVE lt_2',
    ]);
    expect(plan.groups.map(({ mode, tradeIds }) => [mode, tradeIds.length])).toEqual([
      ['PAPER', 2],
      ['LIVE', 2],
    ]);
    expect(plan.holdings).toMatchObject([{ sizeMicros: 200_000_000n }]);
  });

  test('a mode has windows of its own, and what PAPER does is the same without LIVE', () => {
    const mixed = (): readonly ModeWindow[] => [
      { mode: 'PAPER', windowMs: 250 },
      { mode: 'LIVE', windowMs: 0 },
    ];
    const plan = planArrivals([anArrival(1), anArrival(2)], known(), NOW, mixed);
    expect(plan.groups.filter(({ mode }) => mode === 'LIVE')).toHaveLength(2);
    const alone = planArrivals([anArrival(1), anArrival(2)], known(), NOW, WINDOW);
    // Traces have random spans.
    const bare = (groups: readonly Group[]) => groups.map(({ trace: _, ...group }) => group);
    expect(bare(plan.groups.filter(({ mode }) => mode === 'PAPER'))).toEqual(bare(alone.groups));
  });

  test('a redelivery after some were stored groups only the others, in both modes', () => {
    const first = planArrivals([anArrival(1)], known(), NOW, both);
    const again = planArrivals(
      [anArrival(1), anArrival(2), anArrival(2)],
      known({ open: openOf(first.groups), grouped: new Set(['lt_1']) }),
      later(100),
      both,
    );
    expect(again.parts.map(({ mode, tradeId, groupKey, seq }) => [mode, tradeId, groupKey, seq])).toEqual([
      ['PAPER', 'lt_2', 'g:lt_1', 2],
      ['LIVE', 'lt_2', 'g:lt_1', 2],
    ]);
    expect(again.groups.map(({ mode, tradeIds }) => [mode, ...tradeIds])).toEqual([
      ['PAPER', 'lt_1', 'lt_2'],
      ['LIVE', 'lt_1', 'lt_2'],
    ]);
  });

  test('a mode that comes later opens groups of its own, and does not join those of the other', () => {
    const paper = planArrivals([anArrival(1)], known(), NOW, WINDOW);
    const open = openOf(paper.groups);
    const { groups, parts } = planArrivals([anArrival(2)], known({ open }), later(100), both);
    expect(groups.map(({ mode, groupKey, tradeIds }) => [mode, groupKey, ...tradeIds])).toEqual([
      ['PAPER', 'g:lt_1', 'lt_1', 'lt_2'],
      ['LIVE', 'g:lt_2', 'lt_2'],
    ]);
    expect(parts.map(({ seq }) => seq)).toEqual([2, 1]);
  });

  test('whatever comes, a part has one place in each of its modes, and one mode’s groups do not see the other', () => {
    const trade = fc.record({
      n: fc.integer({ min: 1, max: 20 }),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
    });
    const windows = fc.tuple(fc.nat(300), fc.nat(300), fc.constantFrom(1, 2));
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 20 }), windows, (trades, [paperMs, liveMs, modes]) => {
        const all: readonly ModeWindow[] = [
          { mode: 'PAPER', windowMs: paperMs },
          { mode: 'LIVE', windowMs: liveMs },
        ];
        const running = all.slice(0, modes);
        const arrivals = trades.map(({ n, side }) => anArrival(n, { side }));
        const { parts, groups } = planArrivals(arrivals, known(), NOW, () => running);
        const places = parts.map(({ mode, tradeId }) => `${mode} ${tradeId}`);
        expect(new Set(places).size).toBe(places.length);
        expect(places).toHaveLength(new Set(trades.map(({ n }) => n)).size * modes);
        const keysOf = (mode: TradingMode, windowMs: number) => ({
          mode,
          keys: planArrivals(arrivals, known(), NOW, windowOf(windowMs, mode)).groups.map((g) => g.groupKey),
        });
        for (const { mode, keys } of running.map((one) => keysOf(one.mode, one.windowMs)))
          expect(groups.filter((group) => group.mode === mode).map((g) => g.groupKey)).toEqual(keys);
      }),
    );
  });

  test('a trade that was grouped while LIVE was off stays PAPER’s alone', () => {
    const plan = planArrivals([anArrival(1)], known({ grouped: new Set(['lt_1']) }), NOW, both);
    expect([plan.parts, plan.groups, plan.holdings]).toEqual([[], [], []]);
  });
});

describe('planArrivals', () => {
  test('opens a group that is named for its first part and due after the window', () => {
    const { parts, groups } = planArrivals([anArrival(1)], known(), NOW, WINDOW);
    expect(groups).toMatchObject([
      { groupKey: 'g:lt_1', status: 'OPEN', openedAt: NOW, dueAt: later(250), tradeIds: ['lt_1'] },
    ]);
    expect(parts).toMatchObject([{ tradeId: 'lt_1', groupKey: 'g:lt_1', seq: 1 }]);
  });

  test('adds parts of the same leader, token and side, and sums them', () => {
    const { groups } = planArrivals([anArrival(1), anArrival(2)], known(), NOW, WINDOW);
    expect(groups).toMatchObject([
      { tradeIds: ['lt_1', 'lt_2'], sizeMicros: 200_000_000n, notionalMicros: 100_000_000n },
    ]);
  });

  test.each([{ leaderId: 'L2' }, { tokenId: '222' }, { side: 'SELL' as const }])('keeps %j apart', (over) => {
    const { groups } = planArrivals([anArrival(1), anArrival(2, over)], known(), NOW, WINDOW);
    expect(groups).toHaveLength(2);
  });

  test('grows the open group until its window ends; the end is not inside', () => {
    const first = planArrivals([anArrival(1)], known(), NOW, WINDOW).groups;
    const open = openOf(first);
    expect(planArrivals([anArrival(2)], known({ open }), later(249), WINDOW).groups).toMatchObject([
      { groupKey: 'g:lt_1', tradeIds: ['lt_1', 'lt_2'] },
    ]);
    expect(planArrivals([anArrival(2)], known({ open }), later(250), WINDOW).groups).toMatchObject([
      { groupKey: 'g:lt_2' },
    ]);
  });

  test('never adds to a group that waits for market data', () => {
    const open = openOf([aGroup(1, { status: 'WAITING', dueAt: later(250) })]);
    expect(planArrivals([anArrival(2)], known({ open }), NOW, WINDOW).groups).toMatchObject([
      { groupKey: 'g:lt_2' },
    ]);
  });

  test('with a window of nothing gives every trade its own group', () => {
    const { groups } = planArrivals([anArrival(1), anArrival(2)], known(), NOW, AT_ONCE);
    expect(groups.map((group) => [group.groupKey, group.dueAt])).toEqual([
      ['g:lt_1', NOW],
      ['g:lt_2', NOW],
    ]);
  });

  test('opens the next group when one is full', () => {
    const arrivals = Array.from({ length: GROUP_PARTS_MAX + 1 }, (_, i) => anArrival(i + 1));
    const { groups } = planArrivals(arrivals, known(), NOW, WINDOW);
    expect(groups.map((group) => group.tradeIds.length)).toEqual([GROUP_PARTS_MAX, 1]);
    expect(groups[1]?.groupKey).toBe(`g:lt_${GROUP_PARTS_MAX + 1}`);
  });

  test('a part that has a group already, or comes twice, changes nothing', () => {
    const plan = planArrivals(
      [anArrival(1), anArrival(1), anArrival(2)],
      known({ grouped: new Set(['lt_2']) }),
      NOW,
      WINDOW,
    );
    expect(plan.parts.map((part) => part.tradeId)).toEqual(['lt_1']);
    expect(plan.holdings).toMatchObject([{ sizeMicros: 100_000_000n }]);
  });

  test('a group remembers what its leader held before it', () => {
    const held = new Map([[holdingKey(LEADER, TOKEN), shares(300_000_000n)]]);
    const { groups, holdings } = planArrivals(
      [anArrival(1, { side: 'SELL' }), anArrival(2)],
      known({ held }),
      NOW,
      WINDOW,
    );
    expect(groups.map((group) => group.leaderHeldMicros)).toEqual([300_000_000n, 200_000_000n]);
    expect(holdings).toEqual([{ leaderId: LEADER, tokenId: TOKEN, sizeMicros: 300_000_000n }]);
  });

  test('a leader who sells more than we know of is out, not short', () => {
    const { holdings } = planArrivals([anArrival(1, { side: 'SELL' })], known(), NOW, WINDOW);
    expect(holdings).toMatchObject([{ sizeMicros: 0n }]);
  });

  test('a holding stops growing where a message could not say it any more', () => {
    const held = new Map([[holdingKey(LEADER, TOKEN), shares(10n ** 18n)]]);
    expect(planArrivals([anArrival(1)], known({ held }), NOW, AT_ONCE).holdings).toMatchObject([
      { sizeMicros: 10n ** 18n },
    ]);
  });

  test('conserves parts, shares and notional, and gives every part one group, however batches are cut', () => {
    const trade = fc.record({
      n: fc.integer({ min: 1, max: 30 }),
      leaderId: fc.constantFrom('L1', 'L2'),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      size: fc.bigInt(1n, 10n ** 12n),
      gapMs: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(trade, { maxLength: 8 }), { maxLength: 8 }), (batches) => {
        const groups = new Map<string, Group>();
        const grouped = new Map<string, string>();
        let held = new Map<string, ReturnType<typeof shares>>();
        const taken = new Map<string, bigint>();
        let atMs = 0;
        for (const batch of batches) {
          atMs += batch[0]?.gapMs ?? 0;
          const arrivals = batch.map(({ n, leaderId, side, size }) =>
            anArrival(n, { leaderId, side, sizeMicros: shares(size), notionalMicros: usd(size / 2n) }),
          );
          const open = openOf([...groups.values()]);
          const plan = planArrivals(
            arrivals,
            { open, held, grouped: new Set(grouped.keys()) },
            later(atMs),
            WINDOW,
          );
          for (const part of plan.parts) {
            expect(grouped.has(part.tradeId)).toBe(false);
            grouped.set(part.tradeId, part.groupKey);
            taken.set(part.groupKey, (taken.get(part.groupKey) ?? 0n) + part.sizeMicros);
          }
          for (const group of plan.groups) groups.set(group.groupKey, group);
          held = new Map([
            ...held,
            ...plan.holdings.map((h) => [holdingKey(h.leaderId, h.tokenId), h.sizeMicros] as const),
          ]);
        }
        for (const group of groups.values()) {
          expect(group.sizeMicros).toBe(taken.get(group.groupKey));
          expect(group.tradeIds.every((id) => grouped.get(id) === group.groupKey)).toBe(true);
          expect(group.groupKey).toBe(`g:${group.tradeIds[0]}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('impossible', () => {
  test('a sound trade is not', () => {
    expect(impossible(aTrade(1))).toBeNull();
  });
  test.each([
    [{ sizeMicros: shares(0n) }, 'a trade of no shares'],
    [{ notionalMicros: usd(100_000_001n) }, 'a price above one dollar a share'],
    [{ sizeMicros: shares(10n ** 15n + 1n) }, 'a size above 1000000000000000 micros'],
  ])('a trade with %o is', (over, why) => {
    expect(impossible(aTrade(1, over))).toBe(why);
  });
});

test('groups are decided by the end of their window, then by name', () => {
  const groups = [aGroup(3), aGroup(1, { dueAt: later(1) }), aGroup(2), aGroup(2)];
  expect([...groups].sort(inDueOrder).map((group) => group.groupKey)).toEqual([
    'g:lt_2',
    'g:lt_2',
    'g:lt_3',
    'g:lt_1',
  ]);
});

test('of one name PAPER is decided before LIVE', () => {
  const groups = [aGroup(1, { mode: 'LIVE' }), aGroup(2), aGroup(1)];
  expect([...groups].sort(inDueOrder).map(groupIdOf)).toEqual([
    'PAPER g:lt_1',
    'LIVE g:lt_1',
    'PAPER g:lt_2',
  ]);
});
