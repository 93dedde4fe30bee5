import { least, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { Figure, TradeRow } from './observation.ts';

/** What was published of a trade: its sum over all parts, and how many there are. */
export type Published = Figure & { readonly parts: number };

export const NOTHING_PUBLISHED: Published = { sizeMicros: shares(0n), notionalMicros: usd(0n), parts: 0 };

export type Growth = {
  readonly part: number;
  readonly sizeMicros: ShareMicros;
  readonly notionalMicros: UsdMicros;
};

/**
 * What a figure adds to what was published: the first part, a supplement, or null where it only confirms.
 *
 * A supplement's notional is what is missing, held between nothing and a dollar a share, so that rounding in one
 * source's favour never makes a price that cannot be. Source: domain rules §1.
 */
export function growthOf(published: Published, figure: Figure): Growth | null {
  const missing = shares(figure.sizeMicros - published.sizeMicros);
  if (missing <= 0n) return null;
  const worth = figure.notionalMicros - published.notionalMicros;
  const notionalMicros = usd(least(worth < 0n ? 0n : worth, missing));
  return { part: published.parts + 1, sizeMicros: missing, notionalMicros };
}

/** Adds a growth to what was published. */
export const grow = (published: Published, growth: Growth): Published => ({
  sizeMicros: shares(published.sizeMicros + growth.sizeMicros),
  notionalMicros: usd(published.notionalMicros + growth.notionalMicros),
  parts: growth.part,
});

const add = (a: Figure, b: Figure): Figure => ({
  sizeMicros: shares(a.sizeMicros + b.sizeMicros),
  notionalMicros: usd(a.notionalMicros + b.notionalMicros),
});

/** Sums every row of a complete read by trade: the truth of a source that can be read whole. */
export function sumByTrade(
  rows: readonly TradeRow[],
): Map<string, { readonly row: TradeRow; readonly figure: Figure }> {
  const sums = new Map<string, { row: TradeRow; figure: Figure }>();
  for (const row of rows) {
    const known = sums.get(row.tradeId);
    sums.set(row.tradeId, known ? { row, figure: add(known.figure, row) } : { row, figure: row });
  }
  return sums;
}

/** Trades that one connection remembers; a trade's rows come within moments of each other. */
const REMEMBERED_MAX = 20_000;

/**
 * Adds up the rows of one connection's subscription. Rows of one trade that differ in price or size are parts of it;
 * an equal row may be a repetition of the feed as well as an equal part, and counts once: a source that can be read
 * whole completes it.
 */
export class StreamedFigures {
  readonly #trades = new Map<string, { readonly rows: Set<string>; figure: Figure }>();

  /** The trade's figure after this row. */
  see(row: TradeRow): Figure {
    const known = this.#trades.get(row.tradeId);
    if (known === undefined) {
      const [oldest] = this.#trades.size >= REMEMBERED_MAX ? this.#trades.keys() : [];
      if (oldest !== undefined) this.#trades.delete(oldest);
      this.#trades.set(row.tradeId, { rows: new Set([row.priceKey]), figure: row });
      return row;
    }
    if (known.rows.has(row.priceKey)) return known.figure;
    known.rows.add(row.priceKey);
    known.figure = add(known.figure, row);
    return known.figure;
  }
}

/** Payloads of one connection that are remembered; the two tellings of a trade come within moments of each other. */
const PAYLOADS_MAX = 5_000;

/**
 * Notices that a trade was told before under another subscription of the same connection, in the same words: reading
 * it again could only confirm it.
 */
export class ToldBefore {
  readonly #types = new Map<string, string>();

  /** True once for each telling of a payload under another type than the first. */
  has(payload: string, type: string): boolean {
    const first = this.#types.get(payload);
    if (first === undefined) {
      const [oldest] = this.#types.size >= PAYLOADS_MAX ? this.#types.keys() : [];
      if (oldest !== undefined) this.#types.delete(oldest);
      this.#types.set(payload, type);
      return false;
    }
    if (first === type) return false;
    this.#types.delete(payload);
    return true;
  }
}
