import { ONE } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { bestAskOf, bestBidOf } from '../venue/book.ts';
import { type Holding, holdingsOf, worthMicros } from '../venue/holdings.ts';
import { type Market, outcomeIndex, payoutMicros } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { eventId } from './gamma-rows.ts';
import { iso, numberOf } from './shapes.ts';

const HUNDRED = 100n;

/** A holding with its market and what it is worth now. */
export type Position = {
  readonly wallet: string;
  readonly holding: Holding;
  readonly market: Market;
  readonly index: 0 | 1;
  readonly priceMicros: bigint;
  readonly worthMicros: bigint;
  /** Both outcomes of a market that is not paid out are held, so that pairs can be given back. */
  readonly mergeable: boolean;
};

/** The payout once resolved, else the middle of the book, else the last trade, else what was paid. */
function priceOf(venue: Venue, market: Market, holding: Holding): bigint {
  const index = outcomeIndex(market, holding.tokenId);
  const payout = payoutMicros(market, index);
  if (payout !== null) return payout;
  const book = venue.book(holding.tokenId);
  const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
  if (bid !== null && ask !== null) return (bid + ask) / 2n;
  const last = market.lastTrade;
  if (last !== null) return last.tokenId === holding.tokenId ? last.priceMicros : ONE - last.priceMicros;
  return averageMicros(holding);
}

const averageMicros = ({ costMicros, sizeMicros }: Holding): bigint =>
  sizeMicros === 0n ? 0n : (costMicros * ONE) / sizeMicros;

/** What a wallet holds or held, in the order of first touch, from the rows that the API shows. */
export function positionsOf(venue: Venue, wallet: string, rows: readonly Activity[]): readonly Position[] {
  const holdings = holdingsOf(rows, (conditionId) => venue.markets.get(conditionId));
  const held = new Set(holdings.filter((h) => h.sizeMicros > 0n).map((h) => h.tokenId));
  return holdings.flatMap((holding) => {
    const market = venue.marketOf(holding.tokenId);
    if (!market) return [];
    const priceMicros = priceOf(venue, market, holding);
    const index = outcomeIndex(market, holding.tokenId);
    const mergeable = market.payout === null && market.tokenIds.every((tokenId) => held.has(tokenId));
    const worth = worthMicros(holding, priceMicros);
    return [{ wallet, holding, market, index, priceMicros, worthMicros: worth, mergeable }];
  });
}

/** A row's own state, of which there are fewer than can be asked for. A loser is redeemable too, for nothing. */
function statusOf({ holding, market }: Position): 'OPEN' | 'REDEEMABLE' | 'CLOSED' {
  if (holding.sizeMicros === 0n) return 'CLOSED';
  return market.payout === null ? 'OPEN' : 'REDEEMABLE';
}

const STATUSES = ['OPEN', 'REDEEMABLE', 'REDEEMABLE_LOST', 'MERGEABLE', 'CLOSED'] as const;
export type AskedStatus = (typeof STATUSES)[number];

/** What may be asked for, in any case of letters; undefined where it is none. */
export const statusIn = (text: string): AskedStatus | undefined =>
  STATUSES.find((status) => status === text.toUpperCase());

/** Whether a position is among those asked for; without a state, all that are still held. */
export function hasStatus(position: Position, asked: AskedStatus | null): boolean {
  if (asked === null) return position.holding.sizeMicros > 0n;
  if (asked === 'MERGEABLE') return position.mergeable;
  if (asked === 'REDEEMABLE_LOST')
    return statusOf(position) === 'REDEEMABLE' && payoutMicros(position.market, position.index) === 0n;
  return statusOf(position) === asked;
}

const percent = (part: bigint, whole: bigint): number =>
  whole === 0n ? 0 : numberOf((part * HUNDRED * ONE) / whole);
const dayOf = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString().slice(0, 10));
const secondOf = (ms: number): number => Math.floor(ms / 1000);

