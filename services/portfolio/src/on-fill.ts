import { type Delivery, Poison, withHop } from '@slipstream/bus';
import type { Sql } from '@slipstream/db';
import type { Fill, Hops } from '@slipstream/proto';
import type { Bookkeeper } from './bookkeeper.ts';
import { type Attribution, attribute } from './core/attribute.ts';
import { entryFor, entryKey, type LedgerEntry, reversalOf } from './core/entry.ts';
import type { AccountId } from './core/post.ts';
import { addFills, type FillFacts, takeBackFills } from './store/executions.ts';

export type FillPorts = {
  readonly now: () => Date;
  readonly book: Bookkeeper['book'];
};

type Known = {
  readonly fill: Fill;
  readonly attribution: Attribution;
  readonly entries: readonly LedgerEntry[];
  readonly hops: Hops;
};

/**
 * What a fill asks the ledger for. A fill is booked when it is first heard of, however far it has settled. One that
 * failed is booked and reversed, so that an earlier word on it, should it come later, finds it booked already.
 */
function read({ message: fill, trace }: Delivery<Fill>): Known {
  const attribution = attribute(fill);
  if (attribution.kind === 'contradiction') throw new Poison(attribution.why);
  const entry = entryFor(fill, attribution);
  const entries = fill.status === 'FAILED' ? [entry, reversalOf(entry)] : [entry];
  return { fill, attribution, entries, hops: withHop(trace, 'booked').hops };
}

type Facts = { readonly added: readonly FillFacts[]; readonly takenBack: readonly FillFacts[] };

const later = (a: Date, b: Date): Date => {
  if (a > b) return a;
  return b;
};

const plus = (a: FillFacts | undefined, b: FillFacts): FillFacts =>
  a === undefined
    ? b
    : {
        ...b,
        sizeMicros: a.sizeMicros + b.sizeMicros,
        notionalMicros: a.notionalMicros + b.notionalMicros,
        feeMicros: a.feeMicros + b.feeMicros,
        bookedFills: a.bookedFills + b.bookedFills,
        executedAt: later(a.executedAt, b.executedAt),
        hops: { ...a.hops, ...b.hops },
      };

/** What the entries that were new say about their attempts: one sum per attempt. */
function factsOf(known: readonly Known[], booked: readonly LedgerEntry[]): Facts {
  const fresh = new Set(booked.map(entryKey));
  const added = new Map<string, FillFacts>();
  const takenBack: FillFacts[] = [];
  for (const { fill, attribution, entries, hops } of known) {
    if (attribution.kind !== 'app') continue;
    const { attemptId, intentId, leaderId } = attribution;
    for (const entry of entries) {
      // A fill may be in the batch twice; it was booked once.
      if (!fresh.delete(entryKey(entry))) continue;
      const facts: FillFacts = {
        attemptId,
        intentId,
        leaderId,
        mode: fill.mode,
        scope: fill.scope,
        orderId: fill.orderId,
        tokenId: fill.tokenId,
        hops,
        sizeMicros: fill.sizeMicros,
        notionalMicros: fill.notionalMicros,
        feeMicros: fill.feeMicros,
        bookedFills: 1,
        executedAt: new Date(fill.executedAt),
      };
      if (entry.entryType === 'TRADE_FILL') added.set(attemptId, plus(added.get(attemptId), facts));
      else takenBack.push(facts);
    }
  }
  return { added: [...added.values()], takenBack };
}

const accountOf = ({ fill }: Known): string => `${fill.mode} ${fill.scope}`;

/**
 * Consumes `copy.fill.*`. Redelivery-safe: the ledger's unique key decides, and a repeat is a success.
 *
 * 1. Each fill becomes an entry, or two when the chain failed it.
 * 2. In one transaction per account: ledger, positions, account, settlement of what is resolved already, and the
 *    attempts' figures.
 * 3. After the commit: what is held is known, state and snapshot are due.
 *
 * Errors: Poison for a fill that contradicts itself; a paper sale that arrives before its purchase comes again.
 */
export const onFill =
  (io: FillPorts) =>
  async (batch: readonly Delivery<Fill>[]): Promise<void> => {
    const byAccount = Map.groupBy(batch.map(read), accountOf);
    for (const [, known] of [...byAccount].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const first = known[0];
      if (first === undefined) continue;
      const id: AccountId = { mode: first.fill.mode, scope: first.fill.scope };
      const entries = known.flatMap((k) => k.entries);
      await io.book({ id, entries, settleConditions: [] }, async (sql: Sql, booked) => {
        const facts = factsOf(known, booked.entries);
        await addFills(sql, facts.added, io.now());
        await takeBackFills(sql, facts.takenBack, io.now());
      });
    }
  };
