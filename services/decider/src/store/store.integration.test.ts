import { type Database, migrate, openDatabase } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { PAPER_SCOPE } from '@slipstream/proto';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  aGroup,
  anArrival,
  aTrade,
  CONDITION,
  LEADER,
  LIVE,
  NOW,
  PAPER,
  someInputs,
  TOKEN,
} from '../../test/builders.ts';
import { change, committer, decided, NOTHING_KNOWN, WINDOW } from '../../test/commits.ts';
import { portfolioRows } from '../../test/portfolio-rows.ts';
import type { StopLine } from '../core/capital-stop.ts';
import { type Group, groupIdOf, holdingKey, laneIn, planArrivals } from '../core/group.ts';
import { readReservations } from './attempts.ts';
import { Conflict, commitTo, readVersion } from './commit.ts';
import { readFacts, readKnown, readOpenGroups } from './groups.ts';
import { readInputs } from './inputs.ts';
import { readStops } from './stops.ts';

let server: TestServer;
let db: Database;
let commit: ReturnType<typeof committer>;
let portfolio: ReturnType<typeof portfolioRows>;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'decider-test', poolMax: 4 });
  commit = committer(db);
  portfolio = portfolioRows(db);
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  await db.query(
    `truncate decider.leader_group, decider.group_part, decider.leader_position, decider.copy_attempt, decider.outbox,
      decider.capital_stop, decider.desk, portfolio.attempt_execution`,
  );
});

describe('groups', () => {
  test('come back as they were committed, with parts in order and what the leader held', async () => {
    const held = new Map([[holdingKey(LEADER, TOKEN), shares(7n)]]);
    const plan = planArrivals([anArrival(2), anArrival(1)], { ...NOTHING_KNOWN, held }, NOW, WINDOW);
    await commit(plan);
    expect(await readOpenGroups(db, [0])).toEqual(plan.groups);
    expect(plan.groups[0]?.tradeIds).toEqual(['lt_2', 'lt_1']);
  });

  test('are of one mode each: its own parts, its own window, its own end', async () => {
    const windows = () => [
      { mode: 'PAPER' as const, windowMs: 250 },
      { mode: 'LIVE' as const, windowMs: 100 },
    ];
    const plan = planArrivals([anArrival(1), anArrival(2)], NOTHING_KNOWN, NOW, windows);
    await commit(plan);
    const open = await readOpenGroups(db, [0]);
    expect(open.map(({ mode, groupKey, tradeIds }) => [mode, groupKey, tradeIds])).toEqual([
      ['LIVE', 'g:lt_1', ['lt_1', 'lt_2']],
      ['PAPER', 'g:lt_1', ['lt_1', 'lt_2']],
    ]);
    const done = open.flatMap((g): Group[] => (g.mode === 'LIVE' ? [{ ...g, status: 'DONE' }] : []));
    await commit({ groups: done });
    expect(await readOpenGroups(db, [0])).toMatchObject([{ mode: 'PAPER', status: 'OPEN' }]);
  });

  test('are those of the partitions asked for', async () => {
    await commit({ groups: [aGroup(1), aGroup(2, { partition: 3 }), aGroup(3, { partition: 7 })] });
    const keys = async (...partitions: readonly number[]) =>
      (await readOpenGroups(db, partitions)).map(({ groupKey }) => groupKey);
    expect(await keys()).toEqual([]);
    expect(await keys(0, 7)).toEqual(['g:lt_1', 'g:lt_3']);
    expect(await keys(3)).toEqual(['g:lt_2']);
  });

  test('grow, wait and are done; a restart begins a wait anew', async () => {
    const first = planArrivals([anArrival(1)], NOTHING_KNOWN, NOW, WINDOW);
    await commit(first);
    const open = new Map(first.groups.map((g) => [laneIn(g.mode, g), g]));
    const second = planArrivals([anArrival(2)], { ...NOTHING_KNOWN, open }, NOW, WINDOW);
    await commit(second);
    const [group] = await readOpenGroups(db, [0]);
    expect(group).toMatchObject({ tradeIds: ['lt_1', 'lt_2'], sizeMicros: 200_000_000n });
    const waiting = second.groups.map((g): Group => ({ ...g, status: 'WAITING', waitingSince: NOW }));
    await commit({ groups: waiting });
    expect(await readOpenGroups(db, [0])).toMatchObject([{ status: 'OPEN', waitingSince: null }]);
    await commit({ groups: waiting.map((g): Group => ({ ...g, status: 'DONE' })) });
    expect(await readOpenGroups(db, [0])).toEqual([]);
  });

  test('a part belongs to one group of a mode for ever: a second one is refused with everything around it', async () => {
    await commit(planArrivals([anArrival(1)], NOTHING_KNOWN, NOW, WINDOW));
    const version = await readVersion(db);
    const again = planArrivals([anArrival(3), anArrival(1)], NOTHING_KNOWN, NOW, WINDOW);
    await expect(commit(again)).rejects.toMatchObject({ code: '23505' });
    expect(await db.query('select trade_id from decider.group_part')).toEqual([{ trade_id: 'lt_1' }]);
    expect(await readOpenGroups(db, [0])).toHaveLength(1);
    expect(await readVersion(db)).toBe(version);
  });

  test('facts of a batch are one answer: what is grouped, and what the leaders hold', async () => {
    await commit(planArrivals([anArrival(1), anArrival(2, { tokenId: '9' })], NOTHING_KNOWN, NOW, WINDOW));
    const facts = await readFacts(db, [aTrade(1), aTrade(1), aTrade(3)]);
    expect([...facts.grouped]).toEqual(['lt_1']);
    expect([...facts.held]).toEqual([[holdingKey(LEADER, TOKEN), 100_000_000n]]);
  });

  test('are known by mode and key, whatever became of them', async () => {
    const [exit, other] = [aGroup(1, { status: 'DONE' }), aGroup(2)];
    await commit({ groups: [exit] });
    expect(await readKnown(db, [])).toEqual(new Set());
    expect(await readKnown(db, [exit, other, { ...exit, mode: 'LIVE' }])).toEqual(new Set([groupIdOf(exit)]));
  });
});

