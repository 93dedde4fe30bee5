import { type Clock, pollableChanged } from '@slipstream/runtime';
import type { Venue } from '../venue/venue.ts';
import { type Random, randomFrom } from './random.ts';
import { randomNotional, Traders } from './traders.ts';
import { bookAround, generateMarkets, generateWallets, type LivingMarket, MOVING, wander } from './world.ts';

const BOOKS_EVERY_MS = 1_000;
const MINUTE_MS = 60_000;
const FILLS_MOST = 5;

export type GenerateOptions = {
  readonly clock: Clock;
  readonly venue: Venue;
  readonly seed: number;
  readonly wallets: number;
  /** Trades a minute of all leaders together; 0 for none but those asked for. */
  readonly rate: number;
  readonly pass: number;
  /** Books keep their prices; only what they offer changes. */
  readonly steady?: boolean;
};

export type GeneratedWorld = {
  readonly wallets: readonly string[];
  readonly markets: readonly LivingMarket[];
  readonly traders: Traders;
  readonly random: Random;
  start(): void;
};

/** Markets with moving books and leaders that trade on them, all from one seed. */
export function generateWorld(options: GenerateOptions): GeneratedWorld {
  const { clock, venue } = options;
  const random = randomFrom(options.seed);
  const markets = generateMarkets(options.seed, random, clock.now().getTime());
  const wallets = generateWallets(options.seed, options.wallets);
  const traders = new Traders(venue, `${options.seed}:${options.pass}:${clock.now().getTime()}`);
  for (const living of markets) {
    venue.addMarket(living.market);
    venue.replaceBook(living.market.tokenIds[0], bookAround(living, random), clock.now().getTime());
  }
  venue.on('pollable', () => pollableChanged(clock));

  const moveBooks = (): void => {
    const now = clock.now().getTime();
    for (const living of markets)
      if (options.steady === true ? random.chance(MOVING) : wander(living, random))
        venue.replaceBook(living.market.tokenIds[0], bookAround(living, random), now);
  };

  /** A leader mostly buys; now and then he sells part of what he holds, and some trades fill in several pieces. */
  const tradeOnce = (): void => {
    const wallet = random.pick(wallets);
    const { market } = random.pick(markets);
    const tokenId = random.pick(market.tokenIds);
    const selling = traders.holds(wallet, tokenId) > 0n && random.chance(0.4);
    const transactionHash = traders.nextHash();
    const fills = random.chance(0.2) ? 2 + random.below(FILLS_MOST - 1) : 1;
    for (let i = 0; i < fills; i++)
      traders.make({
        wallet,
        tokenId,
        side: selling ? 'SELL' : 'BUY',
        notionalMicros: randomNotional(random),
        transactionHash,
        atMs: clock.now().getTime(),
      });
  };

  const again = (key: string, everyMs: number, act: () => void): void => {
    clock.at(new Date(clock.now().getTime() + everyMs), key, async () => {
      act();
      again(key, everyMs, act);
    });
  };

  return {
    wallets,
    markets,
    traders,
    random,
    start: () => {
      again('world:books', BOOKS_EVERY_MS, moveBooks);
      if (options.rate > 0) again('world:trade', MINUTE_MS / options.rate, tradeOnce);
    },
  };
}
