import { type Database, migrate, openDatabase } from '@slipstream/db';
import { usd } from '@slipstream/money';
import type { Buffering, LeaderTrade } from '@slipstream/proto';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aModeConfig, anArrival, NOW } from '../../test/builders.ts';
import { committer, decided, NOTHING_KNOWN } from '../../test/commits.ts';
import { bucketLaneOf, createBuffer, type WaitingGroups } from '../core/bucket-groups.ts';
import { type Group, planArrivals } from '../core/group.ts';
import { readOpenGroups } from './groups.ts';

const RULES: Buffering = { ...aModeConfig().rules.buffering, enabled: true };
const SMALL = usd(100_000n);
const later = (ms: number): Date => new Date(NOW.getTime() + ms);

let server: TestServer;
let db: Database;
let commit: ReturnType<typeof committer>;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'decider-test', poolMax: 2 });
  commit = committer(db);
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  await db.query(
    `truncate decider.leader_group, decider.group_part, decider.leader_position, decider.copy_attempt, decider.outbox`,
  );
});

/** Trades with these numbers arrive together, and each group that they make is small. */
async function arrive(
  waiting: WaitingGroups,
  at: Date,
  numbers: readonly number[],
  over: Partial<LeaderTrade> = {},
): Promise<WaitingGroups> {
  const arrivals = numbers.map((n) => anArrival(n, over));
  const windows = () => [{ mode: 'PAPER' as const, windowMs: 1 }];
  const plan = planArrivals(arrivals, NOTHING_KNOWN, at, windows);
  const buffer = createBuffer(waiting);
  const after = plan.groups.flatMap((group) => buffer.take(group, SMALL, RULES, at).after);
  await commit({ ...plan, groups: after });
  return waitingIn(await readOpenGroups(db, [0]));
}
const waitingIn = (groups: readonly Group[]): WaitingGroups =>
  Map.groupBy(groups, (group) => bucketLaneOf(group, RULES.nettingMode));
const flushOf = (waiting: WaitingGroups, at: Date) => createBuffer(waiting).takeDue(at, () => RULES);