describe('attempts', () => {
  test('are written once and announced once, the command first', async () => {
    const group = aGroup(1);
    const { rows } = await commit({ groups: [group], decided: [decided(group)] });
    expect(rows.map((row) => row.channel)).toEqual(['copyIntentPaper', 'copyAttemptPaper']);
    expect((await commit({ groups: [group], decided: [decided(group)] })).rows).toEqual([]);
    expect(await db.query('select count(*) as n from decider.copy_attempt')).toEqual([{ n: 1n }]);
    expect(await db.query('select count(*) as n from decider.outbox')).toEqual([{ n: 2n }]);
  });

  test('of one group are two where two modes decide it', async () => {
    const [paper, live] = [aGroup(1), aGroup(1, { mode: 'LIVE' })];
    const { rows } = await commit({ groups: [paper, live], decided: [decided(paper), decided(live)] });
    expect(rows.map((row) => row.channel).sort()).toEqual([
      'copyAttemptLive',
      'copyAttemptPaper',
      'copyIntentLive',
      'copyIntentPaper',
    ]);
  });

  test('a skip is announced as a record only, with its reasons', async () => {
    const group = aGroup(1);
    const { rows } = await commit({ decided: [decided(group, someInputs({ leader: null }))] });
    expect(rows.map((row) => row.channel)).toEqual(['copyAttemptPaper']);
    expect(await db.query('select reasons, details, intent_id from decider.copy_attempt')).toEqual([
      { reasons: ['USER_DISABLED'], details: [], intent_id: null },
    ]);
  });

  test('keep all inputs, so that the decision can be made again', async () => {
    const made = decided(aGroup(1));
    await commit({ decided: [made] });
    const [row] = await db.query<{ inputs: unknown }>('select inputs from decider.copy_attempt');
    expect(readInputs(row?.inputs)).toEqual(made.inputs);
  });

  test('hold back what they may take until the portfolio says that they are final', async () => {
    const made = [decided(aGroup(1)), decided(aGroup(2)), decided(aGroup(3, { mode: 'LIVE' }))];
    await commit({ decided: made });
    expect(await readReservations(db, [PAPER])).toHaveLength(2);
    await portfolio.execution(made[0]?.attempt.attemptId ?? '', true);
    await portfolio.execution(made[1]?.attempt.attemptId ?? '', false);
    expect(await readReservations(db, [PAPER])).toEqual([
      {
        attemptId: made[1]?.attempt.attemptId,
        ...PAPER,
        leaderId: LEADER,
        tokenId: TOKEN,
        conditionId: CONDITION,
        cashMicros: made[1]?.reserve?.cashMicros,
        sharesMicros: 0n,
      },
    ]);
  });

  test('hold back of each account its own, and nothing of one that was not asked for', async () => {
    const group = aGroup(1, { mode: 'LIVE' });
    const { group: facts } = someInputs();
    const second = { mode: 'LIVE', scope: 'second' } as const;
    const wallets = [LIVE, second, { mode: 'LIVE', scope: 'third' } as const];
    const made = wallets.map((wallet) => decided(group, someInputs({ ...wallet, group: facts })));
    await commit({ decided: made });
    const heldFor = async (...accounts: Parameters<typeof readReservations>[1]) =>
      (await readReservations(db, accounts)).map(({ scope, attemptId }) => [scope, attemptId]).sort();
    const [first, other] = made.map(({ attempt }) => attempt.attemptId);
    expect(await heldFor(PAPER)).toEqual([]);
    expect(await heldFor(second)).toEqual([['second', other]]);
    expect(await heldFor(PAPER, LIVE, second)).toEqual([
      [LIVE.scope, first],
      ['second', other],
    ]);
  });
});

