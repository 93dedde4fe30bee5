import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@slipstream/stack';
import { startTestSystem, type TestSystem } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';

const run = promisify(execFile);
const WAIT_MS = 120_000;
const OUTPUT_MAX = 16 * 1024 * 1024;

let system: TestSystem;
let wallets: readonly string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'slipstream-rules-'));

type Ended = { readonly status: number; readonly output: string; readonly error: string };

/** Runs one of our commands on the running system. */
async function command(name: string, ...args: readonly string[]): Promise<Ended> {
  const call = [join(ROOT, 'scripts', 'bootstrap.mjs'), name, ...args];
  try {
    const { stdout, stderr } = await run(process.execPath, call, { timeout: WAIT_MS, maxBuffer: OUTPUT_MAX });
    return { status: 0, output: stdout, error: stderr };
  } catch (failure) {
    const { code, stdout, stderr } = failure as { code: number; stdout: string; stderr: string };
    return { status: code, output: stdout, error: stderr };
  }
}

const here = (): readonly string[] => ['--data-dir', system.stack.run().dataDir, '--json'];

type Replayed = {
  readonly attempts: number;
  readonly equal: number;
  readonly different: number;
  readonly differences: readonly Record<string, unknown>[];
};

async function replay(...args: readonly string[]): Promise<{ status: number; result: Replayed }> {
  const { status, output } = await command('replay', ...here(), ...args);
  return { status, result: JSON.parse(output) };
}

type Outcome = {
  readonly execute: number;
  readonly skip: number;
  readonly notionalMicros: string;
  readonly pnlMicros: string;
  readonly reasons: Readonly<Record<string, number>>;
};
type Answer = {
  readonly trades: number;
  readonly groups: number;
  readonly before: Outcome;
  readonly after: Outcome;
  readonly difference: {
    readonly attempts: number;
    readonly execute: number;
    readonly notionalMicros: string;
    readonly pnlMicros: string;
  };
  readonly changed: readonly { readonly before: object; readonly after: object }[];
  readonly limits: readonly string[];
};

const ask = (rules: unknown, ...args: readonly string[]): Promise<Ended> => {
  const file = join(folder, 'rules.json');
  writeFileSync(file, typeof rules === 'string' ? rules : JSON.stringify(rules));
  return command('what-if', '--rules', file, ...here(), ...args);
};

async function answer(rules: unknown, ...args: readonly string[]): Promise<Answer> {
  const { status, output, error } = await ask(rules, ...args);
  expect(error).toBe('');
  expect(status).toBe(0);
  return JSON.parse(output);
}

beforeAll(async () => {
  system = await startTestSystem(['--seed', '11', '--wallets', '2', '--rate', '0', '--hold']);
  wallets = (await system.sim<{ wallets: string[] }>('/state')).wallets;
  await system.follow(...wallets);
  await system.sim('/start', {});
  const trades: SimTrade[] = [];
  for (const wallet of wallets) {
    const burst = await system.sim<{ trades: SimTrade[] }>('/burst', {
      wallet,
      count: 40,
      perTransaction: 1,
    });
    trades.push(...burst.trades);
  }
  await expectAllCopiedOnce(system, trades);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await system?.stop();
});

