import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';
import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

const READY_WAIT_MS = 30_000;
const TRADES = 60;

let system: LiveSystem;
let second: ChildProcess;

/** Starts another live-exec with the environment of the first: the same wallet, the same key, the same durable. */
async function startSecond(pid: number): Promise<ChildProcess> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  const env = Object.fromEntries(
    text
      .split('\0')
      .filter((line) => line.includes('=') && !line.startsWith('NODE_CHANNEL'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const child = fork(join(ROOT, 'services', 'live-exec', 'src', 'main.ts'), {
    env: { ...env, HEALTH_PORT: '0' },
    execArgv: ['--conditions=source'],
    stdio: 'ignore',
  });
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the second live-exec was not ready')), READY_WAIT_MS);
    child.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !('type' in message)) return;
      if (message.type !== 'ready') return;
      clearTimeout(late);
      resolve();
    });
    child.once('exit', () => reject(new Error('the second live-exec ended')));
  });
  return child;
}

beforeAll(async () => {
  system = await startLiveSystem(46, {
    serviceEnv: {
      'live-exec': { LIMIT_ORDER_USD: '1000', LIMIT_DAY_USD: '100000', LIMIT_OPEN_ORDERS: '500' },
    },
  });
  await system.liveRules({ ...EAGER_RULES, live: { concurrency: 3 } });
  await system.switchLive('SHADOW', 'ON');
  second = await startSecond(system.stack.services.get('live-exec')?.pid() ?? 0);
});
afterAll(async () => {
  second?.kill('SIGTERM');
  await system?.stop();
});

test('two replicas of one wallet under load place each order once, also while lost answers are asked about', async () => {
  await system.sim('/faults', { orders: { fault: 'acceptThenDrop', times: 10 } });
  await system.trade(TRADES);
  const rows = await system.untilSettled(120_000);
  expect(rows.filter(({ filled_size_micros }) => filled_size_micros > 0n).length).toBeGreaterThan(TRADES / 4);
  await eventually('our figures are the exchange’s', () => system.expectAccounted().then(() => true), {
    withinMs: 20_000,
    everyMs: 500,
  });
  const posts = (await system.requests()).filter(
    ({ path, method }) => method === 'POST' && path === '/order',
  );
  const once = new Set(posts.flatMap(({ orderIds }) => orderIds));
  expect(once.size).toBe(rows.filter(({ sends }) => sends > 0).length);
  expect(second.exitCode).toBeNull();
});
