import { SIM_WALLETS, type SimWallet } from '../src/wallets.ts';
import { KeyStore, signRequest } from '../src/wire/keys.ts';
import type { TestSim } from './sim.ts';

/** The simulator's own wallet of a signature type. */
export function walletOf(signatureType: 0 | 1 | 2 | 3): SimWallet {
  const wallet = SIM_WALLETS[signatureType];
  if (wallet === undefined) throw new Error('no such wallet');
  return wallet;
}

/** Asks the exchange as the owner of one of its wallets. `path` may have a query, which is not signed. */
export async function askAs(
  sim: TestSim,
  wallet: SimWallet,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<{ status: number; body: never }> {
  const { key, secret, passphrase, address } = KeyStore.of(wallet.address, '0');
  const timestamp = String(Math.floor(sim.clock.now().getTime() / 1_000));
  const raw = body === undefined ? '' : JSON.stringify(body);
  const [signedPath = path] = path.split('?');
  const headers = {
    POLY_ADDRESS: address,
    POLY_API_KEY: key,
    POLY_PASSPHRASE: passphrase,
    POLY_TIMESTAMP: timestamp,
    POLY_SIGNATURE: signRequest(secret, timestamp, { method, path: signedPath, raw }),
  };
  const answer = await fetch(`${sim.endpoints.clob}${path}`, {
    method,
    headers,
    ...(raw === '' ? {} : { body: raw }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) as never };
}
