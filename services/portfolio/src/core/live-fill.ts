import type { Fill } from '@slipstream/proto';
import type { Attribution } from './attribute.ts';
import { entryFor, fillRef, type LedgerEntry, reversalOf } from './entry.ts';

/** Whose an order is. */
export type OrderLink = { readonly attemptId: string; readonly intentId: string; readonly leaderId: string };

/** What the ledger calls a fill that was nobody's when it was booked and found its attempt later. */
const attributedRef = (refId: string): string => `${refId}:attributed`;

/** The names under which the ledger may have a fill. */
export const refsOf = (fill: Fill): readonly string[] => [fillRef(fill), attributedRef(fillRef(fill))];

const attributionOf = (link: OrderLink | undefined): Attribution =>
  link === undefined ? { kind: 'external' } : { kind: 'app', ...link };

/** The booking of a fill that nothing has taken back. */
function standingOf(booked: readonly LedgerEntry[]): LedgerEntry | undefined {
  const reversed = new Set(
    booked.flatMap((entry) => (entry.entryType === 'TRADE_FILL_REVERSAL' ? [entry.refId] : [])),
  );
  return booked.find(({ entryType, refId }) => entryType === 'TRADE_FILL' && !reversed.has(refId));
}

/**
 * Gives a fill that was booked as nobody's to the attempt whose order it turned out to be: the booking is taken back
 * and made again under a name of its own. History is added to, never edited, and the account's sums do not move.
 */
export function attributeLater(
  entry: LedgerEntry,
  { leaderId, attemptId }: OrderLink,
): readonly LedgerEntry[] {
  const holding = entry.holding === null ? null : { ...entry.holding, leaderId };
  return [reversalOf(entry), { ...entry, refId: attributedRef(entry.refId), holding, attemptId }];
}

/**
 * What a word of the exchange on one of our trades asks of the ledger, given what it has under the fill's names: the
 * fill when it is first heard of, however far it has settled; its reversal when the chain failed it; its attempt, when
 * it was nobody's until now.
 *
 * Errors: none. Source: domain rules §7.
 */
export function liveEntries(
  fill: Fill,
  link: OrderLink | undefined,
  booked: readonly LedgerEntry[],
): readonly LedgerEntry[] {
  const failed = fill.status === 'FAILED';
  if (booked.length === 0) {
    const entry = entryFor(fill, attributionOf(link));
    return failed ? [entry, reversalOf(entry)] : [entry];
  }
  const standing = standingOf(booked);
  if (standing === undefined) return [];
  if (failed) return [reversalOf(standing)];
  return link !== undefined && standing.attemptId === null ? attributeLater(standing, link) : [];
}