describe('the version of the desk', () => {
  test('begins at nothing, once, and grows by one with each commit', async () => {
    expect(await Promise.all([readVersion(db), readVersion(db)])).toEqual([0n, 0n]);
    expect((await commitTo(db)(change(), 0n)).version).toBe(1n);
    expect((await commitTo(db)(change(), 1n)).version).toBe(2n);
    expect(await readVersion(db)).toBe(2n);
  });

  test.each([0n, 2n])(
    'that is not the last one (%i) is a conflict, and nothing is stored',
    async (version) => {
      await commit({});
      const group = aGroup(1);
      const plan = planArrivals([anArrival(2)], NOTHING_KNOWN, NOW, WINDOW);
      const all = { ...plan, groups: [...plan.groups, group], decided: [decided(group)], stops: [aLine()] };
      await expect(commitTo(db)(change(all), version)).rejects.toThrow(Conflict);
      const tables = [
        'leader_group',
        'group_part',
        'leader_position',
        'copy_attempt',
        'outbox',
        'capital_stop',
      ];
      for (const table of tables)
        expect(await db.query(`select count(*) as n from decider.${table}`)).toEqual([{ n: 0n }]);
      expect(await readVersion(db)).toBe(1n);
    },
  );

  test('lets one of many through who commit on it at the same time', async () => {
    const version = await readVersion(db);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => commitTo(db)(change({ groups: [aGroup(n)] }), version)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Conflict);
    expect(await readOpenGroups(db, [0])).toHaveLength(1);
    expect(await readVersion(db)).toBe(version + 1n);
  });
});

const aLine = (over: Partial<StopLine> = {}): StopLine => ({
  mode: 'PAPER',
  scope: PAPER_SCOPE,
  leaderId: LEADER,
  baseMicros: usd(-5n),
  peakMicros: usd(9n),
  profitMicros: usd(-7n),
  asOf: NOW,
  clearedAt: null,
  trip: null,
  ...over,
});

describe('stops', () => {
  test('come back as they were committed, one for each account and leader', async () => {
    const later = new Date(NOW.getTime() + 60_000);
    const lines = [
      aLine(),
      aLine({ mode: 'LIVE' }),
      aLine({ mode: 'LIVE', scope: 'second', profitMicros: usd(-8n) }),
      aLine({ leaderId: 'L2', clearedAt: NOW }),
    ];
    await commit({ stops: lines });
    const tripped = aLine({ asOf: later, trip: { at: later, action: 'close' } });
    await commit({ stops: [tripped] });
    const byName = (a: StopLine, b: StopLine) =>
      `${a.mode}${a.scope}${a.leaderId}`.localeCompare(`${b.mode}${b.scope}${b.leaderId}`);
    expect([...(await readStops(db))].sort(byName)).toEqual([...lines.slice(1), tripped].sort(byName));
    await commit({ stops: [aLine({ asOf: later, clearedAt: later })] });
    expect((await readStops(db)).find((line) => line.mode === 'PAPER' && line.leaderId === LEADER)).toEqual(
      aLine({ asOf: later, clearedAt: later }),
    );
  });
});
