import { type PriceMicros, type ShareMicros, shares, type UsdMicros, usd } from '@slipstream/money';
import type { Fill, Side, TradingMode } from '@slipstream/proto';
import type { Attribution } from './attribute.ts';

export type EntryType =
  | 'TRADE_FILL'
  | 'TRADE_FILL_REVERSAL'
  | 'DEPOSIT'
  | 'WITHDRAWAL'
  | 'SETTLEMENT'
  | 'REDEEM'
  | 'FEE';

/** What an entry is about: shares of a token held on behalf of a leader (null: nobody whom we know). */
export type Holding = {
  readonly leaderId: string | null;
  readonly tokenId: string;
  readonly conditionId: string;
};

/**
 * One line of the ledger: a change of cash and shares, written once and never edited. `(mode, scope, refId, entryType)`
 * is unique, so that what is told twice is booked once.
 *
 * Units: micros, signed deltas. Fees are inside `cashDeltaMicros`; `feeMicros` shows them apart.
 */
export type LedgerEntry = {
  readonly mode: TradingMode;
  readonly scope: string;
  readonly refId: string;
  readonly entryType: EntryType;
  /** Null for an entry that moves cash alone. */
  readonly holding: Holding | null;
  readonly side: Side | null;
  readonly shareDeltaMicros: ShareMicros;
  readonly cashDeltaMicros: UsdMicros;
  readonly feeMicros: UsdMicros;
  readonly priceMicros: PriceMicros | null;
  readonly attemptId: string | null;
  readonly orderId: string | null;
  readonly occurredAt: Date;
};

/** Unique within its account. */
export const entryKey = (entry: Pick<LedgerEntry, 'refId' | 'entryType'>): string =>
  `${entry.entryType} ${entry.refId}`;

/** What the ledger calls a fill: on paper ours, live the exchange's trade, with our order where we were the maker. */
export const fillRef = (fill: Pick<Fill, 'mode' | 'fillId'>): string =>
  fill.mode === 'PAPER' ? `paper:fill:${fill.fillId}` : `live:trade:${fill.fillId}`;

/**
 * The entry that a fill causes. A BUY pays its notional, rounded up, and a SELL is paid it, rounded down, so that the
 * ledger can only ever be poorer than the exchange says, by less than a micro; the fee is paid on top or out of it.
 *
 * Units: micros. Errors: none. Source: domain rules §7, polymarket §3.
 */
export function entryFor(fill: Fill, attribution: Attribution): LedgerEntry {
  const buying = fill.side === 'BUY';
  const app = attribution.kind === 'app' ? attribution : null;
  return {
    mode: fill.mode,
    scope: fill.scope,
    refId: fillRef(fill),
    entryType: 'TRADE_FILL',
    holding: { leaderId: app?.leaderId ?? null, tokenId: fill.tokenId, conditionId: fill.conditionId },
    side: fill.side,
    shareDeltaMicros: shares(buying ? fill.sizeMicros : -fill.sizeMicros),
    cashDeltaMicros: usd((buying ? -fill.notionalMicros : fill.notionalMicros) - fill.feeMicros),
    feeMicros: fill.feeMicros,
    priceMicros: fill.priceMicros,
    attemptId: app?.attemptId ?? null,
    orderId: fill.orderId,
    occurredAt: new Date(fill.executedAt),
  };
}

/** Undoes a fill that the chain failed later. History is added to, never edited. */
export const reversalOf = (entry: LedgerEntry): LedgerEntry => ({
  ...entry,
  entryType: 'TRADE_FILL_REVERSAL',
  shareDeltaMicros: shares(-entry.shareDeltaMicros),
  cashDeltaMicros: usd(-entry.cashDeltaMicros),
  feeMicros: usd(-entry.feeMicros),
});

/** Cash that comes from outside. */
export const depositOf = (
  account: { readonly mode: TradingMode; readonly scope: string },
  refId: string,
  amount: UsdMicros,
  occurredAt: Date,
): LedgerEntry => ({
  ...account,
  refId,
  entryType: 'DEPOSIT',
  holding: null,
  side: null,
  shareDeltaMicros: shares(0n),
  cashDeltaMicros: amount,
  feeMicros: usd(0n),
  priceMicros: null,
  attemptId: null,
  orderId: null,
  occurredAt,
});
