import { type Database, migrate, openDatabase } from '@slipstream/db';
import { usd } from '@slipstream/money';
import { LIVE_SCOPE, PAPER_SCOPE } from '@slipstream/proto';
import { startTestPostgres, type TestServer } from '@slipstream/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CONDITION, LEADER, NOW } from '../../test/builders.ts';
import { portfolioRows } from '../../test/portfolio-rows.ts';
import { createAccountReader } from './account.ts';

let server: TestServer;
let db: Database;
let portfolio: ReturnType<typeof portfolioRows>;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.url);
  db = await openDatabase({ url: server.url, name: 'decider-test', poolMax: 2 });
  portfolio = portfolioRows(db);
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});
beforeEach(async () => {
  await db.query(
    `truncate portfolio.account, portfolio.position, portfolio.attempt_execution, portfolio.portfolio_snapshot`,
  );
});

/** A Friday. */
const QUESTION = { pending: [], needsMark: () => false, now: NOW };
const readPaper = async (reader = createAccountReader(db), over: Partial<typeof QUESTION> = {}) =>
  (await reader.read('PAPER', PAPER_SCOPE, { ...QUESTION, ...over })).account;

describe('the account', () => {
  test('is null before it is opened', async () => {
    expect(await createAccountReader(db).read('PAPER', PAPER_SCOPE, QUESTION)).toEqual({
      account: null,
      finalAttempts: [],
    });
  });

  test('is cash, version, positions and finality in one answer', async () => {
    await portfolio.account(5n, 3n);
    await portfolio.position('1', 7n, 400_000n, 2n);
    await portfolio.position('2', 9n, null, 3n);
    await portfolio.position('3', 11n, null, 3n, 'LIVE');
    await portfolio.execution('a', true);
    await portfolio.execution('b', false);
    const { account, finalAttempts } = await createAccountReader(db).read('PAPER', PAPER_SCOPE, {
      ...QUESTION,
      pending: ['a', 'b', 'c'],
    });
    expect(account).toMatchObject({ version: 3n, cashMicros: 5n, depositedMicros: 5n });
    const held = { leaderId: LEADER, conditionId: CONDITION };
    expect(account && [...account.positions.all()]).toEqual([
      { ...held, tokenId: '1', sharesMicros: 7n, markMicros: 400_000n },
      { ...held, tokenId: '2', sharesMicros: 9n, markMicros: null },
    ]);
    expect(finalAttempts).toEqual(['a']);
  });

  test('is each mode’s own', async () => {
    await portfolio.account(5n, 3n);
    await portfolio.account(8n, 1n, 'LIVE', LIVE_SCOPE);
    const reader = createAccountReader(db);
    expect((await readPaper(reader))?.cashMicros).toBe(5n);
    expect((await reader.read('LIVE', LIVE_SCOPE, QUESTION)).account?.cashMicros).toBe(8n);
  });

  test('reads only what changed, and forgets what is sold', async () => {
    const reader = createAccountReader(db);
    await portfolio.account(5n, 3n);
    await portfolio.position('1', 7n, null, 2n);
    await portfolio.position('2', 9n, null, 3n);
    await readPaper(reader);
    await portfolio.account(6n, 4n);
    await portfolio.position('1', 0n, null, 4n);
    const account = await readPaper(reader);
    expect(account?.cashMicros).toBe(usd(6n));
    expect(account?.positions.of(LEADER, '1')).toBe(0n);
    expect(account?.positions.of(LEADER, '2')).toBe(9n);
    expect(account && [...account.positions.all()]).toHaveLength(1);
  });

  test('reads a mark that came without a booking where we have none of our own', async () => {
    const reader = createAccountReader(db);
    await portfolio.account(5n, 3n);
    await portfolio.position('1', 7n, null, 3n);
    await portfolio.position('2', 7n, null, 3n);
    await readPaper(reader);
    await portfolio.position('1', 7n, 400_000n, 3n);
    await portfolio.position('2', 7n, 400_000n, 3n);
    const account = await reader.read('PAPER', PAPER_SCOPE, {
      ...QUESTION,
      needsMark: (tokenId: string) => tokenId === '1',
    });
    const marks = account.account && [...account.account.positions.all()].map((p) => p.markMicros);
    expect(marks).toEqual([400_000n, null]);
  });

  test('that begins anew, or is to be forgotten, is read anew', async () => {
    const reader = createAccountReader(db);
    await portfolio.account(5n, 9n);
    await portfolio.position('1', 7n, null, 9n);
    await readPaper(reader);
    await db.query('truncate portfolio.account, portfolio.position');
    expect(await readPaper(reader)).toBeNull();
    await portfolio.account(5n, 9n);
    await readPaper(reader);
    await portfolio.account(1n, 1n);
    await portfolio.position('2', 3n, null, 1n);
    const tokens = async () => [...((await readPaper(reader))?.positions.all() ?? [])].map((p) => p.tokenId);
    expect(await tokens()).toEqual(['2']);
    await portfolio.position('3', 3n, null, 1n);
    expect(await tokens()).toEqual(['2']);
    reader.forget();
    expect((await tokens()).sort()).toEqual(['2', '3']);
  });
});

