import { absolute, least, mulDiv, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { LedgerEntry } from './entry.ts';

/**
 * What is held of one token on behalf of one leader, by average cost.
 *
 * Units: micros. `costMicros` is what the shares held cost, fees apart; it has the sign of the shares, which are
 * negative only for the moment in which a sale is known before its purchase.
 */
export type Position = {
  readonly sharesMicros: ShareMicros;
  readonly costMicros: UsdMicros;
  readonly realizedPnlMicros: UsdMicros;
  readonly feesMicros: UsdMicros;
  /** Counts holdings from zero to zero: 1 for the first. 0 before anything was held. */
  readonly episode: number;
  /** When the current or last holding began. */
  readonly openedAt: Date;
};

export const NEVER_HELD: Position = {
  sharesMicros: shares(0n),
  costMicros: usd(0n),
  realizedPnlMicros: usd(0n),
  feesMicros: usd(0n),
  episode: 0,
  openedAt: new Date(0),
};

type Delta = Pick<LedgerEntry, 'shareDeltaMicros' | 'cashDeltaMicros' | 'feeMicros' | 'occurredAt'>;

/** Ends `part` of a holding for `proceeds`, at average cost; the rounding stays in the cost that is left. */
function close(position: Position, part: bigint, proceeds: bigint): Position {
  const held = absolute(position.sharesMicros as bigint);
  const share = mulDiv(absolute(position.costMicros as bigint), part, held, 'down');
  const cost = position.costMicros < 0n ? -share : share;
  const left = position.sharesMicros < 0n ? position.sharesMicros + part : position.sharesMicros - part;
  return {
    ...position,
    sharesMicros: shares(left),
    costMicros: usd(part === held ? 0n : position.costMicros - cost),
    realizedPnlMicros: usd(
      position.realizedPnlMicros + proceeds - (part === held ? position.costMicros : cost),
    ),
  };
}

/** Adds to a holding, or begins one. */
const open = (position: Position, delta: bigint, cost: bigint, at: Date): Position => ({
  ...position,
  sharesMicros: shares(position.sharesMicros + delta),
  costMicros: usd(position.costMicros + cost),
  ...(position.sharesMicros === 0n ? { episode: position.episode + 1, openedAt: at } : {}),
});

/**
 * The position after one more entry. Whatever the order of entries, `realised − cost` is the cash that they moved apart
 * from fees, exactly: no rounding is ever lost.
 *
 * Units: micros. Errors: none. Source: domain rules §7.
 */
export function fold(before: Position, entry: Delta): Position {
  const delta: bigint = entry.shareDeltaMicros;
  const money = entry.cashDeltaMicros + entry.feeMicros;
  const position = { ...before, feesMicros: usd(before.feesMicros + entry.feeMicros) };
  if (delta === 0n) return { ...position, realizedPnlMicros: usd(position.realizedPnlMicros + money) };

  const held: bigint = position.sharesMicros;
  const grows = held === 0n || held > 0n === delta > 0n;
  if (grows) return open(position, delta, -money, entry.occurredAt);

  const part = least(absolute(delta), absolute(held));
  if (part === absolute(delta)) return close(position, part, money);
  // More than was held: the first part ends this holding, the rest begins one on the other side.
  const closing = mulDiv(absolute(money), part, absolute(delta), 'down') * (money < 0n ? -1n : 1n);
  const flat = close(position, part, closing);
  return open(flat, delta - (delta > 0n ? part : -part), -(money - closing), entry.occurredAt);
}

/**
 * The position that a ledger says, from scratch. A fill that was reversed, and its reversal, count as if they had never
 * been: what it cost must not stay in the average.
 */
export function foldAll(entries: readonly (Delta & Pick<LedgerEntry, 'refId' | 'entryType'>)[]): Position {
  const reversed = new Set(
    entries.flatMap((entry) => (entry.entryType === 'TRADE_FILL_REVERSAL' ? [entry.refId] : [])),
  );
  const counted = entries.filter(
    ({ entryType, refId }) =>
      !(reversed.has(refId) && (entryType === 'TRADE_FILL' || entryType === 'TRADE_FILL_REVERSAL')),
  );
  return counted.reduce<Position>(fold, NEVER_HELD);
}
