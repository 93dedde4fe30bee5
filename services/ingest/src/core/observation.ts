import type { ShareMicros, UsdMicros } from '@slipstream/money';
import type { TradeIdentity, TradeSource } from '@slipstream/proto';

/** How much of one trade a source has shown so far, in all. */
export type Figure = { readonly sizeMicros: ShareMicros; readonly notionalMicros: UsdMicros };

/** What one source says of one leader trade. */
export type Observation = {
  readonly tradeId: string;
  readonly identity: TradeIdentity;
  readonly conditionId: string;
  readonly outcome: string | null;
  readonly figure: Figure;
  /** Milliseconds; whole seconds on these feeds. */
  readonly occurredAtMs: number;
  readonly source: TradeSource;
  /** Microseconds by the machine's clock, for measurement. */
  readonly seenAtMicros: number;
};

/** One row of a feed that is a trade, before rows of one trade are added up. */
export type TradeRow = Omit<Observation, 'figure' | 'source' | 'seenAtMicros'> &
  Figure & { readonly priceKey: string };