describe('npm run what-if', () => {
  test('with the rules of now finds no difference', async () => {
    const same = await answer({});
    expect(same.groups).toBeGreaterThan(10);
    expect(same.before.execute).toBeGreaterThan(0);
    expect(same.after).toEqual(same.before);
    expect(same.difference).toEqual({ attempts: 0, execute: 0, notionalMicros: '0', pnlMicros: '0' });
    expect(same.changed).toEqual([]);
    expect(same.limits.length).toBeGreaterThan(0);
  });

  test('with tighter rules copies less, and says which', async () => {
    const tighter = { sizing: { minLeaderTradeNotionalMicros: '1000000000000' } };
    const { before, after, difference, changed } = await answer(tighter);
    expect(after.execute).toBeLessThan(before.execute);
    expect(after.reasons['LEADER_TRADE_BELOW_MIN_NOTIONAL']).toBeGreaterThan(0);
    expect(difference.execute).toBe(after.execute - before.execute);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed[0]).toMatchObject({ before: { decision: 'EXECUTE' }, after: { decision: 'SKIP' } });
  });

  test('answers the same when it is asked again, and names what has no effect', async () => {
    const other = { aggregationWindowMs: 1, sizing: { copyPctNotionalBps: '200' } };
    const until = new Date().toISOString();
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const once = await answer(other, '--since', since, '--until', until);
    expect(await answer(other, '--since', since, '--until', until)).toEqual(once);
    expect(once.limits.join('\n')).toContain('aggregationWindowMs');
  });

  test('asks about one leader alone', async () => {
    const [row] = await system.rows<{ leader_id: string }>('select leader_id from config.leader limit 1');
    const one = await answer({}, '--leader', row?.leader_id ?? '');
    expect(one.groups).toBeGreaterThan(0);
    expect(one.groups).toBeLessThan((await answer({})).groups);
    expect(one.limits.join('\n')).toContain('Only this leader');
  });

  test.each([
    [{ sizing: { copyPctNotionalBps: '100001' } }, /sizing\.copyPctNotionalBps: /],
    [{ sizing: { copyPctNotionalBps: 100 } }, /sizing\.copyPctNotionalBps: /],
    [{ guardrails: { maxSpreadMicro: '1' } }, /guardrails\.maxSpreadMicro: there is no such field/],
    [{ fees: {} }, /fees: there is no such field/],
    [{ sizing: { minTradeNotionalMicros: '999999999999' } }, /sizing\.minTradeNotionalMicros: is more than/],
    ['{"sizing":', /not JSON/],
    ['[1]', /object of sections/],
  ])('refuses %j by its field', async (rules, sentence) => {
    const { status, error } = await ask(rules);
    expect(status).toBe(1);
    expect(error).toMatch(sentence);
    expect(error).not.toMatch(/\n\s+at /);
  });

  test('refuses to guess which rules, and a time that is none', async () => {
    expect((await command('what-if', ...here())).error).toMatch(/--rules/);
    expect((await ask({}, '--since', 'yesterday')).error).toMatch(/--since wants a time/);
    expect((await command('what-if', '--rules', join(folder, 'nowhere'), ...here())).error).toMatch(
      /no file/,
    );
  });
});

describe('npm run replay', () => {
  test('decides every stored attempt as it was decided', async () => {
    const [row] = await system.rows<{ n: bigint }>('select count(*) as n from decider.copy_attempt');
    const { status, result } = await replay();
    expect(result.differences).toEqual([]);
    expect(result).toMatchObject({ attempts: Number(row?.n), equal: Number(row?.n), different: 0 });
    expect(status).toBe(0);
    const live = await replay('--mode', 'LIVE', '--database', system.stack.databaseUrl);
    expect(live.result).toEqual({ attempts: 0, equal: 0, different: 0, differences: [] });
  });

  test('names the field of an attempt that was tampered with', async () => {
    const [copy] = await system.rows<{ attempt_id: string }>(
      `update decider.copy_attempt set target_notional_micros = target_notional_micros + 1
        where attempt_id = (select min(attempt_id) from decider.copy_attempt where decision = 'EXECUTE') returning attempt_id`,
    );
    const { status, result } = await replay();
    expect(status).toBe(1);
    expect(result.different).toBe(1);
    expect(result.equal).toBe(result.attempts - 1);
    expect(result.differences).toMatchObject([
      { attemptId: copy?.attempt_id, field: 'targetNotionalMicros' },
    ]);
    await system.rows(
      'update decider.copy_attempt set target_notional_micros = target_notional_micros - 1 where attempt_id = $1',
      [copy?.attempt_id],
    );
    expect((await replay()).status).toBe(0);
  });

  test('names inputs that cannot be read', async () => {
    const change = `update decider.copy_attempt set inputs = jsonb_set(inputs, '{account,cashMicros}', $1)
      where attempt_id = (select max(attempt_id) from decider.copy_attempt where inputs->'account' <> 'null')`;
    const [before] = await system.rows<{ cash: string }>(
      `select inputs->'account'->>'cashMicros' as cash from decider.copy_attempt
        where attempt_id = (select max(attempt_id) from decider.copy_attempt where inputs->'account' <> 'null')`,
    );
    await system.rows(change, ['"much"']);
    const { status, result } = await replay();
    expect(status).toBe(1);
    expect(result.differences).toMatchObject([{ field: 'inputs.account.cashMicros' }]);
    await system.rows(change, [JSON.stringify(before?.cash)]);
    expect((await replay()).status).toBe(0);
  });

  test('refuses a folder on which nothing runs', async () => {
    const { status, error } = await command('replay', '--data-dir', folder);
    expect(status).toBe(1);
    expect(error).toMatch(/does not run/);
  });
});
