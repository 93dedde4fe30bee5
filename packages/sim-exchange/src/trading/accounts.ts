import { least } from '@slipstream/money';
import { MAX_ALLOWANCE, NEG_RISK_ADAPTER, spendersOn } from './contracts.ts';
import type { TradingSwitches } from './switches.ts';
import type { AccountView, Approval, Asset, AssetView, Funding } from './types.ts';

/** What a wallet gives and gets at once; below zero is given. Micros. */
export type Movement = {
  readonly address: string;
  /** The contract that moves it, whose approval wears off by what it takes. */
  readonly spender: string;
  readonly tokenId: string;
  readonly cashMicros: bigint;
  readonly sharesMicros: bigint;
};

/** What open orders bind. */
export type Reserved = { readonly cashMicros: bigint; readonly tokens: ReadonlyMap<string, bigint> };

type Wallet = {
  cash: bigint;
  readonly tokens: Map<string, bigint>;
  heldCash: bigint;
  readonly heldTokens: Map<string, bigint>;
  readonly allowances: Map<string, bigint>;
  readonly operators: Set<string>;
  /** What the exchange last read, by asset. */
  readonly seen: Map<string, AssetView>;
};

const emptyWallet = (): Wallet => ({
  cash: 0n,
  tokens: new Map(),
  heldCash: 0n,
  heldTokens: new Map(),
  allowances: new Map(),
  operators: new Set(),
  seen: new Map(),
});

const COLLATERAL = 'collateral';
const keyOf = (asset: Asset): string => (asset.kind === 'collateral' ? COLLATERAL : asset.tokenId);

const add = (amounts: Map<string, bigint>, key: string, micros: bigint): void => {
  const sum = (amounts.get(key) ?? 0n) + micros;
  if (sum < 0n) throw new RangeError(`a wallet would have less than nothing of ${key}`);
  if (sum === 0n) amounts.delete(key);
  else amounts.set(key, sum);
};

const given = (micros: bigint): bigint => (micros < 0n ? -micros : 0n);

/**
 * What wallets have on the chain, what of it is promised, and what the exchange believes of it. Every dollar that was
 * ever paid in is in a wallet, among the fees, or outside: with strangers and behind outcome tokens.
 */
export class Accounts {
  readonly #wallets = new Map<string, Wallet>();
  readonly #spenders: readonly string[];
  readonly #switches: TradingSwitches;
  readonly #reservedOf: (address: string) => Reserved;
  #funded = 0n;
  #fees = 0n;
  #outside = 0n;

  constructor(chainId: number, switches: TradingSwitches, reservedOf: (address: string) => Reserved) {
    this.#spenders = spendersOn(chainId);
    this.#switches = switches;
    this.#reservedOf = reservedOf;
  }

