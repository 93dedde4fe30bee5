import { valuePositions } from '@slipstream/exchange';
import { type PriceMicros, type ShareMicros, type UsdMicros, usd } from '@slipstream/money';

/** A price for a position: where it comes from and when it was known to be true. */
export type Mark = { readonly priceMicros: PriceMicros; readonly at: Date; readonly source: string };

export type Valued = {
  readonly sharesMicros: ShareMicros;
  readonly costMicros: UsdMicros;
  readonly mark: Mark | null;
};

/** Sums that do not depend on a mark. */
export type Sums = {
  readonly cashMicros: UsdMicros;
  readonly realizedPnlMicros: UsdMicros;
  readonly feesMicros: UsdMicros;
};

export type Figures = Sums & {
  readonly exposureMicros: UsdMicros;
  /** Null while a position has no mark. */
  readonly equityMicros: UsdMicros | null;
  readonly unrealizedPnlMicros: UsdMicros | null;
  readonly openPositions: number;
  readonly unpricedPositions: number;
};

/**
 * The figures of an account, or of one leader's slice of it: equity is cash and what the positions are worth, unrealised
 * is worth less cost. A position without a mark is said to be so and makes both unknown; no price stands in for it.
 *
 * Units: micros, worth floored per position. Source: domain rules §7.
 */
export function figuresOf(sums: Sums, positions: readonly Valued[]): Figures {
  const held = positions.filter((position) => position.sharesMicros !== 0n);
  const value = valuePositions(
    held.map(({ sharesMicros, mark }) => ({ sharesMicros, markMicros: mark?.priceMicros ?? null })),
  );
  const cost = held.reduce((sum, position) => sum + position.costMicros, 0n);
  const priced = value.unpriced === 0;
  return {
    cashMicros: sums.cashMicros,
    realizedPnlMicros: sums.realizedPnlMicros,
    feesMicros: sums.feesMicros,
    exposureMicros: value.exposureMicros,
    equityMicros: priced ? usd(sums.cashMicros + value.worthMicros) : null,
    unrealizedPnlMicros: priced ? usd(value.worthMicros - cost) : null,
    openPositions: held.length,
    unpricedPositions: value.unpriced,
  };
}
