import { describe, expect, test } from 'vitest';
import { walletOf } from './wallet-of.ts';

/** The first account of the well-known development mnemonic. */
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

describe('the wallet of a key', () => {
  // As the exchange's Rust client works them out.
  test.each([
    [0, 137, ADDRESS.toLowerCase()],
    [1, 137, '0x365f0ca36ae1f641e02fe3b7743673da42a13a70'],
    [2, 137, '0xd93b25cb943d14d0d34fbaf01fc93a0f8b5f6e47'],
    [2, 80_002, '0xd93b25cb943d14d0d34fbaf01fc93a0f8b5f6e47'],
    [1, 80_002, null],
    [3, 137, null],
  ] as const)('of type %i on chain %i', (type, chainId, wallet) => {
    expect(walletOf(ADDRESS, type, chainId)).toBe(wallet);
  });
});