  /** Asking after a wallet does not make one. */
  #look(address: string): Wallet {
    return this.#wallets.get(address) ?? emptyWallet();
  }

  #wallet(address: string): Wallet {
    const wallet = this.#look(address);
    this.#wallets.set(address, wallet);
    return wallet;
  }

  /** Errors: RangeError for less than nothing. */
  fund(address: string, { cashMicros = 0n, tokens = {} }: Funding): void {
    if (cashMicros < 0n) throw new RangeError('a wallet is given money, not robbed of it');
    const wallet = this.#wallet(address);
    wallet.cash += cashMicros;
    this.#funded += cashMicros;
    for (const [tokenId, micros] of Object.entries(tokens)) add(wallet.tokens, tokenId, micros);
  }

  approve(address: string, { spender, collateralMicros, tokens }: Approval): void {
    const wallet = this.#wallet(address);
    for (const one of spender === 'all' ? this.#spenders : [spender]) {
      if (collateralMicros !== null) wallet.allowances.set(one, collateralMicros);
      if (tokens === true) wallet.operators.add(one);
      if (tokens === false) wallet.operators.delete(one);
    }
  }

  #read({ cash, tokens, allowances, operators }: Wallet, asset: Asset): AssetView {
    const allowed = (spender: string): bigint => {
      if (spender === NEG_RISK_ADAPTER && this.#switches.adapterNotApproved) return 0n;
      if (asset.kind === 'collateral') return allowances.get(spender) ?? 0n;
      return operators.has(spender) ? MAX_ALLOWANCE : 0n;
    };
    return {
      balanceMicros: asset.kind === 'collateral' ? cash : (tokens.get(asset.tokenId) ?? 0n),
      allowances: new Map(this.#spenders.map((spender) => [spender, allowed(spender)])),
    };
  }

  refresh(address: string, asset: Asset): void {
    const wallet = this.#look(address);
    wallet.seen.set(keyOf(asset), this.#read(wallet, asset));
  }

  /** The exchange's own view. A token that it never read is one of which it knows no balance, when it is stale. */
  known(address: string, asset: Asset): AssetView {
    const wallet = this.#look(address);
    const now = this.#read(wallet, asset);
    const seen = wallet.seen.get(keyOf(asset));
    if (!this.#switches.staleBalances || (seen === undefined && asset.kind === 'collateral')) {
      wallet.seen.set(keyOf(asset), now);
      return now;
    }
    return seen ?? { ...now, balanceMicros: 0n };
  }

  /** What an order is measured against: neither more than is believed nor more than is there. */
  spendable(address: string, asset: Asset) {
    const wallet = this.#look(address);
    const view = this.known(address, asset);
    const reserved = this.#reservedOf(address);
    const [active, matched] =
      asset.kind === 'collateral'
        ? [reserved.cashMicros, wallet.heldCash]
        : [reserved.tokens.get(asset.tokenId) ?? 0n, wallet.heldTokens.get(asset.tokenId) ?? 0n];
    const balance = least(view.balanceMicros, this.#read(wallet, asset).balanceMicros);
    return { balance, active, matched, free: balance - active - matched, allowances: view.allowances };
  }

  /** Promises what a movement gives, until it is applied or released. */
  hold(movement: Movement): void {
    this.#promise(movement, 1n);
  }

  release(movement: Movement): void {
    this.#promise(movement, -1n);
  }

  #promise({ address, tokenId, cashMicros, sharesMicros }: Movement, times: bigint): void {
    const wallet = this.#wallet(address);
    wallet.heldCash += given(cashMicros) * times;
    add(wallet.heldTokens, tokenId, given(sharesMicros) * times);
  }

  /** Moves on the chain what was held. What nobody here gave or got is outside's. Errors: RangeError below zero. */
  apply(movements: readonly Movement[], feeMicros: bigint): void {
    let paidOut = feeMicros;
    for (const movement of movements) {
      const wallet = this.#wallet(movement.address);
      this.release(movement);
      add(wallet.tokens, movement.tokenId, movement.sharesMicros);
      wallet.cash += movement.cashMicros;
      if (wallet.cash < 0n) throw new RangeError('a wallet would have less than no money');
      paidOut += movement.cashMicros;
      const allowance = wallet.allowances.get(movement.spender) ?? 0n;
      if (allowance !== MAX_ALLOWANCE && movement.cashMicros < 0n)
        wallet.allowances.set(movement.spender, allowance - least(allowance, given(movement.cashMicros)));
    }
    this.#fees += feeMicros;
    this.#outside -= paidOut;
  }

  /** Takes all shares of a token that are not promised to anybody, for so much a share; gives how many. */
  burn(address: string, tokenId: string, payFor: (sharesMicros: bigint) => bigint): bigint {
    const wallet = this.#wallets.get(address);
    if (wallet === undefined) return 0n;
    const free = (wallet.tokens.get(tokenId) ?? 0n) - (wallet.heldTokens.get(tokenId) ?? 0n);
    add(wallet.tokens, tokenId, -free);
    const paid = payFor(free);
    wallet.cash += paid;
    this.#outside -= paid;
    return free;
  }

  view(address: string): AccountView {
    const { cash, tokens, heldCash, heldTokens } = this.#look(address);
    const reserved = this.#reservedOf(address);
    return {
      address,
      cashMicros: cash,
      tokens: new Map(tokens),
      reservedCashMicros: reserved.cashMicros,
      reservedTokens: reserved.tokens,
      heldCashMicros: heldCash,
      heldTokens: new Map(heldTokens),
    };
  }

  addresses(): readonly string[] {
    return [...this.#wallets.keys()];
  }

  totals() {
    const wallets = [...this.#wallets.values()];
    return {
      fundedMicros: this.#funded,
      cashMicros: wallets.reduce((sum, { cash }) => sum + cash, 0n),
      feesMicros: this.#fees,
      outsideMicros: this.#outside,
    };
  }
}
