import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from './live-system.ts';

/** A claim has so many steps before it is settled; a few more than there are, so that the last ones end nobody. */
const STEPS = 30;
/** Those of a claim, a send and a settlement: begin, read, write, commit, the request, the step, each sent and answered. */
const SURE_STEPS = 12;
/** Orders between two looks at the books: the time of a restart is the time of the test. */
const TOGETHER = 10;
const BACK_WITHIN_MS = 30_000;

let system: LiveSystem;
let dir: string;
let plan: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipstream-die-'));
  plan = join(dir, 'plan');
  const preload = fileURLToPath(new URL('die-at-step.mjs', import.meta.url));
  system = await startLiveSystem(45, {
    serviceEnv: {
      'live-exec': {
        LIMIT_ORDER_USD: '1000',
        LIMIT_DAY_USD: '100000',
        LIMIT_OPEN_ORDERS: '500',
        NODE_OPTIONS: `--import=${preload}`,
        DIE_PLAN: plan,
      },
    },
  });
  await system.liveRules(EAGER_RULES);
  await system.switchLive('SHADOW', 'ON');
});
afterAll(async () => {
  await system?.stop();
  await rm(dir, { recursive: true, force: true });
});

test('live-exec killed at every step of an order: at most one order for each decision, and every one accounted for', async () => {
  const ended: number[] = [];
  for (let at = 1; at <= STEPS; at++) {
    const service = system.stack.services.get('live-exec');
    const pid = service?.pid();
    await writeFile(plan, String(at));
    await system.trade(1);
    await eventually(
      'the step is reached, or there is none',
      async () => !existsSync(plan) || (await idle()),
      {
        withinMs: BACK_WITHIN_MS,
        everyMs: 50,
      },
    );
    if (!existsSync(plan)) {
      ended.push(at);
      await eventually('it is started again', async () => service?.pid() !== null && service?.pid() !== pid, {
        withinMs: BACK_WITHIN_MS,
      });
      await service?.ready(BACK_WITHIN_MS);
    } else await rm(plan, { force: true });
    if (at % TOGETHER === 0) {
      await system.untilSettled(60_000);
      await system.expectAccounted();
    }
  }
  expect(ended.slice(0, SURE_STEPS)).toEqual(Array.from({ length: SURE_STEPS }, (_, i) => i + 1));
  const rows = await system.liveRows();
  expect(new Set(rows.map(({ intent_id }) => intent_id)).size).toBe(rows.length);
});

/** Whether everything that was decided has ended: then no step is left that could be the one. */
const idle = async (): Promise<boolean> =>
  (
    await system.rows(
      `select 1 from decider.copy_attempt a where a.mode = 'LIVE' and a.decision = 'EXECUTE' and not exists (
         select 1 from live.live_order o where o.intent_id = a.intent_id and o.settled_at is not null)`,
    )
  ).length === 0;
