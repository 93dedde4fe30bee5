import {
  floorTo,
  least,
  notional,
  type PriceMicros,
  type ShareMicros,
  shares,
  sharesFor,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import type { Side } from '@slipstream/proto';
import type { Book, Level } from './book.ts';

/** What was taken from one level; `level` is its index from the best. */
export type LevelFill = {
  readonly level: number;
  readonly priceMicros: PriceMicros;
  readonly sizeMicros: ShareMicros;
};

export type Walk = {
  readonly fills: readonly LevelFill[];
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
};

const isWithin = (side: Side, at: PriceMicros, limit: PriceMicros): boolean =>
  side === 'BUY' ? at <= limit : at >= limit;

/** The side of the book that an order of ours meets. */
const facing = (book: Book, side: Side): readonly Level[] => (side === 'BUY' ? book.asks : book.bids);

/** What a level's part costs a buyer (rounded up) or brings a seller (rounded down). */
export const levelNotional = (side: Side, size: ShareMicros, at: PriceMicros): UsdMicros =>
  notional(size, at, side === 'BUY' ? 'up' : 'down');

/**
 * Takes from the book, best level first, until the limit price, the size or the notional is reached.
 *
 * Each fill is a multiple of `sizeStepMicros`; the notional is rounded against us level by level.
 * Units: micros. Errors: none; an empty walk is an answer.
 */
export function walk(
  book: Book,
  side: Side,
  limit: PriceMicros,
  cap: { readonly sizeMicros?: ShareMicros; readonly notionalMicros?: UsdMicros },
  sizeStepMicros: bigint,
): Walk {
  const fills: LevelFill[] = [];
  let size = 0n;
  let paid = 0n;
  for (const [level, [at, offered]] of facing(book, side).entries()) {
    if (!isWithin(side, at, limit)) break;
    let take = offered;
    if (cap.sizeMicros !== undefined) take = least(take, shares(cap.sizeMicros - size));
    if (cap.notionalMicros !== undefined && at > 0n)
      take = least(take, sharesFor(usd(cap.notionalMicros - paid), at, 'down'));
    const whole = shares(floorTo(take, sizeStepMicros));
    if (whole === 0n) {
      if (take < offered) break;
      continue;
    }
    fills.push({ level, priceMicros: at, sizeMicros: whole });
    size += whole;
    paid += levelNotional(side, whole, at);
    if (take < offered) break;
  }
  return { fills, sizeMicros: shares(size), notionalMicros: usd(paid) };
}

/** What the book offers inside the limit, in dollars, floored per level. */
export function depthWithin(book: Book, side: Side, limit: PriceMicros): UsdMicros {
  let depth = 0n;
  for (const [at, offered] of facing(book, side)) {
    if (!isWithin(side, at, limit)) break;
    depth += notional(offered, at, 'down');
  }
  return usd(depth);
}
