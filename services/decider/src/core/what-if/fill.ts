import { levelNotional, SIZE_STEP_MICROS, takerFee, walk } from '@slipstream/exchange';
import { type ShareMicros, type UsdMicros, usd } from '@slipstream/money';
import type { Copy } from '../decide.ts';
import type { BookFacts, DecisionInputs, MarketFacts } from '../inputs.ts';

/** What a copy took from the recorded book. */
export type SimulatedFill = {
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly feeMicros: UsdMicros;
};

/**
 * Fills a copy at once from the levels that were recorded with its decision, as paper execution walks a book: best
 * level first within the limit, a BUY bounded by size and by dollars, in the exchange's steps; what is not there is
 * dropped. The taker fee is charged level by level.
 *
 * Units: micros. Errors: none; nothing filled is an answer. Source: domain rules §5.
 */
export function fillOf(
  { target, limitPriceMicros }: Pick<Copy, 'target' | 'limitPriceMicros'>,
  side: DecisionInputs['group']['side'],
  book: BookFacts,
  market: MarketFacts,
): SimulatedFill {
  const { sizeMicros, notionalMicros } = target;
  const cap = side === 'BUY' ? { sizeMicros, notionalMicros } : { sizeMicros };
  const walked = walk(book, side, limitPriceMicros, cap, SIZE_STEP_MICROS);
  let [paid, fee] = [0n, 0n];
  for (const level of walked.fills) {
    paid += levelNotional(side, level.sizeMicros, level.priceMicros);
    fee += takerFee(level.sizeMicros, level.priceMicros, market);
  }
  return { sizeMicros: walked.sizeMicros, notionalMicros: usd(paid), feeMicros: usd(fee) };
}
