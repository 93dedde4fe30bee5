import {
  type FeeSchedule,
  fitToGrid,
  isKnownTick,
  orderAmounts,
  SIZE_STEP_MICROS,
  takerFee,
} from '@slipstream/exchange';
import {
  floorTo,
  mulDiv,
  notional,
  ONE,
  type PriceMicros,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import type { CopyIntent, LiveExecution, MarketBook, MarketMeta, ReasonCode } from '@slipstream/proto';
import { brokenLimit, type HardLimits, type Usage } from './limits.ts';
import { boundPrice } from './price-bounds.ts';

/** The exchange takes no marketable BUY under a dollar. Source: polymarket §2.5. */
const MARKETABLE_BUY_MIN_MICROS = ONE;
/** Rounds of shrinking a BUY to what is there: each loses at least a step, and the first is nearly exact. */
const SHRINK_ROUNDS_MAX = 8;

/** What the wallet can give right now: what the exchange says it has, less what our own orders hold or have just moved. */
type Funds = { readonly cashMicros: bigint; readonly sharesMicros: bigint };

export type PlanInputs = {
  readonly intent: CopyIntent;
  /** Null: none that is fresh and uncrossed. */
  readonly book: Pick<MarketBook, 'bids' | 'asks'> | null;
  readonly market: MarketMeta | null;
  readonly rules: LiveExecution;
  readonly funds: Funds;
  readonly usage: Usage;
  readonly limits: HardLimits;
};

/** An order to the last digit, or the reason why there is none. */
export type Plan =
  | {
      readonly kind: 'place';
      readonly priceMicros: PriceMicros;
      readonly sizeMicros: ShareMicros;
      readonly makerMicros: bigint;
      readonly takerMicros: bigint;
      /** The most that it may move, in dollars. */
      readonly notionalMicros: UsdMicros;
      /** Held back until it has ended: a BUY's dollars with its fee, a SELL's shares. */
      readonly reservedCashMicros: UsdMicros;
      readonly reservedSharesMicros: ShareMicros;
    }
  | { readonly kind: 'skip'; readonly reason: ReasonCode; readonly detail: string | null };

const skip = (reason: ReasonCode, detail: string | null = null): Plan => ({ kind: 'skip', reason, detail });

const costOf = (size: ShareMicros, at: PriceMicros, fees: FeeSchedule): bigint =>
  notional(size, at, 'up') + takerFee(size, at, fees);

/** The most shares of `size` that the cash pays for, fee included. */
function affordable(size: ShareMicros, at: PriceMicros, fees: FeeSchedule, cashMicros: bigint): ShareMicros {
  let fits = size;
  for (let round = 0; round < SHRINK_ROUNDS_MAX; round++) {
    const cost = costOf(fits, at, fees);
    if (cost <= cashMicros) return fits;
    const next = floorTo(mulDiv(fits, cashMicros < 0n ? 0n : cashMicros, cost, 'down'), SIZE_STEP_MICROS);
    fits = shares(next < fits ? next : fits - SIZE_STEP_MICROS);
    if (fits <= 0n) return shares(0n);
  }
  return costOf(fits, at, fees) <= cashMicros ? fits : shares(0n);
}

/** The size that the wallet can carry; zero when it can carry none. */
function carried(
  { intent, funds }: PlanInputs,
  size: ShareMicros,
  at: PriceMicros,
  fees: FeeSchedule,
): ShareMicros {
  if (intent.side === 'BUY') return affordable(size, at, fees, funds.cashMicros);
  const held = funds.sharesMicros < 0n ? 0n : floorTo(funds.sharesMicros, SIZE_STEP_MICROS);
  return held < size ? shares(held) : size;
}

const isBelowMinimum = (side: CopyIntent['side'], size: bigint, at: bigint, minimum: bigint): boolean =>
  size === 0n ||
  size < minimum ||
  (side === 'BUY' && mulDiv(size, at, ONE, 'down') < MARKETABLE_BUY_MIN_MICROS);

/** A price on the grid that is still marketable, or why there is none. */
function tickedPrice(
  inputs: PlanInputs,
): { readonly priceMicros: PriceMicros; readonly market: MarketMeta } | Plan {
  const { intent, book, market, rules } = inputs;
  if (book === null) return skip('LIVE_NO_FRESH_BOOK');
  if (market !== null && (market.closed || !market.acceptingOrders))
    return skip('LIVE_NO_FRESH_BOOK', 'the market takes no orders');
  const slippageBps = intent.side === 'BUY' ? rules.liveSlippageBpsBuy : rules.liveSlippageBpsSell;
  const bound = boundPrice(intent.side, book, intent.limitPriceMicros, slippageBps);
  if (bound === null) return skip('LIVE_ORDER_NOT_MARKETABLE_WITHIN_BOUNDS');
  if (market === null || !isKnownTick(market.tickMicros) || market.minOrderSizeMicros <= 0n)
    return skip('LIVE_INVALID_TICK_OR_STEP');
  const fitted = fitToGrid(
    { side: intent.side, sizeMicros: shares(SIZE_STEP_MICROS), priceMicros: bound.boundMicros },
    { tickMicros: market.tickMicros, sizeStepMicros: SIZE_STEP_MICROS, minSizeMicros: 0n },
  );
  if (fitted.kind === 'skip') return skip('LIVE_TICK_ROUNDING_VIOLATES_BOUNDS');
  const { priceMicros } = fitted.order;
  const marketable =
    intent.side === 'BUY' ? priceMicros >= bound.bestMicros : priceMicros <= bound.bestMicros;
  return marketable ? { priceMicros, market } : skip('LIVE_TICK_ROUNDING_VIOLATES_BOUNDS');
}

/**
 * Turns an intent into an order against the freshest book, in the order of the rules: price within bounds, on the
 * grid, not too small, carried by the wallet, and within what the key holder ever does.
 *
 * Units: micros. Errors: none; a refusal is a `skip` with its reason. Source: domain rules §6, 2–7.
 */
export function planOrder(inputs: PlanInputs): Plan {
  const { intent, usage, limits, rules } = inputs;
  const ticked = tickedPrice(inputs);
  if ('kind' in ticked) return ticked;
  const { priceMicros, market } = ticked;
  const fees: FeeSchedule = market;
  const minimum = market.minOrderSizeMicros;
  const wanted = shares(floorTo(intent.targetSizeMicros, SIZE_STEP_MICROS));
  if (isBelowMinimum(intent.side, wanted, priceMicros, minimum)) return skip('LIVE_BELOW_MIN_ORDER_SIZE');

  const sizeMicros = carried(inputs, wanted, priceMicros, fees);
  if (isBelowMinimum(intent.side, sizeMicros, priceMicros, minimum))
    return skip(
      intent.side === 'BUY' ? 'LIVE_INSUFFICIENT_CASH_TO_BUY' : 'LIVE_INSUFFICIENT_POSITION_TO_SELL',
    );

  const notionalMicros = notional(sizeMicros, priceMicros, 'up');
  const broken = brokenLimit({ notionalMicros, priceMicros }, usage, limits);
  if (broken !== null) return skip('LIVE_HARD_LIMIT', broken);

  const amounts = orderAmounts({
    side: intent.side,
    priceMicros,
    sizeMicros,
    tickMicros: market.tickMicros,
    orderType: rules.orderType,
  });
  if (amounts === null) return skip('LIVE_TICK_ROUNDING_VIOLATES_BOUNDS');
  const isBuy = intent.side === 'BUY';
  return {
    kind: 'place',
    priceMicros,
    sizeMicros,
    ...amounts,
    notionalMicros,
    reservedCashMicros: usd(isBuy ? costOf(sizeMicros, priceMicros, fees) : 0n),
    reservedSharesMicros: shares(isBuy ? 0n : sizeMicros),
  };
}
