import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIVE_SCOPE, SERVICES } from '@slipstream/proto';
import { leaksIn, leaksOfTables, secretsIn } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from '../e2e/live/live-system.ts';

/** Messages looked at of each stream. */
const MESSAGES_MAX = 500;

let system: LiveSystem;
let secrets: readonly string[] = [];

beforeAll(async () => {
  system = await startLiveSystem(9);
  await system.liveRules(EAGER_RULES);
  await system.switchLive('SHADOW', 'ON');
  await system.trade(3);
  // Errors and refusals are where a careless word would slip out.
  await system.sim('/faults', { orders: { fault: 'errorAfter', times: 2 } });
  await system.trade(2);
  await system.sim('/faults', { dropSockets: true });
  await system.republishIntent((await system.liveRows())[0]?.intent_id ?? '', { groupKey: 'g:forged' });
  await system.untilSettled();
  secrets = secretsIn(system.stack.run().dataDir);
});
afterAll(() => system?.stop());

const leaks = (text: string): readonly string[] => leaksIn(text, secrets);

describe('secrets', () => {
  test('there are some to look for', () => {
    expect(secrets.length).toBeGreaterThan(18);
  });

  test('are in no log', () => {
    const dir = join(system.stack.run().dataDir, 'log');
    for (const name of readdirSync(dir))
      expect([name, leaks(readFileSync(join(dir, name), 'utf8'))]).toEqual([name, []]);
  });

  test('are in no answer of the gateway', async () => {
    for (const path of [
      '/api/status',
      '/api/leaders',
      '/api/copy-attempts',
      '/api/portfolio?tradingMode=PAPER',
      '/api/portfolio?tradingMode=LIVE',
      '/api/copy-attempts?tradingMode=LIVE',
      '/api/switches',
      '/api/config?tradingMode=PAPER',
      '/api/openapi.json',
      '/api/dead-letters',
    ])
      expect([path, leaks(JSON.stringify(await system.stack.gateway.get(path)))]).toEqual([path, []]);
  });

  test('are in no metric and no health answer', async () => {
    const { services } = system.stack.run();
    for (const name of SERVICES)
      for (const path of ['/ready', '/metrics']) {
        const reply = await fetch(`${services[name]?.url}${path}`);
        expect([name, path, leaks(await reply.text())]).toEqual([name, path, []]);
      }
  });

  test('are in no row', async () => {
    expect(await leaksOfTables(system.rows, secrets)).toEqual([]);
    const [{ attempt_id: there } = { attempt_id: '' }] = await system.rows<{ attempt_id: string }>(
      'select attempt_id from live.live_order limit 1',
    );
    expect(await leaksOfTables(system.rows, [there])).toContainEqual(
      expect.stringContaining('live.live_order'),
    );
  });

  test('are in no message', async () => {
    const text = await system.everyMessage(MESSAGES_MAX);
    expect(text.length).toBeGreaterThan(10_000);
    expect(leaks(text)).toEqual([]);
  });

  test('stay with the owner of the files', async () => {
    const { statSync } = await import('node:fs');
    const dir = system.stack.run().dataDir;
    for (const file of [
      'run.json',
      'secrets.json',
      'nats-auth/tools.creds',
      'nats-auth/ingest.creds',
      `wallet/${LIVE_SCOPE}/signing-key`,
      `wallet/${LIVE_SCOPE}/api-credentials.json`,
    ])
      expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0]);
  });
});
