import { floorTo, ONE, type PriceMicros, type ShareMicros, type UsdMicros, usd } from '@slipstream/money';

/** The exchange counts fees in hundred-thousandths of a dollar. */
const FEE_STEP_MICROS = 10n;

export type FeeSchedule = { readonly feeRateMicros: bigint; readonly feeExponent: number };

/**
 * The taker's fee: `shares × rate × (p × (1 − p))^exponent`, floored to five decimals, as observed on chain.
 *
 * Units: micros. Errors: RangeError for a negative size. Source: polymarket §3.
 */
export function takerFee(
  sizeMicros: ShareMicros,
  priceMicros: PriceMicros,
  schedule: FeeSchedule,
): UsdMicros {
  const exponent = BigInt(schedule.feeExponent);
  const odds = priceMicros * (ONE - priceMicros);
  // shares and rate carry one factor of a million each, every factor of the odds two; the result keeps one.
  const exact = (sizeMicros * schedule.feeRateMicros * odds ** exponent) / (ONE * ONE ** (2n * exponent));
  return usd(floorTo(exact, FEE_STEP_MICROS));
}
