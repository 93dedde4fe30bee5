import { MAX_ALLOWANCE } from './trading/contracts.ts';
import type { Trading } from './trading/trading.ts';

const DOLLAR = 1_000_000n;
const FUNDED_MICROS = 10_000n * DOLLAR;

/** A wallet that may trade here from the start. Its key is public, and must never hold anything anywhere. */
export type SimWallet = {
  readonly privateKey: string;
  /** Of the key, in lower case. */
  readonly address: string;
  /** Whose money moves. */
  readonly funder: string;
  readonly signatureType: 0 | 1 | 2 | 3;
};

/**
 * The first accounts of the well-known development mnemonic ("test test … junk"), which everybody has: key, address and
 * the wallet that the exchange's factories give the address for its signature type. Clients work that wallet out.
 */
const ACCOUNTS = [
  [
    '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
    '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
    '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  ],
  [
    '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
    '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
    '0xd9d24e482c11f586cd9a1a53dc3eec6de3883862',
  ],
  [
    '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
    '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
    '0x955c807b9336876aa22d2413ed40ebe296503a93',
  ],
  [
    '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
    '0x90f79bf6eb2c4f870365e785982e1f101e93b906',
    '0x4993b677e994b241238d9cdf597dbee6705ca097',
  ],
] as const;
const TYPES = [0, 1, 2, 3] as const;

/** One wallet for each signature type; from type 1 on the money lies in a wallet of its own. */
export const SIM_WALLETS: readonly SimWallet[] = TYPES.map((signatureType): SimWallet => {
  const [privateKey, address, funder] = ACCOUNTS[signatureType];
  return { privateKey, address, funder, signatureType };
});

/** Gives every wallet money and every approval that trading needs. */
export function fundWallets(trading: Trading): void {
  for (const { funder } of SIM_WALLETS) {
    trading.fund(funder, { cashMicros: FUNDED_MICROS });
    trading.approve(funder, { spender: 'all', collateralMicros: MAX_ALLOWANCE, tokens: true });
  }
}
