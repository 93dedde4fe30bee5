import type { Venue } from '../venue/venue.ts';
import { CONDITIONS_MAX, listOf } from './data-answers.ts';
import { eventId } from './gamma-rows.ts';

/** Names under which a condition is asked for: documented, as the official clients write it, and of v1. */
const CONDITION_NAMES = ['condition', 'condition_id', 'market'] as const;

/** What a query asks for by condition or event; null: everything. A text names the parameter that is wrong. */
export function conditionsIn(venue: Venue, query: URLSearchParams): ReadonlySet<string> | null | string {
  const named = CONDITION_NAMES.map((name) => query.get(name)).find((text) => text !== null);
  const conditions = listOf(named?.toLowerCase() ?? null);
  if (conditions !== null && conditions.size > CONDITIONS_MAX) return 'condition';
  if (conditions !== null) return conditions;
  const events = listOf(query.get('event_id') ?? query.get('eventId'));
  if (events === null) return null;
  if (events.size > CONDITIONS_MAX || [...events].some((id) => !/^\d{1,10}$/.test(id))) return 'event_id';
  const markets = [...venue.markets.values()].filter((market) => events.has(eventId(market.eventSlug)));
  return new Set(markets.map((market) => market.conditionId));
}
