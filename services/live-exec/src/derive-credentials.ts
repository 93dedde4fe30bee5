import { existsSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
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

/**
 * Writes a file that only its owner may read: whole, or not at all. It is written beside and moved, so that nobody ever
 * reads half of it. Errors: there is one already, and it is not to be replaced.
 */
async function writeSecretFile(path: string, text: string, replace: boolean): Promise<void> {
  const beside = `${path}.new`;
  // Whoever left half a file behind does not decide who may read the whole one.
  await rm(beside, { force: true });
  try {
    const file = await open(beside, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, unlike a move, is refused where somebody was faster.
    await (replace ? rename(beside, path) : link(beside, path));
  } finally {
    await rm(beside, { force: true });
  }
}

async function main(): Promise<string> {
  const config = loadConfig(Environment);
  const path = config.API_CREDENTIALS_FILE;
  const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
  // Asked before the login, which may end what an older login gave.
  if (existsSync(path) && !values.force) throw new Error(`${path} is there already; --force writes it anew.`);
  const warn = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  const signer = await readSigner(config.SIGNING_KEY_FILE, warn);
  if (signer === null)
    throw new Error('There is no signing key; SIGNING_KEY_FILE names the file that holds it.');
  const login = await logIn({ clobUrl: config.CLOB_URL, chainId: config.CHAIN_ID, signer });
  const text = `${JSON.stringify({ ...login, address: signer.address }, null, 2)}\n`;
  await writeSecretFile(path, text, values.force);
  return `API credentials of ${signer.address} are in ${path}; only its owner may read it.`;
}

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The login failed.'}\n`);
  // A login without an answer would keep the process for as long as the other side likes.
  process.exit(1);
}
