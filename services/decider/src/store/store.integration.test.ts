import { type Database, migrate, openDatabase } from '@slipstream/db';
import { shares, usd } from '@slipstream/money';
import { PAPER_SCOPE, type TradingMode } from '@slipstream/proto';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aGroup, anArrival, aTrade, CONDITION, LEADER, NOW, someInputs, TOKEN } from '../../test/builders.ts';
import { decide } from '../core/decide.ts';
import { type Group, holdingKey, planArrivals } from '../core/group.ts';
import { attemptOf } from '../core/intent.ts';
import { createAccountReader } from './account.ts';
import { type Decided, readReservations } from './attempts.ts';
import { type Change, commitTo } from './commit.ts';
import { readFacts, readOpenGroups } from './groups.ts';
import { readInputs } from './inputs.ts';

const SCOPES = new Map<TradingMode, string>([['PAPER', PAPER_SCOPE]]);
let server: TestServer;
let db: Database;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'decider-test', poolMax: 4 });
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  await db.query(
    `truncate decider.leader_group, decider.group_part, decider.leader_position, decider.copy_attempt, decider.outbox,
      portfolio.account, portfolio.position, portfolio.attempt_execution`,
  );
});

const change = (over: Partial<Change>): Change => ({
  parts: [],
  holdings: [],
  groups: [],
  decided: [],
  at: NOW,
  ...over,
});

function decided(
  group: Group,
  inputs = someInputs({ group: { ...someInputs().group, groupKey: group.groupKey } }),
): Decided {
  const decision = decide(inputs);
  if (decision.kind === 'wait') throw new Error('these inputs do not wait');
  const reserve = decision.kind === 'copy' ? decision.reserve : null;
  return { ...attemptOf(group, inputs, decision), inputs, reserve, trace: group.trace };
}

const NOTHING_KNOWN = { open: new Map(), held: new Map(), grouped: new Set<string>() };

describe('groups', () => {
  test('come back as they were committed, with parts in order and what the leader held', async () => {
    const held = new Map([[holdingKey(LEADER, TOKEN), shares(7n)]]);
    const plan = planArrivals([anArrival(2), anArrival(1)], { ...NOTHING_KNOWN, held }, NOW, 250);
    await commitTo(db)(change(plan));
    expect(await readOpenGroups(db, SCOPES)).toEqual(plan.groups);
    expect(plan.groups[0]?.tradeIds).toEqual(['lt_2', 'lt_1']);
  });

  test('grow, wait and are done; a restart begins a wait anew', async () => {
    const commit = commitTo(db);
    const first = planArrivals([anArrival(1)], NOTHING_KNOWN, NOW, 250);
    await commit(change(first));
    const open = new Map(first.groups.map((g) => [`${g.leaderId} ${g.tokenId} ${g.side}`, g]));
    const second = planArrivals([anArrival(2)], { ...NOTHING_KNOWN, open }, NOW, 250);
    await commit(change(second));
    const [group] = await readOpenGroups(db, SCOPES);
    expect(group).toMatchObject({ tradeIds: ['lt_1', 'lt_2'], sizeMicros: 200_000_000n });
    const waiting = second.groups.map((g): Group => ({ ...g, status: 'WAITING', waitingSince: NOW }));
    await commit(change({ groups: waiting }));
    expect(await readOpenGroups(db, SCOPES)).toMatchObject([{ status: 'OPEN', waitingSince: null }]);
    await commit(change({ groups: waiting.map((g): Group => ({ ...g, status: 'DONE' })) }));
    expect(await readOpenGroups(db, SCOPES)).toEqual([]);
  });

  test('tell which modes have their attempt already', async () => {
    const group = aGroup(1);
    await commitTo(db)(change({ groups: [group], decided: [decided(group)] }));
    expect(await readOpenGroups(db, SCOPES)).toMatchObject([{ decidedModes: ['PAPER'] }]);
  });

  test('a part belongs to one group for ever: a second one is refused with everything around it', async () => {
    const commit = commitTo(db);
    const plan = planArrivals([anArrival(1)], NOTHING_KNOWN, NOW, 250);
    await commit(change(plan));
    const again = planArrivals([anArrival(3), anArrival(1)], NOTHING_KNOWN, NOW, 250);
    await expect(commit(change(again))).rejects.toMatchObject({ code: '23505' });
    expect(await db.query('select trade_id from decider.group_part')).toEqual([{ trade_id: 'lt_1' }]);
    expect(await readOpenGroups(db, SCOPES)).toHaveLength(1);
  });

  test('facts of a batch are one answer: what is grouped, and what the leaders hold', async () => {
    const plan = planArrivals([anArrival(1), anArrival(2, { tokenId: '9' })], NOTHING_KNOWN, NOW, 250);
    await commitTo(db)(change(plan));
    const facts = await readFacts(db, [aTrade(1), aTrade(1), aTrade(3)]);
    expect([...facts.grouped]).toEqual(['lt_1']);
    expect([...facts.held]).toEqual([[holdingKey(LEADER, TOKEN), 100_000_000n]]);
  });
});

