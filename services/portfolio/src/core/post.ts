import { type UsdMicros, usd } from '@slipstream/money';
import type { TradingMode } from '@slipstream/proto';
import type { Holding, LedgerEntry } from './entry.ts';
import { fold, foldAll, NEVER_HELD, type Position } from './position.ts';
import { type Payout, settlementOf } from './settle.ts';

export type AccountId = { readonly mode: TradingMode; readonly scope: string };

/** The sums of a ledger. `version` grows by one with every entry. */
export type Account = {
  readonly cashMicros: UsdMicros;
  readonly depositedMicros: UsdMicros;
  readonly realizedPnlMicros: UsdMicros;
  readonly feesMicros: UsdMicros;
  readonly version: bigint;
};

export const EMPTY_ACCOUNT: Account = {
  cashMicros: usd(0n),
  depositedMicros: usd(0n),
  realizedPnlMicros: usd(0n),
  feesMicros: usd(0n),
  version: 0n,
};

/** Key of a position within its account. Ids hold no space. */
export const positionKey = (holding: Pick<Holding, 'leaderId' | 'tokenId'>): string =>
  `${holding.leaderId ?? ''} ${holding.tokenId}`;

/** A resolution as far as one token is concerned. */
export type Resolved = { readonly payout: Payout; readonly resolvedAt: Date };

export type PostInputs = {
  readonly id: AccountId;
  readonly account: Account;
  /** Every position that the entries and `settle` are about, by `positionKey`; absent: never held. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Entries that the ledger does not have yet, in the order of booking. */
  readonly entries: readonly LedgerEntry[];
  /** Holdings to settle, if their token is resolved, even where no entry touches them. */
  readonly settle: readonly Holding[];
  /** Null: not resolved, or not ours to settle by payout. */
  readonly resolvedOf: (holding: Holding) => Resolved | null;
  /** The ledger so far of each position that an entry here reverses a fill of. */
  readonly histories: ReadonlyMap<string, readonly LedgerEntry[]>;
};

/** A position that changed. */
export type Changed = {
  readonly holding: Holding;
  readonly before: Position;
  readonly after: Position;
  /** The account's version at the last change. */
  readonly version: bigint;
  readonly lastEntry: LedgerEntry;
};

export type Settled = {
  readonly holding: Holding;
  readonly episode: number;
  readonly payout: Payout;
  readonly entry: LedgerEntry;
};

export type Posted = {
  readonly account: Account;
  /** In the order of the ledger, settlements included. */
  readonly entries: readonly LedgerEntry[];
  readonly changed: readonly Changed[];
  readonly settled: readonly Settled[];
};

const CASH_FROM_OUTSIDE = new Set(['DEPOSIT', 'WITHDRAWAL']);

/**
 * A reversed fill is taken out of the average as if it had never been, which needs the position's history. A holding
 * that this reopens is a new one, so that its settlement has a name of its own.
 */
function refold(before: Position, history: readonly LedgerEntry[]): Position {
  const after = foldAll(history);
  const reopened = before.sharesMicros === 0n && after.sharesMicros !== 0n;
  const episode = Math.max(after.episode, before.episode + (reopened ? 1 : 0));
  return { ...after, episode };
}

/**
 * Books entries, one by one: the account's sums, the positions they touch, and the settlement of every holding whose
 * token has been paid out already. What an entry does never depends on how entries were batched.
 *
 * Units: micros. Errors: none. Source: domain rules §7.
 */
export function post(inputs: PostInputs): Posted {
  let account = inputs.account;
  const changed = new Map<string, Changed>();
  const booked: LedgerEntry[] = [];
  const settled: Settled[] = [];
  const histories = new Map<string, LedgerEntry[]>();
  for (const [key, entries] of inputs.histories) histories.set(key, [...entries]);

  const current = (holding: Holding): Position => {
    const key = positionKey(holding);
    return changed.get(key)?.after ?? inputs.positions.get(key) ?? NEVER_HELD;
  };

  const move = (holding: Holding, entry: LedgerEntry): bigint => {
    const key = positionKey(holding);
    const now = current(holding);
    const history = histories.get(key);
    history?.push(entry);
    const reverses = entry.entryType === 'TRADE_FILL_REVERSAL' && history !== undefined;
    const after = reverses ? refold(now, history) : fold(now, entry);
    const before = changed.get(key)?.before ?? inputs.positions.get(key) ?? NEVER_HELD;
    changed.set(key, { holding, before, after, version: account.version + 1n, lastEntry: entry });
    return after.realizedPnlMicros - now.realizedPnlMicros;
  };

  const book = (entry: LedgerEntry): void => {
    const realized = entry.holding === null ? 0n : move(entry.holding, entry);
    const outside = CASH_FROM_OUTSIDE.has(entry.entryType) ? entry.cashDeltaMicros : 0n;
    account = {
      cashMicros: usd(account.cashMicros + entry.cashDeltaMicros),
      depositedMicros: usd(account.depositedMicros + outside),
      realizedPnlMicros: usd(account.realizedPnlMicros + realized),
      feesMicros: usd(account.feesMicros + entry.feeMicros),
      version: account.version + 1n,
    };
    booked.push(entry);
  };

  const settle = (holding: Holding, at: Date): void => {
    const position = current(holding);
    const resolved = position.sharesMicros === 0n ? null : inputs.resolvedOf(holding);
    if (resolved === null) return;
    const occurredAt = at > resolved.resolvedAt ? at : resolved.resolvedAt;
    const entry = settlementOf(inputs.id, holding, position, resolved.payout, occurredAt);
    book(entry);
    settled.push({ holding, episode: position.episode, payout: resolved.payout, entry });
  };

  for (const entry of inputs.entries) {
    book(entry);
    if (entry.holding !== null) settle(entry.holding, entry.occurredAt);
  }
  for (const holding of inputs.settle) settle(holding, new Date(0));
  return { account, entries: booked, changed: [...changed.values()], settled };
}
