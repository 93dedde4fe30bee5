import type { Bucket } from '@slipstream/bus';
import {
  configBucket,
  configKeyOf,
  INITIAL_RULES,
  leadersBucket,
  switchesBucket,
  TradingMode,
} from '@slipstream/proto';
import { LeaderItem } from '@slipstream/proto/http';
import { silentLogger } from '@slipstream/runtime';
import {
  type Cable,
  eventually,
  startCable,
  startTestNats,
  startTestPostgres,
  type TestServer,
} from '@slipstream/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAnnouncer } from './announce.ts';
import { readModeConfig } from './store/config.ts';
import { readSwitches } from './store/settings.ts';
import { type GatewayUnderTest, openGatewayUnderTest, problemOf } from './testing/gateway-under-test.ts';

/** The answer comes after the announcer’s own bound, far below the gateway’s for any answer. */
const ANSWERED_WITHIN_MS = 6_000;

let nats: TestServer;
let postgres: TestServer;
let cable: Cable;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  cable = await startCable(nats.url);
  gateway = await openGatewayUnderTest(cable.url, postgres.url);
});

afterAll(async () => {
  await gateway?.stop();
  await cable?.cut();
  await Promise.all([nats?.stop(), postgres?.stop()]);
});

test('what is changed while the bus is away is stored, said to be late, and told as soon as it is back', async () => {
  const made = await gateway.send('POST', '/api/leaders', { wallets: [`0x${'7e'.repeat(20)}`] });
  const { id } = LeaderItem.parse(await made.json());
  const { guardrails } = INITIAL_RULES;
  const stricter = { ...INITIAL_RULES, guardrails: { ...guardrails, maxSpreadMicros: '9000' } };
  const own = { sizing: { maxTradeNotionalMicros: '100000000' } };

  await cable.cut();
  const from = performance.now();
  const late = await Promise.all([
    gateway.send('PUT', '/api/switches', { copyEngineEnabled: false }),
    gateway.send('PATCH', `/api/leaders/${id}`, { entriesPaused: true }),
    gateway.send('PUT', '/api/config', { tradingMode: 'PAPER', version: 1, rules: stricter }),
    gateway.send('PUT', `/api/leaders/${id}/config`, { tradingMode: 'LIVE', rules: own }),
  ]);
  expect(performance.now() - from).toBeLessThan(ANSWERED_WITHIN_MS);
  for (const reply of late) {
    expect(reply.status).toBe(503);
    expect((await problemOf(reply)).detail).toMatch(/^The change is stored/);
  }
  const shown = await (await gateway.ask('/api/config')).json();
  expect(shown).toMatchObject({ mode: { version: 2, rules: { guardrails: { maxSpreadMicros: '9000' } } } });
  expect(await (await gateway.ask('/api/switches')).json()).toMatchObject({ copyEngineEnabled: false });

  await cable.mend();
  const [switches, leaders, config] = await Promise.all([
    gateway.bus.bucket(switchesBucket),
    gateway.bus.bucket(leadersBucket),
    gateway.bus.bucket(configBucket),
  ]);
  await eventually('the switches are told', async () => {
    const told = await switches.get('global');
    return told?.copyEngineEnabled === false;
  });
  await eventually('the leader is told', async () => (await leaders.get(id))?.entriesPaused === true);
  await eventually('the mode is told', async () => {
    const told = await config.get('mode.PAPER');
    return told?.leaderId === null && told.rules.guardrails.maxSpreadMicros === 9_000n;
  });
  await eventually('what he has otherwise is told', async () => {
    const told = await config.get(`leader.LIVE.${id}`);
    return told?.rules.sizing?.maxTradeNotionalMicros === 100_000_000n;
  });
});

/** A bucket in memory that takes nothing while `isAway`. */
function memoryBucket<T>(isAway: () => boolean): Bucket<T> & { readonly values: ReadonlyMap<string, T> } {
  const values = new Map<string, T>();
  const there = (): void => {
    if (isAway()) throw new Error('the bus does not answer');
  };
  return {
    values,
    get: async (key) => {
      there();
      return values.get(key) ?? null;
    },
    put: async (key, value) => {
      there();
      return values.set(key, value).size;
    },
    delete: async (key) => void values.delete(key),
    watch: async () => ({ stop: async () => undefined }),
    keys: async () => [...values.keys()],
  };
}

test('an announcement that was given up is made good by the next mending, with every document that differs', async () => {
  let away = false;
  const isAway = (): boolean => away;
  const buckets = {
    switches: memoryBucket<Awaited<ReturnType<typeof readSwitches>>>(isAway),
    config: memoryBucket<Parameters<ReturnType<typeof openAnnouncer>['config']>[0]>(isAway),
    leaders: memoryBucket<Parameters<ReturnType<typeof openAnnouncer>['leader']>[0]>(isAway),
  };
  const announcer = openAnnouncer({ db: gateway.db, buckets, log: silentLogger() });
  away = true;
  const rules = await readModeConfig(gateway.db, 'PAPER');
  await expect(announcer.config(rules)).rejects.toMatchObject({ status: 503 });
  await expect(announcer.mend()).rejects.toThrow('does not answer');
  away = false;
  await announcer.mend();
  expect(buckets.switches.values.get('global')).toEqual(await readSwitches(gateway.db));
  for (const mode of TradingMode.options)
    expect(buckets.config.values.get(configKeyOf(mode, null))).toEqual(
      await readModeConfig(gateway.db, mode),
    );
  expect(buckets.config.values.size).toBe(3);
  expect(buckets.leaders.values.size).toBe(1);
  expect(await announcer.reconcile()).toBe(0);
});
