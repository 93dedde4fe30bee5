import { type Activity, secondsOf } from '../venue/activity.ts';
import type { Market } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { marketId } from './gamma-rows.ts';

/** Trades that one answer gives, the newest first. */
const EVENTS_MAX = 100;
/** Rows that one answer looks through, from the newest on. */
const ROWS_MAX = 200_000;

/** What widgets want to know of a market. */
export const liveActivityRow = (market: Market) => ({
  condition_id: market.conditionId,
  id: Number(marketId(market)),
  question: market.question,
  market_slug: market.slug,
  event_slug: market.eventSlug,
  series_slug: null,
  icon: '',
  image: '',
  tags: [],
});

/** A trade as the older clients read it. */
const eventRow = (market: Market, row: Activity) => ({
  event_type: 'trade',
  market: {
    condition_id: market.conditionId,
    asset_id: row.tokenId,
    question: market.question,
    icon: '',
    slug: market.slug,
  },
  user: {
    address: row.wallet,
    username: '',
    profile_picture: '',
    optimized_profile_picture: '',
    pseudonym: '',
  },
  side: row.side,
  size: row.size,
  fee_rate_bps: '0',
  price: row.price,
  outcome: row.outcome,
  outcome_index: row.outcomeIndex,
  transaction_hash: row.transactionHash,
  timestamp: String(secondsOf(row)),
});

/** The newest trades of a market, newest first. */
export function liveActivityEvents(venue: Venue, market: Market): readonly object[] {
  const rows = venue.log.all();
  const events: object[] = [];
  for (let i = rows.length - 1; i >= Math.max(0, rows.length - ROWS_MAX) && events.length < EVENTS_MAX; i--) {
    const row = rows[i];
    if (row?.type === 'TRADE' && row.conditionId === market.conditionId) events.push(eventRow(market, row));
  }
  return events;
}
