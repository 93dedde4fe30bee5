import { most } from '@slipstream/money';
import type { Activity } from '../venue/activity.ts';
import { type Holdings, holdingsOf, takeIn } from '../venue/holdings.ts';
import { type Market, outcomeIndex } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { numberOf } from './shapes.ts';
import { realizedOf, rowsWithin, volumeOf } from './wallet-figures.ts';

const DAY_S = 86_400;
/** Seconds that a leaderboard looks back. */
const PERIODS: Readonly<Record<string, number>> = {
  day: DAY_S,
  week: 7 * DAY_S,
  month: 30 * DAY_S,
  all: Number.MAX_SAFE_INTEGER,
};
const HOLDERS_MAX = 1_000;

type Held = { readonly wallet: string; readonly sizeMicros: bigint };

/** Who holds what of a market by now, by token, the most first. Only what the feeds tell of is known. */
function heldOf(
  venue: Venue,
  market: Market,
  rows: readonly Activity[],
): ReadonlyMap<string, readonly Held[]> {
  const own = rows.filter(({ conditionId }) => conditionId === market.conditionId);
  const byToken = new Map<string, Held[]>(market.tokenIds.map((tokenId) => [tokenId, []]));
  for (const [wallet, did] of Map.groupBy(own, (row) => row.wallet))
    for (const { tokenId, sizeMicros } of holdingsOf(did, (id) => venue.markets.get(id)))
      if (sizeMicros > 0n) byToken.get(tokenId)?.push({ wallet, sizeMicros });
  for (const held of byToken.values())
    held.sort((a, b) => (a.sizeMicros === b.sizeMicros ? 0 : a.sizeMicros > b.sizeMicros ? -1 : 1));
  return byToken;
}

/** One row a token: who holds at least so much of it, the most first. */
export const holderRows = (
  venue: Venue,
  market: Market,
  rows: readonly Activity[],
  leastMicros: bigint,
): readonly object[] =>
  [...heldOf(venue, market, rows)].map(([token_id, held]) => ({
    token_id,
    holders: held
      .filter(({ sizeMicros }) => sizeMicros >= leastMicros)
      .slice(0, HOLDERS_MAX)
      .map(({ wallet, sizeMicros }) => ({
        proxy_wallet: wallet,
        token_id,
        amount: numberOf(sizeMicros),
        outcome_index: outcomeIndex(market, token_id),
        display_username_public: false,
        verified: false,
        name: '',
        pseudonym: '',
        bio: '',
        profile_image: '',
        profile_image_optimized: '',
      })),
  }));

/** A dollar stands behind every pair of outcomes; of two sides of which one is known in part, the greater counts. */
function interestMicros(venue: Venue, market: Market, rows: readonly Activity[]): bigint {
  const sums = [...heldOf(venue, market, rows).values()].map((held) =>
    held.reduce((sum, { sizeMicros }) => sum + sizeMicros, 0n),
  );
  return sums.reduce((a, b) => most(a, b), 0n);
}

/** Open interest of the named conditions, or of all markets together. */
export function interestRows(
  venue: Venue,
  conditions: ReadonlySet<string> | null,
  rows: readonly Activity[],
): readonly object[] {
  const byCondition = Map.groupBy(rows, (row) => row.conditionId);
  const of = (market: Market): bigint =>
    interestMicros(venue, market, byCondition.get(market.conditionId) ?? []);
  if (conditions === null) {
    const all = [...venue.markets.values()].reduce((sum, market) => sum + of(market), 0n);
    return [{ condition_id: 'GLOBAL', value: numberOf(all) }];
  }
  return [...conditions].flatMap((conditionId) => {
    const market = venue.markets.get(conditionId);
    return market ? [{ condition_id: conditionId, value: numberOf(of(market)) }] : [];
  });
}

type Standing = { readonly wallet: string; readonly pnlMicros: bigint; readonly volumeMicros: bigint };
export type Order = 'PNL' | 'VOLUME';

/** Seconds that a period looks back; null where it is none. */
export const periodOf = (name: string): number | null =>
  (Object.hasOwn(PERIODS, name) ? PERIODS[name] : undefined) ?? null;

/** What each wallet that traded since a second has realised and traded since then, in shares. */
function standingsOf(venue: Venue, rows: readonly Activity[], sinceS: number): readonly Standing[] {
  const marketOf = (id: string): Market | undefined => venue.markets.get(id);
  return [...Map.groupBy(rows, (row) => row.wallet)].flatMap(([wallet, did]) => {
    const since = rowsWithin(did, sinceS, Number.MAX_SAFE_INTEGER - 1);
    const { shares, trades } = volumeOf(since);
    if (trades === 0) return [];
    const held: Holdings = new Map();
    for (const row of did.slice(0, did.length - since.length)) takeIn(held, row, marketOf);
    const before = realizedOf(held);
    for (const row of since) takeIn(held, row, marketOf);
    return [{ wallet, pnlMicros: realizedOf(held) - before, volumeMicros: shares }];
  });
}

const figureOf = (standing: Standing, order: Order): bigint =>
  order === 'PNL' ? standing.pnlMicros : standing.volumeMicros;

/** The best first; the same of the same wallets, whoever traded last. */
const ranked = (standings: readonly Standing[], order: Order): readonly Standing[] =>
  standings.toSorted((a, b) => {
    const [left, right] = [figureOf(a, order), figureOf(b, order)];
    if (left === right) return a.wallet < b.wallet ? -1 : 1;
    return left > right ? -1 : 1;
  });

const standingRow = ({ wallet, pnlMicros, volumeMicros }: Standing) => ({
  user_id: wallet,
  pnl: numberOf(pnlMicros),
  volume: numberOf(volumeMicros),
  user_name: '',
  profile_image: '',
  x_username: '',
  verified: false,
});

/** Everybody who traded since a second, the best first. */
export const leaderboardRows = (
  venue: Venue,
  rows: readonly Activity[],
  sinceS: number,
  order: Order,
): readonly object[] =>
  ranked(standingsOf(venue, rows, sinceS), order).map((standing, i) => ({
    rank: i + 1,
    ...standingRow(standing),
  }));

/** Where one wallet stands in both orders. Null: it did not trade. */
export function standingOf(
  venue: Venue,
  rows: readonly Activity[],
  sinceS: number,
  wallet: string,
): object | null {
  const all = standingsOf(venue, rows, sinceS);
  const own = all.find((standing) => standing.wallet === wallet);
  if (own === undefined) return null;
  return {
    ...standingRow(own),
    rank_pnl: ranked(all, 'PNL').indexOf(own) + 1,
    rank_volume: ranked(all, 'VOLUME').indexOf(own) + 1,
  };
}
