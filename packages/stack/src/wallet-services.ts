import type { ServiceName } from '@slipstream/proto';
import type { ExchangeEndpoints } from './exchange-process.ts';
import { NO_WALLET, takeSimWallet, type WalletEnv } from './live-wallet.ts';
import { SERVICE_READY_WAIT_MS, startService } from './service-process.ts';
import { ROOT, type StackOptions, type Stop } from './stack-options.ts';
import type { Supervised } from './supervised.ts';

/** Services of which each wallet has its own. */
export const WALLET_SERVICES = ['live-exec', 'user-channel'] as const satisfies readonly ServiceName[];

/** What a wallet's process of a service is called: who it is on the bus, and where it logs. */
export const walletServiceName = (service: ServiceName, walletId: string): string => `${service}-${walletId}`;

/**
 * On the machine's clock the simulator's wallet is there from the start, and live trading is off until somebody
 * switches it. On a tape nothing is traded for real: what live orders take of a book would be missing on paper.
 */
export const openWallet = (
  options: StackOptions,
  endpoints: ExchangeEndpoints,
  walletId: string,
  index: number,
): Promise<WalletEnv> =>
  options.clockUrl !== null || options.exchange.kind === 'polymarket'
    ? Promise.resolve(NO_WALLET)
    : takeSimWallet({ ...options, endpoints, walletId, index, root: ROOT, node: process.execPath });

/** Starts what the wallets beside the default one need, one key holder and one listener for each. */
export async function startWallets(
  options: StackOptions,
  stops: Stop[],
  endpoints: ExchangeEndpoints,
  envOf: (name: ServiceName, own: Readonly<Record<string, string>>, user: string) => Record<string, string>,
): Promise<ReadonlyMap<string, Supervised>> {
  const started = new Map<string, Supervised>();
  for (const [i, walletId] of (options.wallets ?? []).entries()) {
    const wallet = await openWallet(options, endpoints, walletId, i + 1);
    for (const service of WALLET_SERVICES) {
      const name = walletServiceName(service, walletId);
      const own = service === 'live-exec' ? wallet.liveExec : wallet.userChannel;
      const process = startService(name, service, options, envOf(service, own, name));
      started.set(name, process);
      stops.push([name, process.stop]);
      process.onExit(options.onProgress);
    }
  }
  await Promise.all([...started.values()].map((process) => process.ready(SERVICE_READY_WAIT_MS)));
  return started;
}
