import { startTestSystem, type TestSystem } from '@slipstream/testkit';
import type { SimTrade } from './copied.ts';

export type TradingSystem = TestSystem & {
  readonly wallets: readonly string[];
  /** A wallet of the simulator by its number. Errors: there are fewer. */
  readonly walletAt: (index: number) => string;
  readonly burst: (body: object) => Promise<{ readonly trades: SimTrade[] }>;
};

export type TradingOptions = {
  readonly leaders?: number;
  readonly serviceEnv?: Parameters<typeof startTestSystem>[1];
  /** Ours beside the default one. */
  readonly wallets?: readonly string[];
  /** Prices stay where they are, for what must come out the same however long a step takes. */
  readonly steady?: boolean;
};

/** All services as processes against a simulator whose leaders are followed and trade on request alone. */
export async function startTradingSystem(
  seed: number,
  { leaders = 4, serviceEnv = {}, wallets = [], steady = false }: TradingOptions = {},
): Promise<TradingSystem> {
  const args = ['--seed', String(seed), '--wallets', String(leaders), '--rate', '0', '--hold'];
  if (steady) args.push('--steady');
  const system = await startTestSystem(args, serviceEnv, wallets);
  const { wallets: leading } = await system.sim<{ wallets: string[] }>('/state');
  await system.follow(...leading);
  await system.sim('/start', {});
  return {
    ...system,
    wallets: leading,
    walletAt: (index) => {
      const wallet = leading[index];
      if (wallet === undefined) throw new Error('the simulator has too few leaders');
      return wallet;
    },
    burst: (body) => system.sim('/burst', body),
  };
}
