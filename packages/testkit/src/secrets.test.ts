import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leaksIn, leaksOfFiles, secretsIn } from './secrets.ts';

const KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const SEED = `SUA${'B'.repeat(55)}`;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipstream-secrets-'));
  for (const part of ['nats-auth', 'wallet/one', 'log', 'nats/jetstream/S/msgs'])
    mkdirSync(join(dir, part), { recursive: true });
  const stored = { postgresAdmin: 'pg-admin', gatewayToken: 'gateway', roles: { live: 'role-live' } };
  writeFileSync(join(dir, 'secrets.json'), JSON.stringify(stored));
  writeFileSync(join(dir, 'nats-auth', 'ingest.creds'), `-----\n${SEED}\n-----`);
  writeFileSync(join(dir, 'wallet', 'one', 'signing-key'), `0x${KEY}\n`);
  const api = { key: 'api-key', secret: 'api-secret', passphrase: 'api-passphrase' };
  writeFileSync(join(dir, 'wallet', 'one', 'api-credentials.json'), JSON.stringify(api));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('names everything that is secret in a system’s folder, whatever its wallets are called', () => {
  expect(secretsIn(dir).toSorted()).toEqual(
    ['pg-admin', 'gateway', 'role-live', SEED, KEY, 'api-key', 'api-secret', 'api-passphrase'].toSorted(),
  );
});

test('finds a secret in a log and in a stored message, and says no more of it than where', () => {
  const secrets = secretsIn(dir);
  writeFileSync(join(dir, 'log', 'live-exec.log'), 'all is well');
  expect(leaksOfFiles(dir, secrets)).toEqual([]);
  writeFileSync(join(dir, 'log', 'live-exec.log'), `key=0x${KEY}`);
  writeFileSync(
    join(dir, 'nats/jetstream/S/msgs/1.blk'),
    Buffer.from(`\u0000\u00ffapi-passphrase\u0000`, 'latin1'),
  );
  const leaks = leaksOfFiles(dir, secrets);
  expect(leaks).toHaveLength(2);
  expect(leaks.join()).not.toContain(KEY);
  expect(leaksIn('nothing', secrets)).toEqual([]);
});
