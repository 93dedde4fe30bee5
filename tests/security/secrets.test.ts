import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIVE_SCOPE, SERVICES } from '@slipstream/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EAGER_RULES, type LiveSystem, startLiveSystem } from '../e2e/live/live-system.ts';

/** Messages looked at of each stream. */
const MESSAGES_MAX = 500;

let system: LiveSystem;
let secrets: readonly string[] = [];

/** Everything that must not be seen: passwords, tokens, and the seeds inside the credentials files. */
function secretsOf(dataDir: string): string[] {
  const stored = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
  const seeds = readdirSync(join(dataDir, 'nats-auth'))
    .filter((name) => name.endsWith('.creds'))
    .flatMap(
      (name) => readFileSync(join(dataDir, 'nats-auth', name), 'utf8').match(/SU[A-Z0-9]{50,}/g) ?? [],
    );
  return [stored.postgresAdmin, stored.gatewayToken, ...Object.values<string>(stored.roles), ...seeds];
}

/** What opens the wallet: the signing key, with and without its prefix, and everything in the API credentials. */
function walletSecretsOf(dataDir: string): string[] {
  const key = readFileSync(join(dataDir, 'wallet', LIVE_SCOPE, 'signing-key'), 'utf8').trim();
  const api = JSON.parse(readFileSync(join(dataDir, 'wallet', LIVE_SCOPE, 'api-credentials.json'), 'utf8'));
  return [key.replace(/^0x/, ''), api.key, api.secret, api.passphrase];
}

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
  const { dataDir } = system.stack.run();
  secrets = [...secretsOf(dataDir), ...walletSecretsOf(dataDir)];
});
afterAll(() => system?.stop());

const leaks = (text: string): string[] =>
  secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret.slice(0, 4)}…`);

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
    const tables = await system.rows<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in ('ingest', 'decider', 'paper', 'live', 'portfolio', 'config') and table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const rows = await system.rows<{ row: string }>(`select t::text as row from ${name} t limit 5000`);
      expect([name, leaks(rows.map((r) => r.row).join('\n'))]).toEqual([name, []]);
    }
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
      'wallet/signing-key',
      'wallet/api-credentials.json',
    ])
      expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0]);
  });
});
