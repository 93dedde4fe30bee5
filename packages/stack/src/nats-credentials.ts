import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  type Permissions,
} from '@nats-io/jwt';

const UNLIMITED = -1;
/** The broker's own bound on one message: a book of a hundred levels a side is some ten kilobytes. */
const PAYLOAD_BYTES_MAX = 1_048_576;

export type NatsUser = { readonly name: string; readonly permissions: Permissions };

export type NatsCredentials = {
  /** Path of the server's configuration file. */
  readonly configFile: string;
  readonly credsFile: (user: string) => string;
};

const userLimits = { subs: UNLIMITED, data: UNLIMITED, payload: PAYLOAD_BYTES_MAX };

const accountLimits = {
  subs: UNLIMITED,
  data: UNLIMITED,
  payload: PAYLOAD_BYTES_MAX,
  imports: UNLIMITED,
  exports: UNLIMITED,
  wildcards: true,
  conn: UNLIMITED,
  leaf: UNLIMITED,
  mem_storage: UNLIMITED,
  disk_storage: UNLIMITED,
  streams: UNLIMITED,
  consumer: UNLIMITED,
};

const systemLimits = { ...accountLimits, mem_storage: 0, disk_storage: 0, streams: 0, consumer: 0 };

/**
 * Writes the operator, the account and one credentials file per user into `dir`, all readable by the owner only.
 *
 * Signing keys of operator and account are thrown away afterwards: whoever reads the folder can act as a user, and
 * can make no new one. The same permissions keep their files over restarts; changed ones are written anew.
 */
export async function writeNatsCredentials(options: {
  readonly dir: string;
  readonly storeDir: string;
  readonly users: readonly NatsUser[];
}): Promise<NatsCredentials> {
  const { dir, storeDir, users } = options;
  const credentials: NatsCredentials = {
    configFile: join(dir, 'nats.conf'),
    credsFile: (user) => join(dir, `${user}.creds`),
  };
  const stampFile = join(dir, 'stamp.json');
  const stamp = JSON.stringify({ storeDir, users });
  const known = existsSync(stampFile) ? await readFile(stampFile, 'utf8') : '';
  if (known === stamp && existsSync(credentials.configFile)) return credentials;

  await mkdir(dir, { recursive: true, mode: 0o700 });
  const operator = createOperator();
  const account = createAccount();
  const system = createAccount();
  const operatorJwt = await encodeOperator('slipstream', operator, { system_account: system.getPublicKey() });
  const accountJwt = await encodeAccount(
    'slipstream',
    account,
    { limits: accountLimits },
    { signer: operator },
  );
  const systemJwt = await encodeAccount('system', system, { limits: systemLimits }, { signer: operator });
  for (const user of users) {
    const key = createUser();
    const jwt = await encodeUser(user.name, key, account, { ...user.permissions, ...userLimits });
    await writeFile(credentials.credsFile(user.name), fmtCreds(jwt, key), { mode: 0o600 });
  }
  const config = [
    `operator: ${operatorJwt}`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${account.getPublicKey()}: ${accountJwt}`,
    `  ${system.getPublicKey()}: ${systemJwt}`,
    '}',
    `jetstream { store_dir: ${JSON.stringify(storeDir)} }`,
    `max_payload: ${PAYLOAD_BYTES_MAX}`,
    '',
  ].join('\n');
  await writeFile(credentials.configFile, config, { mode: 0o600 });
  await writeFile(stampFile, stamp, { mode: 0o600 });
  return credentials;
}
