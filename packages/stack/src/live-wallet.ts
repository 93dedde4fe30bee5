import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExchangeEndpoints } from './exchange-process.ts';

const DERIVE_WAIT_MS = 30_000;
const run = promisify(execFile);

/** What the key holder and the listener to the account are started with; empty for a system without a wallet. */
export type WalletEnv = {
  readonly liveExec: Readonly<Record<string, string>>;
  readonly userChannel: Readonly<Record<string, string>>;
};

export const NO_WALLET: WalletEnv = { liveExec: {}, userChannel: {} };

/**
 * Gives one of the simulator's wallets to the system: a well-known public test key in a file of its own, and API
 * credentials that live-exec's own command derives from it. Nothing but that command and live-exec reads the key.
 *
 * Empty where the simulator has no such wallet. Errors: what the command says when the simulator refuses the login.
 */
export async function takeSimWallet(options: {
  readonly dataDir: string;
  readonly root: string;
  readonly node: string;
  readonly searchPath: string;
  readonly endpoints: ExchangeEndpoints;
  /** Which of the simulator's wallets, and what the system calls it. */
  readonly index: number;
  readonly walletId: string;
}): Promise<WalletEnv> {
  const { endpoints, dataDir, index, walletId } = options;
  const wallet = endpoints.wallets[index];
  if (wallet === undefined) return NO_WALLET;
  const dir = join(dataDir, 'wallet', walletId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const keyFile = join(dir, 'signing-key');
  await writeFile(keyFile, `${wallet.privateKey}\n`, { mode: 0o600 });
  const shared = {
    WALLET_ID: walletId,
    API_CREDENTIALS_FILE: join(dir, 'api-credentials.json'),
    CHAIN_ID: String(endpoints.chainId ?? 137),
    SIGNATURE_TYPE: String(wallet.signatureType),
    FUNDER_ADDRESS: wallet.funder,
  };
  const liveExec = { ...shared, SIGNING_KEY_FILE: keyFile };
  const command = join('services', 'live-exec', 'src', 'derive-credentials.ts');
  await run(options.node, ['--conditions=source', command, '--force'], {
    cwd: options.root,
    env: { PATH: options.searchPath, CLOB_URL: endpoints.clob, ...liveExec },
    timeout: DERIVE_WAIT_MS,
  });
  return { liveExec, userChannel: { ...shared, SIGNER_ADDRESS: wallet.address } };
}
