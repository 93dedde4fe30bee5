import { isDeepStrictEqual } from 'node:util';
import type { Database } from '@slipstream/db';
import type { AccountState, MarketResolved } from '@slipstream/proto';
import type { Logger } from '@slipstream/runtime';
import type { Bookkeeper } from './bookkeeper.ts';
import { compare, type Difference } from './core/compare.ts';
import { depositOf } from './core/entry.ts';
import type { Held } from './core/holdings.ts';
import type { AccountId } from './core/post.ts';
import { payoutOf } from './core/settle.ts';
import type { Marks } from './marks.ts';
import { BASELINE_REF, readBaselineShares, readBaselines, writeBaseline } from './store/baseline.ts';
import { readResolutions } from './store/settlements.ts';

/** A list of positions may be behind: a holding counts as paid out when it is gone so long after its resolution. */
const PAID_OUT_AFTER_MS = 60_000;

export type LivePorts = {
  readonly db: Database;
  readonly bookkeeper: Pick<Bookkeeper, 'book' | 'accounts'>;
  readonly onPayout: Marks['onPayout'];
  readonly log: Logger;
};

/** The wallets of LIVE: the same ledger as PAPER's, begun and ended by what the exchange shows. */
export class LiveWallets {
  readonly #io: LivePorts;
  #baselines: ReadonlyMap<string, Date> = new Map();
  #baselineShares: ReadonlyMap<string, ReadonlyMap<string, bigint>> = new Map();
  readonly #differences = new Map<string, Difference>();

  constructor(io: LivePorts) {
    this.#io = io;
  }

  async recall(): Promise<void> {
    this.#baselines = await readBaselines(this.#io.db);
    this.#baselineShares = await readBaselineShares(this.#io.db);
  }

  /** When a wallet was first seen, which is where its ledger begins. */
  baselineOf(scope: string): Date | null {
    return this.#baselines.get(scope) ?? null;
  }

  /** Where the exchange and the ledger of each wallet parted last; a wallet that agrees is not in it. */
  differences(): readonly Difference[] {
    return [...this.#differences.values()];
  }

  /** Begins a wallet's ledger: its cash is deposited, what it holds is kept apart. Once. */
  async begin(state: AccountState): Promise<void> {
    const { bookkeeper, log } = this.#io;
    const { scope, asOf, cashMicros, positions } = state;
    const id: AccountId = { mode: 'LIVE', scope };
    const entry = depositOf(id, BASELINE_REF, cashMicros, new Date(asOf));
    await bookkeeper.book({ id, entries: [entry], settleConditions: [] }, async (sql, booked) => {
      if (booked.entries.length > 0) await writeBaseline(sql, state);
    });
    await this.recall();
    log.info({ scope, asOf, uncounted: positions.length }, 'live.baseline');
  }

  /** Ends the holdings that are resolved and that the exchange does not show any more. */
  async redeem(state: AccountState): Promise<void> {
    const shown = new Set(state.positions.map(({ tokenId }) => tokenId));
    const gone = this.#heldBy(state.scope).filter(({ holding }) => !shown.has(holding.tokenId));
    if (gone.length === 0) return;
    const conditions = [...new Set(gone.map(({ holding }) => holding.conditionId))];
    const resolutions = await readResolutions(this.#io.db, conditions);
    const asOf = Date.parse(state.asOf);
    const paid = gone.flatMap(({ holding }) => {
      const resolution = resolutions.get(holding.conditionId);
      const since = resolution === undefined ? null : asOf - Date.parse(resolution.resolvedAt);
      return since !== null && since > PAID_OUT_AFTER_MS ? [holding] : [];
    });
    if (paid.length === 0) return;
    await this.#io.bookkeeper.book({
      id: { mode: 'LIVE', scope: state.scope },
      entries: [],
      settleConditions: [...new Set(paid.map((holding) => holding.conditionId))].sort(),
      redeemed: new Set(paid.map((holding) => holding.tokenId)),
    });
  }

  /** Says where the exchange and the ledger part. Nothing is corrected: somebody has to look. */
  check(state: AccountState): void {
    const { scope } = state;
    const account = this.#io.bookkeeper.accounts().find(({ id }) => id.mode === 'LIVE' && id.scope === scope);
    if (account === undefined) return;
    const shares = new Map<string, bigint>();
    for (const { holding, position } of account.holdings.open.values())
      shares.set(holding.tokenId, (shares.get(holding.tokenId) ?? 0n) + position.sharesMicros);
    const { cashMicros } = account.holdings.account;
    const baseline = this.#baselineShares.get(scope) ?? new Map<string, bigint>();
    const difference = compare(state, { cashMicros, shares, baseline });
    const before = this.#differences.get(scope);
    if (difference === null) {
      this.#differences.delete(scope);
      return;
    }
    this.#differences.set(scope, difference);
    // A fill may be on its way: what stays the same from one state to the next is a difference.
    if (isDeepStrictEqual(before, difference)) this.#io.log.warn({ scope, ...difference }, 'live.differs');
  }

  /** What is held of resolved tokens is worth its payout until it is redeemed. */
  markPaidOut(resolutions: readonly MarketResolved[]): void {
    const held = new Set(this.#heldBy(null).map(({ holding }) => holding.tokenId));
    for (const resolution of resolutions)
      for (const { tokenId } of resolution.payouts) {
        const payout = held.has(tokenId) ? payoutOf(resolution, tokenId) : null;
        if (payout !== null) this.#io.onPayout(tokenId, payout, new Date(resolution.resolvedAt));
      }
  }

  /** What one wallet holds, or all of them. */
  #heldBy(scope: string | null): readonly Held[] {
    return this.#io.bookkeeper
      .accounts()
      .filter(({ id }) => id.mode === 'LIVE' && (scope === null || id.scope === scope))
      .flatMap(({ holdings }) => [...holdings.open.values()]);
  }
}
