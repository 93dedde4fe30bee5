import { floorTo, ONE } from '@slipstream/money';
import type { Market } from './market.ts';

/** The exchange counts fees in hundred-thousandths of a dollar. */
const FEE_STEP_MICROS = 10n;

/**
 * What a taker pays: shares × rate × (p(1 − p))^exponent, floored to five decimals. Resting orders pay nothing.
 * Units: micros. Source: polymarket §3.
 */
export function takerFeeMicros(
  market: Pick<Market, 'feeRateMicros' | 'feeExponent'>,
  sizeMicros: bigint,
  priceMicros: bigint,
): bigint {
  const exponent = BigInt(market.feeExponent);
  const odds = (priceMicros * (ONE - priceMicros)) ** exponent;
  return floorTo(
    (sizeMicros * market.feeRateMicros * odds) / (ONE * ONE ** (2n * exponent)),
    FEE_STEP_MICROS,
  );
}
