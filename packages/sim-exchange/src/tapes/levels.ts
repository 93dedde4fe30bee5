import { formatMicros, parseMicrosRounded } from '@slipstream/money';
import type { BookView } from '../venue/book.ts';
import type { Line } from './files.ts';
import { MICROS_MAX } from './lines.ts';

const LEVELS_MAX = 20_000;
/** The exchange's grids, coarsest first. Source: polymarket §2.5. */
export const TICKS: readonly bigint[] = [100_000n, 10_000n, 5_000n, 2_500n, 1_000n, 100n];
const TICK_DEFAULT = 10_000n;

/** Levels as `{price, size}` objects, a JSON text of them, or `[price, size]` pairs. */
export function readLevels(value: unknown, what: string, line: Line): Map<bigint, bigint> {
  let list: unknown = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      throw line.fail(`${what} is not a list of levels`);
    }
  }
  if (!Array.isArray(list) || list.length > LEVELS_MAX) throw line.fail(`${what} is not a list of levels`);
  const levels = new Map<bigint, bigint>();
  for (const level of list) {
    const [price, size] = Array.isArray(level) ? level : [level?.price, level?.size];
    const priceMicros = priceOf(price, what, line);
    const sizeMicros = sizeOf(size, what, line);
    if (levels.has(priceMicros)) throw line.fail(`${what} has two levels at ${formatMicros(priceMicros)}`);
    // A level of nothing is none: kept, it would be taken for the best price.
    if (sizeMicros > 0n) levels.set(priceMicros, sizeMicros);
  }
  return levels;
}

function priceOf(value: unknown, what: string, line: Line): bigint {
  try {
    const micros = parseMicrosRounded(String(value));
    if (micros > 0n && micros < 1_000_000n) return micros;
  } catch {
    // Said below, with the place.
  }
  throw line.fail(`${what} has a level whose price is not between 0 and 1: ${String(value).slice(0, 40)}`);
}

function sizeOf(value: unknown, what: string, line: Line): bigint {
  try {
    const micros = parseMicrosRounded(String(value));
    if (micros <= MICROS_MAX) return micros;
  } catch {
    // Said below, with the place.
  }
  throw line.fail(`${what} has a level whose size is not a number of shares: ${String(value).slice(0, 40)}`);
}

/** The coarsest tick on whose grid every price lies; 0.01 where there are none. */
export class TickFinder {
  readonly #prices = new Set<bigint>();

  see(view: BookView): void {
    for (const side of [view.bids, view.asks]) for (const price of side.keys()) this.#prices.add(price);
  }

  tick(): bigint {
    if (this.#prices.size === 0) return TICK_DEFAULT;
    const fits = TICKS.find(
      (tick) => tick <= TICK_DEFAULT && [...this.#prices].every((price) => price % tick === 0n),
    );
    return fits ?? 100n;
  }
}
