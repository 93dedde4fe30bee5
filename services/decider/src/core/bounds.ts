import { type Book, bestAsk, bestBid, type Level } from '@slipstream/exchange';
import { least, most, mulDiv, ONE, type PriceMicros, price } from '@slipstream/money';
import type { Side } from '@slipstream/proto';
import type { ConfigFacts } from './inputs.ts';

/** The best prices of a book with two sides, and the worst that we accept: most for a BUY, least for a SELL. */
export type Prices = {
  readonly bidMicros: PriceMicros;
  readonly askMicros: PriceMicros;
  /** Our bound against the leader's own price. */
  readonly theirsMicros: PriceMicros;
  /** Our bound against the middle of our book. */
  readonly midMicros: PriceMicros;
  /** The stricter of the two: what the intent carries. */
  readonly limitMicros: PriceMicros;
};

/** Prices end at nothing and at certainty. */
const within = (n: bigint): PriceMicros => price(most(least(n, ONE), 0n));

/** How far we go from the leader's price and from the middle; a live sale may have distances of its own. */
function distances(side: Side, { guardrails, sale }: Pick<ConfigFacts, 'guardrails' | 'sale'>) {
  const { maxWorseningMicros, maxOverMidMicros } = guardrails;
  if (side === 'BUY' || sale === null) return { maxWorseningMicros, maxOverMidMicros };
  return {
    maxWorseningMicros: sale.sellMaxWorseningMicros ?? maxWorseningMicros,
    maxOverMidMicros: sale.sellMaxUnderMidMicros ?? maxOverMidMicros,
  };
}

/**
 * BUY: `min(T + maxWorsening, M + maxOverMid)`; SELL: `max(T − maxWorsening, M − maxOverMid)`, with T the leader's
 * average and M our middle. An uneven middle is rounded to our side, so that rounding never loosens a bound.
 *
 * Null for a book with a side missing: it has neither a middle nor a spread.
 * Units: micros. Errors: none. Source: domain rules §4.
 */
export function pricesOf(
  book: Book,
  side: Side,
  leaderPrice: PriceMicros,
  config: Pick<ConfigFacts, 'guardrails' | 'sale'>,
): Prices | null {
  const bidMicros = bestBid(book);
  const askMicros = bestAsk(book);
  if (bidMicros === null || askMicros === null) return null;
  const { maxWorseningMicros, maxOverMidMicros } = distances(side, config);
  const buying = side === 'BUY';
  const middle = mulDiv(bidMicros + askMicros, 1n, 2n, buying ? 'down' : 'up');
  const theirsMicros = within(buying ? leaderPrice + maxWorseningMicros : leaderPrice - maxWorseningMicros);
  const midMicros = within(buying ? middle + maxOverMidMicros : middle - maxOverMidMicros);
  const limitMicros = buying ? least(theirsMicros, midMicros) : most(theirsMicros, midMicros);
  return { bidMicros, askMicros, theirsMicros, midMicros, limitMicros };
}

/** Whether the best price that we could trade at is on the wrong side of a bound. */
export const worseThan = (side: Side, prices: Prices, bound: PriceMicros): boolean =>
  side === 'BUY' ? prices.askMicros > bound : prices.bidMicros < bound;

/** How far beyond the bound levels are still kept, and how many: what other rules could have taken. */
const REACH_MICROS = 50_000n;
const LEVELS_BEYOND_MAX = 10;

/**
 * The part of a book that is recorded: the best level of each side, and on the side that we would take all that lie
 * within the bound. With these levels alone every check gives the same answer. Some more behind the bound change none,
 * since every check looks at the best level or within the bound; they are kept for the question what wider rules would
 * have done.
 */
export function levelsUsed(book: Book, side: Side, prices: Prices | null): Book {
  const bids = book.bids.slice(0, 1);
  const asks = book.asks.slice(0, 1);
  if (prices === null) return { bids, asks };
  const { limitMicros } = prices;
  const beyond = ([at]: Level): bigint => (side === 'BUY' ? at - limitMicros : limitMicros - at);
  const facing = side === 'BUY' ? book.asks : book.bids;
  const inside = facing.filter((level, at) => at === 0 || beyond(level) <= 0n);
  const reached = facing
    .slice(inside.length)
    .filter((level) => beyond(level) <= REACH_MICROS)
    .slice(0, LEVELS_BEYOND_MAX);
  const kept = [...inside, ...reached];
  return side === 'BUY' ? { bids, asks: kept } : { bids: kept, asks };
}