/** A row of `/v2/positions`. Fees of other people's trades are not kept, so none are in it. */
export function v2PositionRow(position: Position) {
  const { holding, market, index, worthMicros: worth } = position;
  const unrealized = worth - holding.costMicros;
  return {
    proxy_wallet: position.wallet,
    token_id: holding.tokenId,
    condition_id: market.conditionId,
    current_size: numberOf(holding.sizeMicros),
    total_size: numberOf(holding.boughtMicros),
    avg_price: numberOf(averageMicros(holding)),
    entry_cost_usdc: numberOf(holding.costMicros),
    entry_fees_usdc: 0,
    total_cost_usdc: numberOf(holding.costMicros),
    current_price: numberOf(position.priceMicros),
    current_value: numberOf(worth),
    realized_pnl: numberOf(holding.realizedMicros),
    unrealized_pnl: numberOf(unrealized),
    total_pnl: numberOf(unrealized + holding.realizedMicros),
    percent_pnl: percent(unrealized, holding.costMicros),
    percent_realized_pnl: percent(holding.realizedMicros, holding.costMicros),
    status: statusOf(position),
    redeemable: market.state === 'resolved' && holding.sizeMicros > 0n,
    mergeable: position.mergeable,
    negative_risk: market.negRisk,
    archived: false,
    verified: false,
    title: market.question,
    slug: market.slug,
    event_id: eventId(market.eventSlug),
    event_slug: market.eventSlug,
    icon: '',
    name: '',
    profile_image: '',
    outcome: market.outcomes[index],
    outcome_index: index,
    opposite_outcome: market.outcomes[1 - index],
    opposite_token_id: market.tokenIds[1 - index],
    end_date: dayOf(market.endsAtMs),
    first_entry_at: secondOf(holding.firstAtMs),
    last_event_at: secondOf(holding.lastAtMs),
  };
}

/** A row of v1 `/positions`. */
export function v1PositionRow(position: Position) {
  const { holding, market, index, worthMicros: worth } = position;
  const unrealized = worth - holding.costMicros;
  return {
    proxyWallet: position.wallet,
    asset: holding.tokenId,
    conditionId: market.conditionId,
    size: numberOf(holding.sizeMicros),
    avgPrice: numberOf(averageMicros(holding)),
    initialValue: numberOf(holding.costMicros),
    currentValue: numberOf(worth),
    cashPnl: numberOf(unrealized),
    percentPnl: percent(unrealized, holding.costMicros),
    totalBought: numberOf(holding.boughtMicros),
    realizedPnl: numberOf(holding.realizedMicros),
    percentRealizedPnl: percent(holding.realizedMicros, holding.costMicros),
    curPrice: numberOf(position.priceMicros),
    redeemable: market.state === 'resolved' && holding.sizeMicros > 0n,
    mergeable: position.mergeable,
    title: market.question,
    slug: market.slug,
    icon: '',
    eventId: eventId(market.eventSlug),
    eventSlug: market.eventSlug,
    outcome: market.outcomes[index],
    outcomeIndex: index,
    oppositeOutcome: market.outcomes[1 - index],
    oppositeAsset: market.tokenIds[1 - index],
    endDate: dayOf(market.endsAtMs),
    negativeRisk: market.negRisk,
  };
}

/** A row of v1 `/closed-positions`: what was bought and is no longer held. */
export function v1ClosedRow({ wallet, holding, market, index, priceMicros }: Position) {
  return {
    proxyWallet: wallet,
    asset: holding.tokenId,
    conditionId: market.conditionId,
    avgPrice: numberOf((holding.spentMicros * ONE) / holding.boughtMicros),
    totalBought: numberOf(holding.boughtMicros),
    realizedPnl: numberOf(holding.realizedMicros),
    curPrice: numberOf(priceMicros),
    title: market.question,
    slug: market.slug,
    icon: '',
    eventSlug: market.eventSlug,
    outcome: market.outcomes[index],
    outcomeIndex: index,
    oppositeOutcome: market.outcomes[1 - index],
    oppositeAsset: market.tokenIds[1 - index],
    endDate: iso(market.endsAtMs) ?? '',
    timestamp: secondOf(holding.lastAtMs),
  };
}
