import { mulDiv, ONE, parseMicrosRounded } from '@slipstream/money';
import type { Activity } from './activity.ts';
import { type Market, payoutMicros } from './market.ts';

/** What a wallet holds of one outcome, and what it cost. Micros throughout; fees are not in it. */
export type Holding = {
  readonly tokenId: string;
  readonly conditionId: string;
  readonly sizeMicros: bigint;
  /** Of the shares still held, at their average price. */
  readonly costMicros: bigint;
  readonly boughtMicros: bigint;
  /** What all that was ever bought cost. */
  readonly spentMicros: bigint;
  readonly realizedMicros: bigint;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

const none = (tokenId: string, conditionId: string, atMs: number): Holding => ({
  tokenId,
  conditionId,
  sizeMicros: 0n,
  costMicros: 0n,
  boughtMicros: 0n,
  spentMicros: 0n,
  realizedMicros: 0n,
  firstAtMs: atMs,
  lastAtMs: atMs,
});

const added = (held: Holding, sizeMicros: bigint, costMicros: bigint): Holding => ({
  ...held,
  sizeMicros: held.sizeMicros + sizeMicros,
  costMicros: held.costMicros + costMicros,
  boughtMicros: held.boughtMicros + sizeMicros,
  spentMicros: held.spentMicros + costMicros,
});

/** What leaves takes its part of the cost along; more than is held leaves nothing. */
function removed(held: Holding, sizeMicros: bigint, paidMicros: bigint): Holding {
  const leaving = sizeMicros < held.sizeMicros ? sizeMicros : held.sizeMicros;
  if (leaving === 0n) return held;
  const cost = mulDiv(held.costMicros, leaving, held.sizeMicros, 'down');
  const paid = sizeMicros === 0n ? 0n : mulDiv(paidMicros, leaving, sizeMicros, 'down');
  return {
    ...held,
    sizeMicros: held.sizeMicros - leaving,
    costMicros: held.costMicros - cost,
    realizedMicros: held.realizedMicros + paid - cost,
  };
}

/** What a redemption pays for all that is held of one outcome; nothing where no payout is known. */
function redeemed(held: Holding, market: Market | undefined): Holding {
  const index = market?.tokenIds.indexOf(held.tokenId) ?? -1;
  const payout = market === undefined ? null : payoutMicros(market, index);
  return removed(held, held.sizeMicros, mulDiv(held.sizeMicros, payout ?? 0n, ONE, 'down'));
}

/** One row's effect on one outcome; a split or merge is of both outcomes, at half a dollar each. */
function after(held: Holding, row: Activity, market: Market | undefined): Holding {
  const size = parseMicrosRounded(row.size);
  const dollars = parseMicrosRounded(row.usdcSize);
  switch (row.type) {
    case 'TRADE':
      return row.side === 'BUY' ? added(held, size, dollars) : removed(held, size, dollars);
    case 'SPLIT':
      return added(held, size, dollars / 2n);
    case 'MERGE':
      return removed(held, size, dollars / 2n);
    case 'REDEEM':
      return redeemed(held, market);
    case 'CONVERSION':
    case 'REWARD':
      return held;
    default:
      row.type satisfies never;
      return held;
  }
}

/** What a wallet holds, by token, in the order of first touch; more rows may be taken into it. */
export type Holdings = Map<string, Holding>;

type MarketOf = (conditionId: string) => Market | undefined;

/** Takes one more row in. A redemption empties both outcomes at what the market pays. */
export function takeIn(held: Holdings, row: Activity, marketOf: MarketOf): void {
  const market = marketOf(row.conditionId);
  const tokens = row.tokenId === '' ? (market?.tokenIds ?? []) : [row.tokenId];
  for (const tokenId of tokens) {
    const before = held.get(tokenId) ?? none(tokenId, row.conditionId, row.atMs);
    held.set(tokenId, { ...after(before, row, market), lastAtMs: row.atMs });
  }
}

/** Folds what a wallet did, in order, into what it holds, one entry an outcome that it ever bought. */
export function holdingsOf(rows: readonly Activity[], marketOf: MarketOf): readonly Holding[] {
  const held: Holdings = new Map();
  for (const row of rows) takeIn(held, row, marketOf);
  return [...held.values()].filter((holding) => holding.boughtMicros > 0n);
}

/** What the shares are worth at a price, rounded down. */
export const worthMicros = (holding: Holding, priceMicros: bigint): bigint =>
  mulDiv(holding.sizeMicros, priceMicros, ONE, 'down');
