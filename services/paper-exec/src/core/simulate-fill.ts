import { type Book, fitToGrid, SIZE_STEP_MICROS, takerFee, walk } from '@slipstream/exchange';
import {
  floorTo,
  notional,
  type PriceMicros,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import type { MarketMeta, ReasonCode } from '@slipstream/proto';
import { cutToCash, cutToPosition, paidFor } from './afford.ts';
import type { OrderTotals, PendingOrder } from './order.ts';
import type { OpenLevel } from './taken.ts';

/** One level consumed. */
export type LevelFill = {
  /** The level's index in the recorded book. */
  readonly index: number;
  readonly priceMicros: PriceMicros;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  readonly feeMicros: UsdMicros;
};

export type Simulation = { readonly totals: OrderTotals; readonly fills: readonly LevelFill[] };

/** Everything a fill depends on, all of it known at one instant. */
export type FillInputs = {
  readonly order: PendingOrder;
  /** The side that the order takes from, best first, with what we took of it before. */
  readonly levels: readonly OpenLevel[];
  readonly meta: MarketMeta;
  /** Null: the account is not known, which is not the same as empty. */
  readonly cashMicros: UsdMicros | null;
  /** What this order's leader's position holds. */
  readonly heldMicros: ShareMicros;
  readonly ignoresVenueRules: boolean;
};

/** Without the venue's rules a size may be any number of micros. */
const FREE_STEP = 1n;

/** The final word on an order that takes nothing. */
export const nothingFilled = (order: PendingOrder, reason: ReasonCode): Simulation => ({
  totals: {
    status: 'CANCELED',
    reason,
    sizeMicros: order.targetSizeMicros,
    filledSizeMicros: shares(0n),
    filledNotionalMicros: usd(0n),
    feeMicros: usd(0n),
    fillCount: 0,
  },
  fills: [],
});

type Fitted =
  | {
      readonly kind: 'order';
      readonly sizeMicros: ShareMicros;
      readonly limitMicros: PriceMicros;
      readonly step: bigint;
      readonly leastMicros: ShareMicros;
    }
  | { readonly kind: 'refused'; readonly reason: ReasonCode };

/** The order as the exchange would accept it. */
function fit({ order, meta, ignoresVenueRules }: FillInputs): Fitted {
  const { side, targetSizeMicros: sizeMicros, limitPriceMicros: priceMicros } = order;
  if (ignoresVenueRules)
    return {
      kind: 'order',
      sizeMicros,
      limitMicros: priceMicros,
      step: FREE_STEP,
      leastMicros: shares(FREE_STEP),
    };
  const grid = {
    tickMicros: meta.tickMicros,
    sizeStepMicros: SIZE_STEP_MICROS,
    minSizeMicros: meta.minOrderSizeMicros,
  };
  const fitted = fitToGrid({ side, sizeMicros, priceMicros }, grid);
  if (fitted.kind === 'skip') return { kind: 'refused', reason: fitted.reason };
  return {
    kind: 'order',
    sizeMicros: fitted.order.sizeMicros,
    limitMicros: fitted.order.priceMicros,
    step: SIZE_STEP_MICROS,
    leastMicros: meta.minOrderSizeMicros,
  };
}

/** The recorded levels less what we took of them before, and where each stood. */
function remaining(
  side: PendingOrder['side'],
  levels: readonly OpenLevel[],
): { book: Book; indices: number[] } {
  const left = levels.filter((level) => level.shownMicros > level.takenMicros);
  const open = left.map((l) => [l.priceMicros, shares(l.shownMicros - l.takenMicros)] as const);
  return {
    book: side === 'BUY' ? { bids: [], asks: open } : { bids: open, asks: [] },
    indices: left.map((level) => level.index),
  };
}

/**
 * Whether nothing more was wanted: the size is there, or the money that was set aside does not buy one more step at
 * the price that comes next.
 */
function isComplete(order: PendingOrder, sizeMicros: ShareMicros, walked: Walked, step: bigint): boolean {
  if (walked.sizeMicros >= sizeMicros) return true;
  if (order.side === 'SELL' || walked.nextPriceMicros === null) return false;
  const left = order.targetNotionalMicros - walked.notionalMicros;
  return paidFor(shares(step), walked.nextPriceMicros) > left;
}

type Walked = {
  readonly levels: readonly {
    readonly index: number;
    readonly priceMicros: PriceMicros;
    readonly sizeMicros: ShareMicros;
  }[];
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
  /** Where the next share would come from: what is left of the last level, or the one behind it; else the last price. */
  readonly nextPriceMicros: PriceMicros | null;
};

/** The levels that the order takes while neither its size nor its money runs out; SELL has no bound in money. */
function walkLevels(
  inputs: FillInputs,
  sizeMicros: ShareMicros,
  limitMicros: PriceMicros,
  step: bigint,
): Walked {
  const { order, levels } = inputs;
  const { book, indices } = remaining(order.side, levels);
  const cap =
    order.side === 'BUY' ? { sizeMicros, notionalMicros: order.targetNotionalMicros } : { sizeMicros };
  const walked = walk(book, order.side, limitMicros, cap, step);
  const taken = walked.fills.flatMap(({ level, ...fill }) => {
    const index = indices[level];
    return index === undefined || fill.sizeMicros === 0n ? [] : [{ ...fill, index }];
  });
  const open = order.side === 'BUY' ? book.asks : book.bids;
  const sizeAt = new Map(walked.fills.map((fill) => [fill.level, fill.sizeMicros]));
  const next = open.find(
    ([at, size], level) =>
      (order.side === 'BUY' ? at <= limitMicros : at >= limitMicros) &&
      size - (sizeAt.get(level) ?? 0n) >= step,
  );
  return {
    levels: taken,
    sizeMicros: walked.sizeMicros,
    notionalMicros: walked.notionalMicros,
    nextPriceMicros: next?.[0] ?? taken.at(-1)?.priceMicros ?? null,
  };
}

/**
 * Walks the book inside the order's bound as a FAK: what it takes stands, the rest is dropped.
 *
 * A BUY is bounded by the size and by the dollars that were decided, whichever ends first, so that a price above the
 * leader's never spends more than the guardrails allowed. Then the cash and the position of this instant have their
 * say: the order shrinks to what is there. An order that the shrinking makes smaller than the market's minimum takes
 * nothing.
 *
 * Units: micros. Errors: none; a refusal is a total with its reason. Source: domain rules §5, polymarket §2.6, §3.
 */
export function simulateFill(inputs: FillInputs): Simulation {
  const { order, meta } = inputs;
  const fitted = fit(inputs);
  if (fitted.kind === 'refused') return nothingFilled(order, fitted.reason);
  const { sizeMicros, limitMicros, step, leastMicros } = fitted;
  const feeOf = (size: ShareMicros, at: PriceMicros): UsdMicros => takerFee(size, at, meta);
  const end = (reason: ReasonCode | null, taken: Walked['levels']): Simulation =>
    settle(order, sizeMicros, reason, taken, feeOf);

  if (order.side === 'SELL') {
    const held = shares(floorTo(cutToPosition(sizeMicros, inputs.heldMicros), step));
    if (held < leastMicros) return nothingFilled(order, 'NOT_ENOUGH_POSITION_TO_SELL');
    const walked = walkLevels(inputs, held, limitMicros, step);
    if (walked.sizeMicros === 0n) return end('NO_LIQUIDITY_WITHIN_BOUNDS', []);
    if (!isComplete(order, held, walked, step)) return end('INSUFFICIENT_DEPTH', walked.levels);
    return end(held < sizeMicros ? 'NOT_ENOUGH_POSITION_TO_SELL' : null, walked.levels);
  }

  if (inputs.cashMicros === null) return nothingFilled(order, 'MISSING_EQUITY');
  const walked = walkLevels(inputs, sizeMicros, limitMicros, step);
  if (walked.sizeMicros === 0n) return end('NO_LIQUIDITY_WITHIN_BOUNDS', []);
  const costOf = (size: ShareMicros, at: PriceMicros): UsdMicros => usd(paidFor(size, at) + feeOf(size, at));
  const paid = cutToCash(walked.levels, inputs.cashMicros, step, costOf);
  if (paid.cut) {
    const covered = paid.levels.reduce((sum, level) => sum + level.sizeMicros, 0n);
    return covered < leastMicros
      ? nothingFilled(order, 'NOT_ENOUGH_CASH')
      : end('NOT_ENOUGH_CASH', paid.levels);
  }
  return end(isComplete(order, sizeMicros, walked, step) ? null : 'INSUFFICIENT_DEPTH', walked.levels);
}

/** The fills of the levels taken and the order's totals; without a reason the order is filled. */
function settle(
  order: PendingOrder,
  sizeMicros: ShareMicros,
  reason: ReasonCode | null,
  taken: Walked['levels'],
  feeOf: (size: ShareMicros, at: PriceMicros) => UsdMicros,
): Simulation {
  const fills = taken.map(
    (level): LevelFill => ({
      ...level,
      notionalMicros: notional(level.sizeMicros, level.priceMicros, order.side === 'BUY' ? 'up' : 'down'),
      feeMicros: feeOf(level.sizeMicros, level.priceMicros),
    }),
  );
  const sum = (of: (fill: LevelFill) => bigint): bigint =>
    fills.reduce((total, fill) => total + of(fill), 0n);
  return {
    totals: {
      status: reason === null ? 'FILLED' : 'CANCELED',
      reason,
      sizeMicros,
      filledSizeMicros: shares(sum((fill) => fill.sizeMicros)),
      filledNotionalMicros: usd(sum((fill) => fill.notionalMicros)),
      feeMicros: usd(sum((fill) => fill.feeMicros)),
      fillCount: fills.length,
    },
    fills,
  };
}