describe('attempts', () => {
  test('are written once and announced once, the command first', async () => {
    const commit = commitTo(db);
    const group = aGroup(1);
    const rows = await commit(change({ groups: [group], decided: [decided(group)] }));
    expect(rows.map((row) => row.channel)).toEqual(['copyIntentPaper', 'copyAttemptPaper']);
    expect(await commit(change({ groups: [group], decided: [decided(group)] }))).toEqual([]);
    expect(await db.query('select count(*) as n from decider.copy_attempt')).toEqual([{ n: 1n }]);
    expect(await db.query('select count(*) as n from decider.outbox')).toEqual([{ n: 2n }]);
  });

  test('a skip is announced as a record only, with its reasons', async () => {
    const group = aGroup(1);
    const rows = await commitTo(db)(change({ decided: [decided(group, someInputs({ leader: null }))] }));
    expect(rows.map((row) => row.channel)).toEqual(['copyAttemptPaper']);
    expect(await db.query('select reasons, intent_id from decider.copy_attempt')).toEqual([
      { reasons: ['USER_DISABLED'], intent_id: null },
    ]);
  });

  test('keep all inputs, so that the decision can be made again', async () => {
    const group = aGroup(1);
    const made = decided(group);
    await commitTo(db)(change({ decided: [made] }));
    const [row] = await db.query<{ inputs: unknown }>('select inputs from decider.copy_attempt');
    expect(readInputs(row?.inputs)).toEqual(made.inputs);
  });

  test('hold back what they may take until the portfolio says that they are final', async () => {
    const made = [decided(aGroup(1)), decided(aGroup(2))];
    await commitTo(db)(change({ decided: made }));
    expect(await readReservations(db, SCOPES)).toHaveLength(2);
    await anExecution(made[0]?.attempt.attemptId ?? '', true);
    await anExecution(made[1]?.attempt.attemptId ?? '', false);
    expect(await readReservations(db, SCOPES)).toEqual([
      {
        attemptId: made[1]?.attempt.attemptId,
        mode: 'PAPER',
        leaderId: LEADER,
        tokenId: TOKEN,
        cashMicros: made[1]?.reserve?.cashMicros,
        sharesMicros: 0n,
      },
    ]);
  });
});

const anExecution = (attemptId: string, final: boolean): Promise<unknown> =>
  db.query(
    `insert into portfolio.attempt_execution (attempt_id, mode, scope, intent_id, order_id, leader_id, token_id, status,
      filled_size_micros, filled_notional_micros, fee_micros, booked_fills, final, booked_at, hops)
     values ($1, 'PAPER', $2, 'ci', 'po', $3, $4, 'FILLED', 0, 0, 0, 0, $5, $6, '{}')`,
    [attemptId, PAPER_SCOPE, LEADER, TOKEN, final, NOW],
  );

const anAccount = (cash: bigint, version: bigint): Promise<unknown> =>
  db.query(
    `insert into portfolio.account values ('PAPER', $1, $2, 0, 0, 0, $3, $4)
     on conflict (mode, scope) do update set cash_micros = excluded.cash_micros, version = excluded.version`,
    [PAPER_SCOPE, cash, version, NOW],
  );

