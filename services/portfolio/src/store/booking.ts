import type { Sql } from '@slipstream/db';
import { entryKey, type Holding, type LedgerEntry } from '../core/entry.ts';
import { type AccountId, type Changed, type Posted, positionKey, post, type Resolved } from '../core/post.ts';
import { payoutOf } from '../core/settle.ts';
import type { Mark } from '../core/value.ts';
import { appendEntries, lockAccount, readBookedKeys, readHistory, writeAccount } from './ledger.ts';
import { readHeldIn, readPositions, writePositions } from './positions.ts';
import { readResolutions, writeSettlements } from './settlements.ts';

export type BookRequest = {
  readonly id: AccountId;
  /** In the order in which they are to be booked; those that the ledger has already are left out. */
  readonly entries: readonly LedgerEntry[];
  /** Conditions whose holdings are to be settled, even where no entry touches them. */
  readonly settleConditions: readonly string[];
  /** LIVE: tokens that the exchange shows to be paid out; on paper the resolution alone decides. */
  readonly redeemed?: ReadonlySet<string>;
  /** The mark of a position that changes; null leaves the one it has. */
  readonly markFor: (change: Changed) => Mark | null;
  readonly now: Date;
};

export type Booked = Posted & { readonly id: AccountId; readonly versionBefore: bigint };

/** A paper account cannot sell what it does not have: a sale that arrives before its purchase must come again. */
class ShareShortage extends Error {
  override name = 'ShareShortage';
}

/** Entries that are new, each once, in their order. */
function unbooked(entries: readonly LedgerEntry[], known: ReadonlySet<string>): LedgerEntry[] {
  const seen = new Set(known);
  return entries.filter((entry) => {
    const key = entryKey(entry);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function loadHistories(
  sql: Sql,
  id: AccountId,
  entries: readonly LedgerEntry[],
): Promise<ReadonlyMap<string, readonly LedgerEntry[]>> {
  const reversed = entries.flatMap((e) =>
    e.entryType === 'TRADE_FILL_REVERSAL' && e.holding ? [e.holding] : [],
  );
  if (reversed.length === 0) return new Map();
  const wanted = new Set(reversed.map(positionKey));
  const histories = new Map<string, LedgerEntry[]>([...wanted].map((key) => [key, []]));
  const tokens = reversed.map((holding) => holding.tokenId);
  for (const entry of await readHistory(sql, id, tokens))
    if (entry.holding !== null) histories.get(positionKey(entry.holding))?.push(entry);
  return histories;
}

/**
 * Books entries in the caller's transaction: locks the account, leaves out what the ledger has, and writes ledger,
 * positions, settlements and account together. A repeat changes nothing, so redelivery is a success.
 *
 * Errors: ShareShortage for a paper sale of shares that are not held; whatever the database says.
 */
export async function book(sql: Sql, request: BookRequest): Promise<Booked> {
  const { id, now } = request;
  const account = await lockAccount(sql, id, now);
  const known =
    request.entries.length === 0 ? new Set<string>() : await readBookedKeys(sql, id, request.entries);
  const entries = unbooked(request.entries, known);
  const settle =
    request.settleConditions.length === 0 ? [] : await readHeldIn(sql, id, request.settleConditions);
  const holdings: Holding[] = [
    ...entries.flatMap((entry) => (entry.holding === null ? [] : [entry.holding])),
    ...settle,
  ];
  const resolutions =
    holdings.length === 0
      ? new Map()
      : await readResolutions(sql, [...new Set(holdings.map((h) => h.conditionId))]);
  const resolvedOf = (holding: Holding): Resolved | null => {
    // LIVE holdings end when the exchange shows that they were redeemed, not when we think that they should be.
    const ends = id.mode === 'PAPER' || request.redeemed?.has(holding.tokenId) === true;
    const resolution = ends ? resolutions.get(holding.conditionId) : undefined;
    const payout = resolution === undefined ? null : payoutOf(resolution, holding.tokenId);
    return payout === null || resolution === undefined
      ? null
      : { payout, resolvedAt: new Date(resolution.resolvedAt) };
  };

  const posted = post({
    id,
    account,
    positions: await readPositions(sql, id, holdings),
    entries,
    settle,
    resolvedOf,
    histories: await loadHistories(sql, id, entries),
  });
  const result = { ...posted, id, versionBefore: account.version };
  if (posted.entries.length === 0) return result;
  const short = posted.changed.find((change) => change.after.sharesMicros < 0n);
  if (id.mode === 'PAPER' && short !== undefined)
    throw new ShareShortage(
      `${positionKey(short.holding)} would hold ${short.after.sharesMicros} micro-shares`,
    );

  await appendEntries(sql, posted.entries, now);
  await writePositions(sql, id, posted.changed, request.markFor, now);
  await writeSettlements(sql, id, posted.settled, now);
  await writeAccount(sql, id, posted.account, now);
  return result;
}
