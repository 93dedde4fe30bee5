import { parseMicros } from '@slipstream/money';
import type { BookView } from '../venue/book.ts';
import { hashFrom, type Market, positionIdFrom, tokenIdFrom, walletFrom } from '../venue/market.ts';
import type { Random } from './random.ts';

const DEPTH = 12;
const SIZE_LEAST = 400;
const SIZE_SPREAD = 4_000;
const SHARE = 1_000_000n;
const MARKET_AGE_MS = 7 * 86_400_000;
const MARKET_LIFE_MS = 30 * 86_400_000;

const QUESTIONS = [
  ['Will the river freeze before New Year?', 'river-freeze'],
  ['Will the harbour bridge open this month?', 'harbour-bridge'],
  ['Will the comet be visible from Bern?', 'comet-bern'],
  ['Will the northern ferry run on Sunday?', 'northern-ferry'],
  ['Will the old clock strike thirteen?', 'old-clock'],
  ['Will the vineyard open its cellar?', 'vineyard-cellar'],
  ['Will the lighthouse be repainted?', 'lighthouse-paint'],
  ['Will the mountain pass stay open?', 'mountain-pass'],
] as const;

/** One generated market with the price that it moves around. */
export type LivingMarket = { readonly market: Market; midMicros: bigint };

type MarketTraits = Pick<Market, 'question' | 'tickMicros' | 'negRisk' | 'feeRateMicros'>;

/** A market of which everything that has to be unique follows from its name. */
const marketNamed = (name: string, traits: MarketTraits, nowMs: number): Market => ({
  ...traits,
  conditionId: hashFrom('condition', name),
  slug: name,
  eventSlug: name,
  outcomes: ['Yes', 'No'],
  tokenIds: [tokenIdFrom(name, 'Yes'), tokenIdFrom(name, 'No')],
  minSizeMicros: parseMicros('5'),
  feeExponent: 1,
  endsAtMs: nowMs + MARKET_LIFE_MS,
  startsAtMs: nowMs - MARKET_AGE_MS,
  state: 'open',
  payout: null,
  lastTrade: null,
});

const positionIdsFrom = (name: string) => [positionIdFrom(name, 'Yes'), positionIdFrom(name, 'No')] as const;

/** Markets of a seed: ids, names and first prices are the same for the same seed. */
export function generateMarkets(seed: number, random: Random, nowMs: number): LivingMarket[] {
  return QUESTIONS.map(([question, slug], i) => {
    const traits = {
      question,
      tickMicros: i % 4 === 3 ? 1_000n : 10_000n,
      negRisk: i % 4 === 2,
      feeRateMicros: i % 2 === 0 ? 50_000n : 0n,
    };
    const name = `sim-${seed}-${slug}`;
    const market = marketNamed(name, traits, nowMs);
    // About a third of today's markets list position ids that they do not trade with.
    const known = i % 3 === 0 ? { positionIds: positionIdsFrom(name) } : {};
    return { market: { ...market, ...known }, midMicros: BigInt(25 + random.below(51)) * 10_000n };
  });
}

/** What markets that are opened by request may be unlike in. */
export type FurtherTraits = Pick<
  Market,
  'version' | 'tickMicros' | 'negRisk' | 'feeRateMicros' | 'minSizeMicros' | 'category'
>;

/** A market beside the generated ones, at even odds. */
export function furtherMarket(name: string, nowMs: number, traits: FurtherTraits): LivingMarket {
  const market = { ...marketNamed(name, { question: `Will ${name}?`, ...traits }, nowMs), ...traits };
  const { version } = traits;
  return {
    market: version === 'v2' ? { ...market, tokenIds: positionIdsFrom(name) } : market,
    midMicros: 500_000n,
  };
}

export const generateWallets = (seed: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => walletFrom('generated', String(seed), String(i)));

/** A two-sided book around the price: one to two ticks of a cent wide at the top, deeper further out. */
export function bookAround({ market, midMicros }: LivingMarket, random: Random): BookView {
  const step = market.tickMicros;
  const half = market.tickMicros < 10_000n ? 4n * step : step / 2n;
  const bestBid = ((midMicros - half) / step) * step;
  const bestAsk = bestBid + (market.tickMicros < 10_000n ? 8n * step : step);
  const bids = new Map<bigint, bigint>();
  const asks = new Map<bigint, bigint>();
  for (let i = 0n; i < BigInt(DEPTH); i++) {
    const size = (): bigint => BigInt(SIZE_LEAST + random.below(SIZE_SPREAD)) * SHARE;
    if (bestBid - i * step > 0n) bids.set(bestBid - i * step, size());
    if (bestAsk + i * step < 1_000_000n) asks.set(bestAsk + i * step, size());
  }
  return { bids, asks };
}

/** The share of books that change in a second. */
export const MOVING = 0.35;

/** The price wanders a tick at a time and stays away from the ends. */
export function wander(living: LivingMarket, random: Random): boolean {
  if (!random.chance(MOVING)) return false;
  const next = living.midMicros + (random.chance(0.5) ? 10_000n : -10_000n);
  if (next < 100_000n || next > 900_000n) return false;
  living.midMicros = next;
  return true;
}
