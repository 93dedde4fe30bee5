import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestSystem, type TestSystem, testEnvironment } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';

const run = promisify(execFile);
const WAIT_MS = 20_000;
const cli = testEnvironment().NATS_CLI ?? join(homedir(), '.cache', 'slipstream', 'nats-cli', 'nats');
const there = existsSync(cli);
if (!there) process.stdout.write('skipped: the nats command line is not here; name it with NATS_CLI\n');

describe.skipIf(!there)('the nats command line on the running system', () => {
  let system: TestSystem;
  let trades: readonly SimTrade[] = [];
  const nats = async (...args: readonly string[]): Promise<string> => {
    const { nats: server } = system.stack.run();
    const { stdout, stderr } = await run(cli, ['--server', server.url, '--creds', server.creds, ...args], {
      timeout: WAIT_MS,
    });
    return stdout + stderr;
  };

  /** `stream view` pages and wants a terminal: `script` gives it one, and end of input ends the paging. */
  const view = async (stream: string): Promise<string> => {
    const { nats: server } = system.stack.run();
    const command = `${cli} --server ${server.url} --creds ${server.creds} stream view ${stream} 25`;
    const { stdout } = await run('script', ['-qec', command, '/dev/null'], { timeout: WAIT_MS });
    return stdout;
  };

  beforeAll(async () => {
    system = await startTestSystem(['--seed', '3', '--wallets', '2', '--rate', '0', '--hold']);
    const { wallets } = await system.sim<{ wallets: string[] }>('/state');
    await system.follow(...wallets);
    await system.sim('/start', {});
    trades = (
      await system.sim<{ trades: SimTrade[] }>('/burst', { wallet: wallets[0], count: 3, perTransaction: 1 })
    ).trades;
    await expectAllCopiedOnce(system, trades);
  });
  afterAll(() => system?.stop());

  test('stream view shows leader trades that a person can read', async () => {
    const shown = await view('LEADER');
    expect(shown).toContain(`"transactionHash":"${trades[0]?.transactionHash}"`);
    expect(shown).toContain('copy.leader.trade.');
  });

  test('stream view shows decisions with their reasons in words', async () => {
    expect(await view('ATTEMPTS')).toMatch(/"decision":"(EXECUTE|SKIP)"/);
  });

  test('sub hears everything under copy.>', async () => {
    const hearing = nats('sub', 'copy.>', '--count', '3', '--wait', '15s');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await system.sim('/burst', { wallet: trades[0]?.wallet, count: 3, perTransaction: 1 });
    expect(await hearing).toMatch(/copy\.(leader|attempt|intent|market|portfolio)\./);
  });

  test('the streams and consumers are those of the contract', async () => {
    const listed = await nats('stream', 'ls', '-n');
    for (const name of ['LEADER', 'BOOKS', 'INTENTS', 'ATTEMPTS', 'ORDERS', 'FILLS'])
      expect(listed).toContain(name);
  });
});
