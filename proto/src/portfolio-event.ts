import { z } from 'zod';
import { TradingMode } from './modes.ts';
import { Id, Instant, NotionalMicrosWire, UsdMicrosWire } from './scalars.ts';

const figures = {
  mode: TradingMode,
  scope: Id,
  cashMicros: UsdMicrosWire,
  exposureMicros: NotionalMicrosWire,
  /** Null while a position has no mark: an unknown is not a number. */
  equityMicros: UsdMicrosWire.nullable(),
  realizedPnlMicros: UsdMicrosWire,
  unrealizedPnlMicros: UsdMicrosWire.nullable(),
  feesMicros: NotionalMicrosWire,
  openPositions: z.int().min(0),
  unpricedPositions: z.int().min(0),
};

/** The account of one mode after a booking; `version` grows with every booking. */
export const PortfolioState = z.strictObject({ ...figures, version: z.int().min(0), at: Instant });
export type PortfolioState = z.infer<typeof PortfolioState>;

/** The same figures at the end of a minute, for the whole account (`leaderId` null) or one leader's slice. */
export const PortfolioSnapshot = z.strictObject({
  ...figures,
  /** The most that realised + unrealised − fees of this series has been by then, at least nothing. */
  peakProfitMicros: UsdMicrosWire,
  leaderId: Id.nullable(),
  bucketTime: Instant,
});
export type PortfolioSnapshot = z.infer<typeof PortfolioSnapshot>;
