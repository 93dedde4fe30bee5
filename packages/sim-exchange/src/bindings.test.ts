import { expect, test } from 'vitest';
import { Bindings } from './bindings.ts';
import { walletFrom } from './venue/market.ts';
import { SIM_WALLETS } from './wallets.ts';

test('proxies and Safes follow from the key, as the official clients work them out', () => {
  const bindings = new Bindings();
  for (const { address, funder, signatureType } of SIM_WALLETS.slice(0, 3))
    expect(bindings.funderOf(address, signatureType)).toBe(funder);
});

test('deposit wallets, and what else is wanted, are bound by hand', () => {
  const bindings = new Bindings(SIM_WALLETS);
  const [key, wallet] = [walletFrom('key'), walletFrom('wallet')];
  const known = SIM_WALLETS[3];
  expect(bindings.funderOf(known?.address ?? '', 3)).toBe(known?.funder);
  expect([bindings.funderOf(key, 3), bindings.funderOf(key, 7)]).toEqual([null, null]);
  const proxy = bindings.funderOf(key, 1);
  bindings.bind(key, 3, wallet);
  bindings.bind(key, 2, wallet);
  expect([1, 2, 3].map((type) => bindings.funderOf(key, type))).toEqual([proxy, wallet, wallet]);
  expect(bindings.addressesOf(key)).toEqual([key, proxy, wallet]);
});
