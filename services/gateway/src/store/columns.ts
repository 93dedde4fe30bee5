import { type PriceMicros, price, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';

/** A stored number of micros as what it is; null stays null. */
export const usdOrNull = (n: bigint | null): UsdMicros | null => (n === null ? null : usd(n));
export const sharesOrNull = (n: bigint | null): ShareMicros | null => (n === null ? null : shares(n));
export const priceOrNull = (n: bigint | null): PriceMicros | null => (n === null ? null : price(n));
export const instantOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A market filter is a token, or a condition with all of its tokens: which column it is about. */
export const marketColumn = (market: string): 'token_id' | 'condition_id' =>
  market.startsWith('0x') ? 'condition_id' : 'token_id';

/** Joins that name a row's market and leader; `row` is the alias that has `token_id` or `leader_id`. */
export const marketJoin = (row: string): string =>
  `left join ingest.market m on m.token_id = ${row}.token_id`;
export const leaderJoin = (row: string): string =>
  `left join config.leader l on l.leader_id = ${row}.leader_id`;
export const MARKET_COLUMNS = `m.body->>'question' as market, m.body->>'outcome' as outcome`;
