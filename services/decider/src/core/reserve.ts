import { takerFee } from '@slipstream/exchange';
import { least, most, ONE, type PriceMicros, price, type UsdMicros, usd } from '@slipstream/money';
import type { MarketFacts } from './inputs.ts';
import type { Target } from './size.ts';

const HALF: PriceMicros = price(ONE / 2n);

/** The price between the leader's and our worst at which the fee of a share is highest: the nearest to a half. */
function dearestFeePrice(leaderPrice: PriceMicros, maxWorsening: PriceMicros): PriceMicros {
  const worst = price(least(leaderPrice + maxWorsening, ONE));
  return most(leaderPrice, least(worst, HALF));
}

/**
 * The most cash that a BUY can take: its notional, and the taker fee at the price in its range where that is highest.
 *
 * The range begins at the leader's price: under it, shares cost less by more than their fee can grow. Fees are
 * floored level by level, so that many levels never cost more than one.
 * Units: micros. Source: domain rules §5; the exchange's fee formula.
 */
export function cashNeeded(
  target: Target,
  leaderPrice: PriceMicros,
  maxWorsening: PriceMicros,
  market: Pick<MarketFacts, 'feeRateMicros' | 'feeExponent'>,
): UsdMicros {
  const fee = takerFee(target.sizeMicros, dearestFeePrice(leaderPrice, maxWorsening), market);
  return usd(target.notionalMicros + fee);
}
