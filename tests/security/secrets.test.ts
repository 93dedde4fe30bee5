import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@slipstream/proto';
import { startTestSystem, type TestSystem } from '@slipstream/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from '../e2e/copied.ts';

let system: TestSystem;
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

beforeAll(async () => {
  system = await startTestSystem(['--seed', '9', '--wallets', '2', '--rate', '0', '--hold']);
  const { wallets } = await system.sim<{ wallets: string[] }>('/state');
  await system.follow(...wallets);
  await system.sim('/start', {});
  const { trades } = await system.sim<{ trades: SimTrade[] }>('/burst', {
    wallet: wallets[0],
    count: 5,
    perTransaction: 1,
  });
  await expectAllCopiedOnce(system, trades);
  secrets = secretsOf(system.stack.run().dataDir);
});
afterAll(() => system?.stop());

const leaks = (text: string): string[] =>
  secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret.slice(0, 4)}…`);

describe('secrets', () => {
  test('there are some to look for', () => {
    expect(secrets.length).toBeGreaterThan(14);
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

  test('stay with the owner of the files', async () => {
    const { statSync } = await import('node:fs');
    const dir = system.stack.run().dataDir;
    for (const file of ['run.json', 'secrets.json', 'nats-auth/tools.creds', 'nats-auth/ingest.creds'])
      expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0]);
  });
});