describe('groups that wait in a bucket', () => {
  test('come back as they were, in the order of waiting', async () => {
    let waiting = await arrive(new Map(), NOW, [7, 8]);
    waiting = await arrive(waiting, later(10), [2]);
    waiting = await arrive(waiting, later(20), [5, 1]);
    const open = await readOpenGroups(db, [0]);
    expect(open.map(({ status, tradeIds }) => [status, tradeIds])).toEqual([
      ['BUFFERED', ['lt_7', 'lt_8']],
      ['BUFFERED', ['lt_2']],
      ['BUFFERED', ['lt_5', 'lt_1']],
    ]);
    expect(open.map(({ buffered }) => buffered)).toEqual(
      [0, 10, 20].map((ms) => ({
        scaledMicros: SMALL,
        at: later(ms),
        bucketKey: 'g:lt_7',
        belowMinExec: false,
      })),
    );
    expect(waiting.size).toBe(1);
  });

  test('become one group with all their trades in order, which waits for its book across a recall', async () => {
    let waiting = await arrive(new Map(), NOW, [7, 8]);
    waiting = await arrive(waiting, later(10), [2]);
    waiting = await arrive(waiting, later(20), [5, 1]);
    const { decide: whole, after } = flushOf(waiting, later(700));
    await commit({ groups: [...after, ...whole.map((g): Group => ({ ...g, status: 'WAITING' }))] });
    const [group, ...others] = await readOpenGroups(db, [0]);
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      groupKey: 'g:lt_7',
      source: 'BUFFER',
      status: 'OPEN',
      tradeIds: ['lt_7', 'lt_8', 'lt_2', 'lt_5', 'lt_1'],
      sizeMicros: 500_000_000n,
      notionalMicros: 250_000_000n,
      buffered: { scaledMicros: 300_000n, bucketKey: 'g:lt_7', belowMinExec: false },
    });
    expect(whole).toMatchObject([{ tradeIds: group?.tradeIds, sizeMicros: group?.sizeMicros }]);
  });

  test('that went in at one instant keep their first one, which names the bucket', async () => {
    const windows = () => [{ mode: 'PAPER' as const, windowMs: 0 }];
    const plan = planArrivals([anArrival(9), anArrival(10)], NOTHING_KNOWN, NOW, windows);
    const buffer = createBuffer(new Map());
    await commit({ ...plan, groups: plan.groups.flatMap((g) => buffer.take(g, SMALL, RULES, NOW).after) });
    const recalled = await readOpenGroups(db, [0]);
    expect(recalled.map(({ groupKey }) => groupKey)).toEqual(['g:lt_9', 'g:lt_10']);
    const { decide: whole, after } = flushOf(waitingIn(recalled), later(700));
    expect(whole).toMatchObject([{ groupKey: 'g:lt_9', leaderHeldMicros: 0n }]);
    await commit({ groups: [...after, ...whole] });
    expect(await readOpenGroups(db, [0])).toMatchObject([
      { groupKey: 'g:lt_9', tradeIds: ['lt_9', 'lt_10'] },
    ]);
  });

  test('net across their sides, and each side’s trades are named', async () => {
    const netting: Buffering = { ...RULES, nettingMode: 'netBuySell' };
    const windows = () => [{ mode: 'PAPER' as const, windowMs: 1 }];
    const arrivals = [anArrival(1), anArrival(2, { side: 'SELL' }), anArrival(3, { tokenId: '3' })];
    const plan = planArrivals(arrivals, NOTHING_KNOWN, NOW, windows);
    const buffer = createBuffer(new Map());
    await commit({ ...plan, groups: plan.groups.flatMap((g) => buffer.take(g, SMALL, netting, NOW).after) });
    const flush = buffer.takeDue(later(2_500), () => netting);
    await commit({ groups: [...flush.after, ...flush.decide] });
    const open = await readOpenGroups(db, [0]);
    expect(
      open.map(({ tradeIds, sizeMicros, buffered }) => [tradeIds, sizeMicros, buffered?.belowMinExec]),
    ).toEqual([
      [['lt_1', 'lt_2'], 0n, true],
      [['lt_3'], 100_000_000n, false],
    ]);
  });

  test('leave one attempt that names them all', async () => {
    const waiting = await arrive(await arrive(new Map(), NOW, [1]), later(5), [2]);
    const { decide: whole, after } = flushOf(waiting, later(700));
    const done = whole.map((g): Group => ({ ...g, status: 'DONE' }));
    await commit({ groups: [...after, ...done], decided: done.map((group) => decided(group)) });
    expect(await readOpenGroups(db, [0])).toEqual([]);
    expect(await db.query('select source_type, trade_ids from decider.copy_attempt')).toEqual([
      { source_type: 'BUFFER', trade_ids: ['lt_1', 'lt_2'] },
    ]);
  });

  test('do not lend their trades to the other mode’s bucket of the same name', async () => {
    const windows = () => [
      { mode: 'PAPER' as const, windowMs: 1 },
      { mode: 'LIVE' as const, windowMs: 1 },
    ];
    const plan = planArrivals([anArrival(1), anArrival(2, { tokenId: '2' })], NOTHING_KNOWN, NOW, windows);
    const buffer = createBuffer(new Map());
    await commit({ ...plan, groups: plan.groups.flatMap((g) => buffer.take(g, SMALL, RULES, NOW).after) });
    const flush = buffer.takeDue(later(700), ({ mode }) => (mode === 'LIVE' ? RULES : null));
    await commit({ groups: [...flush.after, ...flush.decide] });
    const open = await readOpenGroups(db, [0]);
    expect(open.map(({ mode, source, tradeIds }) => `${mode} ${source} ${tradeIds}`).sort()).toEqual([
      'LIVE BUFFER lt_1',
      'LIVE BUFFER lt_2',
      'PAPER TRADES lt_1',
      'PAPER TRADES lt_2',
    ]);
  });
});