describe('profits to measure a loss against', () => {
  beforeEach(() => portfolio.account(5n, 1n));

  test('are nothing before the first snapshot', async () => {
    expect(await readPaper()).toMatchObject({
      dayProfitMicros: 0n,
      weekProfitMicros: 0n,
      peakProfitMicros: 0n,
    });
  });

  test('are those at the start of the day and of the week, and the highest so far', async () => {
    await portfolio.snapshot('2026-11-15T23:58:00Z', [10n, 5n, 1n, 20n]);
    await portfolio.snapshot('2026-11-15T23:59:00Z', [20n, 5n, 1n, 24n]);
    await portfolio.snapshot('2026-11-16T00:00:00Z', [70n, 5n, 1n, 74n]);
    await portfolio.snapshot('2026-11-19T23:59:00Z', [30n, -2n, 3n, 90n]);
    await portfolio.snapshot('2026-11-20T00:00:00Z', [99n, 0n, 4n, 95n]);
    await portfolio.snapshot('2026-11-20T11:59:00Z', [-40n, 0n, 4n, 96n]);
    expect(await readPaper()).toMatchObject({
      dayProfitMicros: 25n,
      weekProfitMicros: 24n,
      peakProfitMicros: 96n,
    });
  });

  test('on a Monday are of the same instant', async () => {
    await portfolio.snapshot('2026-11-15T23:59:00Z', [20n, 5n, 1n, 24n]);
    const monday = new Date('2026-11-16T00:00:00.000Z');
    expect(await readPaper(undefined, { now: monday })).toMatchObject({
      dayProfitMicros: 24n,
      weekProfitMicros: 24n,
    });
  });

  test('are the last known ones where a position had no mark', async () => {
    await portfolio.snapshot('2026-11-15T10:00:00Z', [20n, 5n, 1n, 24n]);
    await portfolio.snapshot('2026-11-15T11:00:00Z', [20n, null, 1n, 24n]);
    await portfolio.snapshot('2026-11-19T23:00:00Z', [90n, null, 1n, 24n]);
    expect(await readPaper()).toMatchObject({ dayProfitMicros: 24n, weekProfitMicros: 24n });
  });

  test('are the account’s own: neither a leader’s slice nor the other mode counts', async () => {
    await portfolio.snapshot('2026-11-15T10:00:00Z', [20n, 0n, 0n, 20n], LEADER);
    await portfolio.snapshot('2026-11-15T10:00:00Z', [30n, 0n, 0n, 30n], null, 'LIVE');
    expect(await readPaper()).toMatchObject({
      dayProfitMicros: 0n,
      weekProfitMicros: 0n,
      peakProfitMicros: 0n,
    });
  });
});