const aPosition = (
  tokenId: string,
  size: bigint,
  mark: bigint | null,
  version: bigint,
  mode = 'PAPER',
): Promise<unknown> =>
  db.query(
    `insert into portfolio.position (mode, scope, leader_id, token_id, condition_id, shares_micros, cost_micros,
      realized_pnl_micros, fees_micros, episode, opened_at, mark_micros, mark_at, mark_source, version, updated_at)
     values ($1, $2, $3, $4, $5, $6, 0, 0, 0, 1, $7::timestamptz, $8, case when $8::bigint is not null then $7::timestamptz end,
       case when $8::bigint is not null then 'BOOK' end, $9, $7::timestamptz)
     on conflict (mode, scope, leader_id, token_id) do update
      set shares_micros = excluded.shares_micros, mark_micros = excluded.mark_micros, mark_at = excluded.mark_at,
       mark_source = excluded.mark_source, version = excluded.version`,
    [mode, PAPER_SCOPE, LEADER, tokenId, CONDITION, size, NOW, mark, version],
  );

const NO_QUESTION = { pending: [], needsMark: () => false };

describe('the account', () => {
  test('is null before it is opened', async () => {
    expect(await createAccountReader(db).read('PAPER', PAPER_SCOPE, NO_QUESTION)).toEqual({
      account: null,
      finalAttempts: [],
    });
  });

  test('is cash, version, positions and finality in one answer', async () => {
    await anAccount(5n, 3n);
    await aPosition('1', 7n, 400_000n, 2n);
    await aPosition('2', 9n, null, 3n);
    await aPosition('3', 11n, null, 3n, 'LIVE');
    await anExecution('a', true);
    await anExecution('b', false);
    const { account, finalAttempts } = await createAccountReader(db).read('PAPER', PAPER_SCOPE, {
      ...NO_QUESTION,
      pending: ['a', 'b', 'c'],
    });
    expect(account).toMatchObject({ version: 3n, cashMicros: 5n });
    expect(account && [...account.positions.all()]).toEqual([
      { leaderId: LEADER, tokenId: '1', sharesMicros: 7n, markMicros: 400_000n },
      { leaderId: LEADER, tokenId: '2', sharesMicros: 9n, markMicros: null },
    ]);
    expect(finalAttempts).toEqual(['a']);
  });

  test('reads only what changed, and forgets what is sold', async () => {
    const reader = createAccountReader(db);
    await anAccount(5n, 3n);
    await aPosition('1', 7n, null, 2n);
    await aPosition('2', 9n, null, 3n);
    await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    await anAccount(6n, 4n);
    await aPosition('1', 0n, null, 4n);
    const { account } = await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    expect(account?.cashMicros).toBe(usd(6n));
    expect(account?.positions.of(LEADER, '1')).toBe(0n);
    expect(account?.positions.of(LEADER, '2')).toBe(9n);
    expect(account && [...account.positions.all()]).toHaveLength(1);
  });

  test('reads a mark that came without a booking where we have none of our own', async () => {
    const reader = createAccountReader(db);
    await anAccount(5n, 3n);
    await aPosition('1', 7n, null, 3n);
    await aPosition('2', 7n, null, 3n);
    await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    await aPosition('1', 7n, 400_000n, 3n);
    await aPosition('2', 7n, 400_000n, 3n);
    const needsMark = (tokenId: string) => tokenId === '1';
    const { account } = await reader.read('PAPER', PAPER_SCOPE, { pending: [], needsMark });
    expect(account && [...account.positions.all()].map((p) => p.markMicros)).toEqual([400_000n, null]);
  });

  test('that begins anew is read anew', async () => {
    const reader = createAccountReader(db);
    await anAccount(5n, 9n);
    await aPosition('1', 7n, null, 9n);
    await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    await db.query('truncate portfolio.account, portfolio.position');
    expect((await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION)).account).toBeNull();
    await anAccount(5n, 9n);
    await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    await anAccount(1n, 1n);
    await aPosition('2', 3n, null, 1n);
    const { account } = await reader.read('PAPER', PAPER_SCOPE, NO_QUESTION);
    expect(account && [...account.positions.all()].map((p) => p.tokenId)).toEqual(['2']);
  });
});
