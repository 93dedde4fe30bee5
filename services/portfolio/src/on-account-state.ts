import type { Delivery } from '@slipstream/bus';
import type { AccountState } from '@slipstream/proto';

export type AccountPorts = {
  readonly baselineOf: (scope: string) => Date | null;
  /** Begins a wallet's ledger with what it has. Once. */
  readonly begin: (state: AccountState) => Promise<void>;
  /** Ends the holdings that are resolved and that the exchange does not show any more. */
  readonly redeem: (state: AccountState) => Promise<void>;
  /** Looks whether the ledger agrees with it. */
  readonly check: (state: AccountState) => void;
};

/**
 * Consumes `copy.account.live`. Redelivery-safe: a ledger begins once, and a holding is settled once per episode.
 *
 * 1. The first state of a wallet is its baseline: its cash is deposited. What it held by then is kept apart.
 * 2. Of the rest only the newest state counts: holdings of resolved tokens that are gone from it were paid out.
 * 3. Where it and the ledger part is said, and nothing else done about it.
 */
export const onAccountState =
  (io: AccountPorts) =>
  async (batch: readonly Delivery<AccountState>[]): Promise<void> => {
    const scopes = Map.groupBy(
      batch.map(({ message }) => message),
      (state) => state.scope,
    );
    for (const [scope, states] of scopes) {
      const inTime = [...states].sort((a, b) => (a.asOf < b.asOf ? -1 : 1));
      const [first, newest] = [inTime.at(0), inTime.at(-1)];
      if (first === undefined || newest === undefined) continue;
      if (io.baselineOf(scope) === null) await io.begin(first);
      await io.redeem(newest);
      io.check(newest);
    }
  };
