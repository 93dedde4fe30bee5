import type { AccountState } from '@slipstream/proto';

/** Differences up to these are roundings: a hundredth of a share, a cent. Units: micros. Source: domain rules §7. */
const DUST_MICROS = 10_000n;

export type Difference = {
  /** What the exchange shows less what we count, in micros. */
  readonly cashMicros: bigint;
  /** Tokens of which the exchange shows more or less than the ledger and the baseline together. */
  readonly tokenIds: readonly string[];
};

type Sizes = ReadonlyMap<string, bigint>;

const isDust = (n: bigint): boolean => (n < 0n ? -n : n) <= DUST_MICROS;

/** What the exchange shows of a wallet beside what we count of it; null when they agree, but for dust. Units: micros. */
export function compare(
  state: AccountState,
  counted: { readonly cashMicros: bigint; readonly shares: Sizes; readonly baseline: Sizes },
): Difference | null {
  const shown = new Map(state.positions.map(({ tokenId, sizeMicros }) => [tokenId, sizeMicros as bigint]));
  const all = new Set([...shown.keys(), ...counted.shares.keys(), ...counted.baseline.keys()]);
  const tokenIds = [...all].filter(
    (tokenId) =>
      !isDust(
        (shown.get(tokenId) ?? 0n) -
          (counted.shares.get(tokenId) ?? 0n) -
          (counted.baseline.get(tokenId) ?? 0n),
      ),
  );
  const cashMicros = state.cashMicros - counted.cashMicros;
  return isDust(cashMicros) && tokenIds.length === 0
    ? null
    : { cashMicros: isDust(cashMicros) ? 0n : cashMicros, tokenIds: tokenIds.sort() };
}
