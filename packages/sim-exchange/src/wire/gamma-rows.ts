import { bestAskOf, bestBidOf } from '../venue/book.ts';
import { hashFrom, type Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { iso, negRiskMarketId, numberOf, outcomePrices } from './shapes.ts';

/** Gamma numbers its markets and events; clients keep the numbers in 32 bits. */
const IDS = 2_000_000_000n;
const CRYPTO_RATES: ReadonlySet<bigint> = new Set([70_000n, 72_000n]);
const SPORTS_RATE_OLD = 30_000n;
const POLITICS_RATE = 40_000n;
const CRYPTO_REBATE = 200_000n;
const SPORTS_REBATE = 150_000n;
const REBATE = 250_000n;

const numberFrom = (hash: string): string => String((BigInt(hash) % IDS) + 1n);

/** The number of a market, the same for the same condition. */
export const marketId = ({ conditionId }: Market): string => numberFrom(conditionId);

/** The number of an event, the same for the same slug. */
export const eventId = (eventSlug: string): string => numberFrom(hashFrom('event', eventSlug));

/** A recorded market does not say whose fees it has; crypto's rate is nobody else's. */
const categoryOf = ({ category, feeRateMicros }: Market): Market['category'] =>
  category ?? (CRYPTO_RATES.has(feeRateMicros) ? 'crypto' : undefined);

/** The part of collected fees that goes back to makers. Source: polymarket §3. */
export function rebateRateMicros(market: Market): bigint {
  const category = categoryOf(market);
  if (category === 'crypto') return CRYPTO_REBATE;
  return category === 'sports' ? SPORTS_REBATE : REBATE;
}

/** Gamma's names of fee schedules; none where there are no fees. */
function feeTypeOf(market: Market): string | null {
  const { feeRateMicros } = market;
  if (feeRateMicros === 0n) return null;
  const category = categoryOf(market);
  if (category === 'crypto') return 'crypto_fees_v2';
  if (category === 'sports') return feeRateMicros === SPORTS_RATE_OLD ? 'sports_fees_v2' : 'sports_fees_v3';
  return feeRateMicros === POLITICS_RATE ? 'politics_fees' : 'general_fees';
}

const feesOf = (market: Market) => ({
  feesEnabled: market.feeRateMicros > 0n,
  feeType: feeTypeOf(market),
  feeSchedule: {
    rate: numberOf(market.feeRateMicros),
    exponent: market.feeExponent,
    takerOnly: true,
    rebateRate: numberOf(rebateRateMicros(market)),
  },
});

/** Null on a side without offers, and on both where there is no book. */
function bestOf(venue: Venue, market: Market) {
  const book = venue.book(market.tokenIds[0]);
  const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
  return {
    bestBid: bid === null ? null : numberOf(bid),
    bestAsk: ask === null ? null : numberOf(ask),
  };
}

/** Markets of Protocol V2 have states of their own; the old ones have UMA's words alone. */
function resolutionOf({ state, version }: Market) {
  const v2 = state === 'resolved' ? 'resolved' : 'active';
  return {
    umaResolutionStatus: state === 'open' ? '' : state,
    resolutionStatus: version === 'v2' ? v2 : '',
  };
}

/** A market's row, without the events that it is part of: JSON inside strings where Gamma has it so. */
function marketFields(venue: Venue, market: Market) {
  const resolved = market.state === 'resolved';
  return {
    id: marketId(market),
    conditionId: market.conditionId,
    questionID: market.conditionId,
    slug: market.slug,
    question: market.question,
    groupItemTitle: '',
    outcomes: JSON.stringify(market.outcomes),
    outcomePrices: JSON.stringify(outcomePrices(venue, market)),
    clobTokenIds: JSON.stringify(market.tokenIds),
    // Old markets may have position ids as well: only `version` says where a market trades.
    positionIds: market.version === 'v2' ? market.tokenIds : (market.positionIds ?? null),
    version: market.version ?? 'v1',
    startDate: iso(market.startsAtMs),
    endDate: iso(market.endsAtMs),
    gameStartTime: null,
    secondsDelay: venue.secondsDelay(market),
    active: true,
    closed: resolved,
    archived: false,
    acceptingOrders: market.state === 'open',
    enableOrderBook: true,
    negRisk: market.negRisk,
    negRiskMarketID: negRiskMarketId(market),
    negRiskOther: false,
    orderPriceMinTickSize: numberOf(market.tickMicros),
    orderMinSize: numberOf(market.minSizeMicros),
    ...bestOf(venue, market),
    ...feesOf(market),
    ...resolutionOf(market),
    closedTime: resolved ? iso(market.payout?.atMs ?? null) : null,
  };
}

const earliest = (times: readonly number[]): number | null =>
  times.length === 0 ? null : Math.min(...times);
const latest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
};

/** An event of these markets, without their rows. */
function eventFields(eventSlug: string, markets: readonly Market[]) {
  return {
    id: eventId(eventSlug),
    slug: eventSlug,
    title: markets[0]?.question ?? '',
    active: true,
    closed: markets.every(({ state }) => state === 'resolved'),
    negRisk: markets.some(({ negRisk }) => negRisk),
    startDate: iso(earliest(markets.map(({ startsAtMs }) => startsAtMs))),
    endDate: iso(latest(markets.map(({ endsAtMs }) => endsAtMs))),
  };
}

/** All markets of one event, in the order of their opening. */
const marketsOf = (venue: Venue, eventSlug: string): readonly Market[] =>
  [...venue.markets.values()].filter((market) => market.eventSlug === eventSlug);

/** A row of `/markets`. */
export const gammaMarketRow = (venue: Venue, market: Market) => ({
  ...marketFields(venue, market),
  events: [eventFields(market.eventSlug, marketsOf(venue, market.eventSlug))],
});

/** A row of `/events`. */
export function gammaEventRow(venue: Venue, eventSlug: string) {
  const markets = marketsOf(venue, eventSlug);
  return {
    ...eventFields(eventSlug, markets),
    markets: markets.map((market) => marketFields(venue, market)),
  };
}
