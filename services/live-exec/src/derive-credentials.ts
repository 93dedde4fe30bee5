import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { loadConfig } from '@slipstream/runtime';
import { z } from 'zod';
import { logIn } from './exchange/clob-client.ts';
import { readSigner } from './secrets.ts';

/**
 * One-off command: logs in with the signing key and writes the API credentials that user-channel and live-exec are
 * started with. The file opens the account and cannot sign an order; it is its owner's alone.
 */
const Environment = z.object({
  CLOB_URL: z.url(),
  CHAIN_ID: z.enum(['137', '80002']).default('137').transform(Number),
  SIGNING_KEY_FILE: z.string().min(1).optional(),
  API_CREDENTIALS_FILE: z.string().min(1),
});
const OWNER_ONLY = 0o600;

async function main(): Promise<string> {
  const config = loadConfig(Environment);
  const path = config.API_CREDENTIALS_FILE;
  if (existsSync(path) && !process.argv.includes('--force'))
    throw new Error(`${path} is there already; --force writes it anew.`);
  const warn = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const signer = await readSigner(config.SIGNING_KEY_FILE, warn);
  if (signer === null)
    throw new Error('There is no signing key; SIGNING_KEY_FILE names the file that holds it.');
  const login = await logIn({ clobUrl: config.CLOB_URL, chainId: config.CHAIN_ID, signer });
  const beside = `${path}.new`;
  // Written beside and moved, so that nobody ever reads half of it; anew, since the mode of a file that is there stays.
  await rm(beside, { force: true });
  await writeFile(beside, `${JSON.stringify({ ...login, address: signer.address }, null, 2)}\n`, {
    mode: OWNER_ONLY,
    flag: 'wx',
  });
  await rename(beside, path);
  return `API credentials of ${signer.address} are in ${path}; only its owner may read it.`;
}

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The login failed.'}\n`);
  process.exitCode = 1;
}
