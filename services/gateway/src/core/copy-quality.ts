import { ONE, type PriceMicros, type ShareMicros, type UsdMicros, usd, vwap } from '@slipstream/money';
import type { Side } from '@slipstream/proto';

/** The average price of what was filled, floored; null when nothing was. Units: micros. */
export const averagePrice = (notionalMicros: UsdMicros, sizeMicros: ShareMicros): PriceMicros | null =>
  sizeMicros === 0n ? null : vwap(notionalMicros, sizeMicros);

/** How much worse than the leader's our price is, per share: negative is better. Units: micros. */
export function slippage(side: Side, ours: PriceMicros | null, leaders: PriceMicros): UsdMicros | null {
  if (ours === null) return null;
  return usd(side === 'BUY' ? ours - leaders : leaders - ours);
}

/** What a share has cost on average, floored; zero for no shares. Units: micros. */
export const averageCost = (costMicros: UsdMicros, sharesMicros: ShareMicros): UsdMicros =>
  usd(sharesMicros === 0n ? 0n : (costMicros * ONE) / sharesMicros);
