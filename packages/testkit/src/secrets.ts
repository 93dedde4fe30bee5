import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secret part of a user's key on the bus. */
const SEED = /SU[A-Z0-9]{50,}/g;

const json = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8'));

/** What opens a wallet: the signing key without its prefix, and everything in the API credentials. */
function walletSecrets(dir: string): readonly string[] {
  const key = readFileSync(join(dir, 'signing-key'), 'utf8').trim();
  const { key: apiKey, secret, passphrase } = json(join(dir, 'api-credentials.json'));
  return [key.replace(/^0x/, ''), ...[apiKey, secret, passphrase].filter((text) => text !== undefined)];
}

/**
 * Everything of a system in this folder that nobody may see: passwords, tokens, the seeds of the users on the bus, and
 * what opens its wallets.
 */
export function secretsIn(dataDir: string): readonly string[] {
  const { postgresAdmin, gatewayToken, roles } = json(join(dataDir, 'secrets.json'));
  const users = join(dataDir, 'nats-auth');
  const seeds = readdirSync(users)
    .filter((name) => name.endsWith('.creds'))
    .flatMap((name) => readFileSync(join(users, name), 'utf8').match(SEED) ?? []);
  const wallets = join(dataDir, 'wallet');
  const opening = existsSync(wallets)
    ? readdirSync(wallets).flatMap((walletId) => walletSecrets(join(wallets, walletId)))
    : [];
  const stored = [postgresAdmin, gatewayToken, ...Object.values(roles ?? {})];
  return [...stored.filter((text) => text !== undefined), ...seeds, ...opening];
}

/** Which of the secrets a text shows, each by its first characters. */
export const leaksIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret.slice(0, 4)}…`);

/** All files below a folder; a message store has some for each stream. */
const filesBelow = (dir: string): readonly string[] =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/**
 * The places where a system that has stopped wrote a secret down: its logs, and every message in its files.
 * Errors: those of the file system.
 */
export const leaksOfFiles = (dataDir: string, secrets: readonly string[]): readonly string[] =>
  ['log', 'nats'].flatMap((part) =>
    filesBelow(join(dataDir, part)).flatMap((file) =>
      leaksIn(readFileSync(file, 'latin1'), secrets).map((leak) => `${file}: ${leak}`),
    ),
  );

type Rows = <R>(text: string, params?: readonly unknown[]) => Promise<R[]>;

/** The tables that hold a secret in any of their rows. */
export async function leaksOfTables(rows: Rows, secrets: readonly string[]): Promise<readonly string[]> {
  const tables = await rows<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('ingest', 'decider', 'paper', 'live', 'portfolio', 'config') and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await rows<{ n: bigint }>(
      `select count(*) as n from ${name} t where exists (select 1 from unnest($1::text[]) s where strpos(t::text, s) > 0)`,
      [secrets],
    );
    if (row?.n !== 0n) found.push(`${name}: ${row?.n} rows`);
  }
  return found;
}
