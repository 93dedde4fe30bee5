import { type PriceMicros, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import { pricesOf } from './bounds.ts';
import {
  ADMISSION,
  AFFORDABLE,
  bookState,
  cashFor,
  EXECUTABLE,
  firstFailing,
  noFreshBook,
  notNearClose,
  type Priced,
} from './guardrails.ts';
import type { DecisionInputs } from './inputs.ts';
import { because, type Reasons } from './reasons.ts';
import { size, type Target } from './size.ts';

/** What an executed copy may take until it is final. */
export type Reserve = { readonly cashMicros: UsdMicros; readonly sharesMicros: ShareMicros };

export type Copy = {
  readonly kind: 'copy';
  readonly target: Target;
  readonly limitPriceMicros: PriceMicros;
  readonly reserve: Reserve;
};
export type Skip = {
  readonly kind: 'skip';
  readonly reasons: Reasons;
  /** Null when the decision ended before sizing. */
  readonly target: Target | null;
  /** Null when the decision ended before a book gave bounds. */
  readonly limitPriceMicros: PriceMicros | null;
};
/** Not yet: market data is missing that may still come. Never the answer once the wait is over. */
type Wait = { readonly kind: 'wait' };
export type Decision = Copy | Skip | Wait;

const skip = (
  reasons: Reasons,
  target: Target | null = null,
  limitPriceMicros: PriceMicros | null = null,
): Skip => ({ kind: 'skip', reasons, target, limitPriceMicros });

const WAIT: Wait = { kind: 'wait' };

/**
 * Copy, skip with reasons, or wait for market data: one group in one account. The same inputs give the same answer in
 * every mode, process and year.
 *
 * Checks run in the order of domain rules §4; all reasons of a check are collected, and the first check that fails
 * ends the evaluation. Units: micros. Errors: none.
 */
export function decide(inputs: DecisionInputs): Decision {
  const { config, market, book } = inputs;
  // A mode without a configuration is paused: no default stands in for it.
  if (config === null) return skip([because('ENGINE_PAUSED')]);
  const admitted = { ...inputs, config };
  const notAdmitted = firstFailing(ADMISSION, admitted);
  if (notAdmitted !== null) return skip(notAdmitted);

  if (market === null) return inputs.waited ? skip([because('MISSING_MARKET_DATA')]) : WAIT;
  const tooLate = notNearClose({ ...admitted, market });
  if (tooLate !== null) return skip(tooLate);

  const sized = size(inputs, config.sizing);
  if (sized.kind === 'refused') return skip(sized.reasons);
  const { target } = sized;

  const state = bookState(book, config.guardrails.bookFreshnessMs);
  if (book === null || state !== 'usable')
    return state === 'unusable' && !inputs.waited ? WAIT : skip([noFreshBook(inputs.mode)], target);
  const { side, priceMicros } = inputs.group;
  const prices = pricesOf(book, side, priceMicros, config);
  return decidePriced({ ...admitted, market, book, target, prices });
}

/** Checks 8 to the last, with everything at hand. */
function decidePriced(c: Priced): Decision {
  const { target, prices } = c;
  const unaffordable = firstFailing(AFFORDABLE, c);
  if (unaffordable !== null) return skip(unaffordable, target, prices?.limitMicros ?? null);
  // With a side missing the spread has no end.
  if (prices === null) return skip([because('SPREAD_TOO_WIDE')], target);
  const notExecutable = firstFailing(EXECUTABLE, { ...c, prices });
  if (notExecutable !== null) return skip(notExecutable, target, prices.limitMicros);
  return { kind: 'copy', target, limitPriceMicros: prices.limitMicros, reserve: reserveFor(c) };
}

/** A BUY holds back cash, a SELL the shares that it sells. */
const reserveFor = (c: Priced): Reserve =>
  c.group.side === 'BUY'
    ? { cashMicros: cashFor(c), sharesMicros: shares(0n) }
    : { cashMicros: usd(0n), sharesMicros: c.target.sizeMicros };
