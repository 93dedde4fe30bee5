import { generateWorld } from './leaders/generate.ts';
import { randomFrom } from './leaders/random.ts';
import { Traders } from './leaders/traders.ts';
import { bookAround, type FurtherTraits, furtherMarket } from './leaders/world.ts';
import { prepareReplay } from './replay.ts';
import type { SimOptions } from './sim-options.ts';
import { walletsOf } from './tapes/tape.ts';
import type { Venue } from './venue/venue.ts';

/** Where the venue's life comes from: a recording, or leaders of a seed. */
export type Source = {
  /** Wallets worth following, the most active first. */
  readonly wallets: readonly string[];
  readonly traders: Traders;
  readonly start: () => void;
  readonly progress: () => object;
};

export function openSource(options: SimOptions, venue: Venue): Source {
  const { clock, tape } = options;
  if (tape === null) {
    const world = generateWorld({ ...options, venue });
    return {
      ...world,
      progress: () => ({ done: false, firstAt: null, lastAt: null, fired: 0, total: 0 }),
    };
  }
  const replay = prepareReplay({ ...options, tape, venue });
  const at = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(ms).toISOString();
  return {
    wallets: walletsOf(tape),
    traders: new Traders(venue, `tape:${options.pass}:${clock.now().getTime()}`),
    start: replay.start,
    progress: () => ({
      ...replay.progress(),
      firstAt: at(tape.events[0]?.atMs),
      lastAt: at(tape.events.at(-1)?.atMs),
    }),
  };
}

/** A further market with a book, as the exchange opens one while it runs. Null: the name is taken. */
export function openFurtherMarket(
  venue: Venue,
  name: string,
  atMs: number,
  traits: FurtherTraits,
): string | null {
  const living = furtherMarket(name, atMs, traits);
  if (venue.markets.has(living.market.conditionId)) return null;
  venue.openMarket(living.market, atMs);
  venue.replaceBook(living.market.tokenIds[0], bookAround(living, randomFrom(0)), atMs);
  return living.market.conditionId;
}
