import { type UsdMicros, usd } from '@slipstream/money';
import type { Holding } from './entry.ts';
import type { Position } from './position.ts';
import { type Account, type Changed, EMPTY_ACCOUNT, positionKey } from './post.ts';
import { type Figures, figuresOf, type Mark, type Sums } from './value.ts';

/** A position that is held, with the mark that was stored with it. */
export type Held = { readonly holding: Holding; readonly position: Position; readonly mark: Mark | null };

/** Sums over all positions of one leader, open or not. Units: micros. */
type LeaderSums = {
  readonly realizedPnlMicros: bigint;
  readonly costMicros: bigint;
  readonly feesMicros: bigint;
};

/**
 * What one account holds, by heart: enough for its figures without reading the ledger, whatever its length.
 * Never changed in place.
 */
export type Holdings = {
  readonly account: Account;
  /** By `positionKey`. */
  readonly open: ReadonlyMap<string, Held>;
  readonly leaders: ReadonlyMap<string | null, LeaderSums>;
};

export const NO_HOLDINGS: Holdings = { account: EMPTY_ACCOUNT, open: new Map(), leaders: new Map() };

const NO_SUMS: LeaderSums = { realizedPnlMicros: 0n, costMicros: 0n, feesMicros: 0n };

const moved = (sums: LeaderSums, { before, after }: Changed): LeaderSums => ({
  realizedPnlMicros: sums.realizedPnlMicros + after.realizedPnlMicros - before.realizedPnlMicros,
  costMicros: sums.costMicros + after.costMicros - before.costMicros,
  feesMicros: sums.feesMicros + after.feesMicros - before.feesMicros,
});

/** What is held after a booking. `markFor` is the mark that was stored with each changed position. */
export function afterBooking(
  holdings: Holdings,
  booked: { readonly account: Account; readonly changed: readonly Changed[] },
  markFor: (change: Changed) => Mark | null,
): Holdings {
  const open = new Map(holdings.open);
  const leaders = new Map(holdings.leaders);
  for (const change of booked.changed) {
    const { holding, after } = change;
    const key = positionKey(holding);
    leaders.set(holding.leaderId, moved(leaders.get(holding.leaderId) ?? NO_SUMS, change));
    if (after.sharesMicros === 0n) open.delete(key);
    else open.set(key, { holding, position: after, mark: markFor(change) ?? open.get(key)?.mark ?? null });
  }
  return { account: booked.account, open, leaders };
}

type MarkOf = (tokenId: string) => Mark | null;

const valued = (held: Held, markOf: MarkOf) => ({
  sharesMicros: held.position.sharesMicros,
  costMicros: held.position.costMicros,
  mark: markOf(held.holding.tokenId) ?? held.mark,
});

/** The figures of the whole account at the marks of this instant. */
export const accountFigures = (holdings: Holdings, markOf: MarkOf): Figures =>
  figuresOf(
    holdings.account,
    [...holdings.open.values()].map((held) => valued(held, markOf)),
  );

/** What a leader's trades moved: realised less what is still bound in shares less fees. */
const netCash = (sums: LeaderSums): UsdMicros =>
  usd(sums.realizedPnlMicros - sums.costMicros - sums.feesMicros);

/** The figures of one leader's slice: its cash is what copying this leader brought or took so far. */
export function leaderFigures(holdings: Holdings, leaderId: string | null, markOf: MarkOf): Figures {
  const sums = holdings.leaders.get(leaderId) ?? NO_SUMS;
  const slice: Sums = {
    cashMicros: netCash(sums),
    realizedPnlMicros: usd(sums.realizedPnlMicros),
    feesMicros: usd(sums.feesMicros),
  };
  const held = [...holdings.open.values()].filter((h) => h.holding.leaderId === leaderId);
  return figuresOf(
    slice,
    held.map((h) => valued(h, markOf)),
  );
}

/** The leaders that hold a token, null among them for what is nobody's. */
export const holdersOf = (holdings: Holdings, tokenId: string): readonly (string | null)[] =>
  [...holdings.open.values()].flatMap(({ holding }) =>
    holding.tokenId === tokenId ? [holding.leaderId] : [],
  );
