import { type Bus, newTrace } from '@slipstream/bus';
import type { AccountPort, OrderVersion, VenueFill } from '@slipstream/exchange';
import type { PositionsClient } from '@slipstream/exchange/public-client';
import { shares, usd } from '@slipstream/money';
import { type AccountState, copyAccountLive, type MarketMeta } from '@slipstream/proto';
import type { Clock, Logger, Timer } from '@slipstream/runtime';
import { holdingsOf, type TokenBalance } from './core/holdings.ts';

/** Well under the two minutes after which live execution takes an account's state for stale. */
const EVERY_MS = 15_000;
/** After a fill: what comes in one burst is one look. */
const SOON_MS = 1_000;
/** Under a stream of fills there is one such look in this time. */
const APART_MS = 3_000;
/** How long the list of positions may be behind the order book. */
const LATELY_MS = 10 * 60_000;
/** Tokens traded lately whose balance is asked for in one look, the last traded first. */
const LATELY_MAX = 20;
/** The exchange keeps balances; this often it is told to read the chain again though nothing was heard of. */
const REFRESH_EVERY_MS = 60_000;

export type AccountOptions = {
  readonly account: Pick<AccountPort, 'balance' | 'refreshBalance'>;
  readonly positions: Pick<PositionsClient, 'of'>;
  readonly publish: Bus['publish'];
  readonly marketOf: (tokenId: string) => MarketMeta | undefined;
  readonly scope: string;
  /** The wallet whose money moves, in lower case. */
  readonly funder: string;
  readonly clock: Clock;
  readonly log: Logger;
};

type Traded = { readonly conditionId: string; readonly at: number; readonly stale: boolean };

/**
 * Publishes what the wallet has: every few seconds, and soon after each fill. A state is published whole or not at
 * all: where one question goes without an answer, the last state grows old, and whoever needs it sees that.
 */
export class Account {
  readonly #options: AccountOptions;
  readonly #lately = new Map<string, Traded>();
  #cashStale = true;
  #refreshedAt = 0;
  #hurriedAt = 0;
  #soon: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #last: AccountState | null = null;
  #trouble: string | null = null;

  constructor(options: AccountOptions) {
    this.#options = options;
    options.clock.every('account', EVERY_MS, () => this.tell());
  }

  /** The last state that was published. */
  last(): AccountState | null {
    return this.#last;
  }

  trouble(): string | null {
    return this.#trouble;
  }

  /** A fill moved cash and shares, or moved them back. */
  onFill(fill: VenueFill): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.#cashStale = true;
    this.#lately.delete(fill.tokenId);
    this.#lately.set(fill.tokenId, { conditionId: fill.conditionId, at: now.getTime(), stale: true });
    // Not put off by the next fill: under a stream of them, somebody still has to look.
    const due = Math.max(now.getTime() + SOON_MS, this.#hurriedAt + APART_MS);
    this.#soon ??= clock.at(new Date(due), 'account-soon', () => {
      this.#soon = null;
      this.#hurriedAt = due;
      return this.tell();
    });
  }

  /** Looks and publishes. Never rejects; asked for while a look is under way, it looks once more after it. */
  tell(): Promise<void> {
    if (this.#running !== null) this.#again = true;
    this.#running ??= this.#tell();
    return this.#running;
  }

  async #tell(): Promise<void> {
    try {
      do {
        this.#again = false;
        await this.#tellOnce();
      } while (this.#again);
    } finally {
      this.#running = null;
    }
  }

  async #tellOnce(): Promise<void> {
    const { publish, log } = this.#options;
    try {
      const state = await this.#read();
      await publish(copyAccountLive, state, newTrace(`account:${state.scope}:${state.asOf}`));
      this.#last = state;
      this.#trouble = null;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      log.warn({ error: this.#trouble }, 'account.untold');
    }
  }

  async #read(): Promise<AccountState> {
    const { account, positions, scope, funder, clock } = this.#options;
    const asked = clock.now();
    await this.#refreshCash(asked.getTime());
    const [cash, listed, balances] = await Promise.all([
      account.balance({ kind: 'collateral' }),
      positions.of(funder),
      Promise.all(this.#tradedLately(asked.getTime()).map((traded) => this.#balanceOf(...traded))),
    ]);
    return {
      scope,
      wallet: funder,
      cashMicros: usd(cash.balanceMicros),
      positions: [...holdingsOf(listed, balances)],
      asOf: asked.toISOString(),
    };
  }

  async #refreshCash(now: number): Promise<void> {
    if (!this.#cashStale && now - this.#refreshedAt < REFRESH_EVERY_MS) return;
    await this.#options.account.refreshBalance({ kind: 'collateral' });
    this.#cashStale = false;
    this.#refreshedAt = now;
  }

  #tradedLately(now: number): readonly (readonly [string, Traded])[] {
    for (const [tokenId, { at }] of this.#lately) if (now - at > LATELY_MS) this.#lately.delete(tokenId);
    return [...this.#lately].reverse().slice(0, LATELY_MAX);
  }

  async #balanceOf(tokenId: string, traded: Traded): Promise<TokenBalance> {
    const { account, marketOf } = this.#options;
    const version: OrderVersion = marketOf(tokenId)?.venueVersion === 'v2' ? 3 : 2;
    const asset = { kind: 'token', tokenId, version } as const;
    if (traded.stale) await account.refreshBalance(asset);
    const { balanceMicros } = await account.balance(asset);
    if (this.#lately.get(tokenId) === traded) this.#lately.set(tokenId, { ...traded, stale: false });
    return { tokenId, conditionId: traded.conditionId, sizeMicros: shares(balanceMicros) };
  }
}
