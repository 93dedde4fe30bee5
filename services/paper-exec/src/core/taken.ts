import { type PriceMicros, type ShareMicros, shares } from '@slipstream/money';

/** A level as the book shows it, how much of it we took ourselves, and where it stood in the recorded book. */
export type OpenLevel = {
  readonly index: number;
  readonly priceMicros: PriceMicros;
  /** What the book shows. */
  readonly shownMicros: ShareMicros;
  /** What our own earlier fills took of exactly this level while it showed exactly this size. */
  readonly takenMicros: ShareMicros;
};

type Taken = { readonly shownMicros: ShareMicros; readonly takenMicros: ShareMicros; readonly at: number };

/** What we took from one side of one token's book, by price. Never changed in place. */
export type TakenSide = ReadonlyMap<PriceMicros, Taken>;

/** How long a level that never changes remembers what we took of it. */
export const TAKEN_KEPT_MS = 3_600_000;

export const NOTHING_TAKEN: TakenSide = new Map();

/**
 * The levels inside the bound that we can take from, best first, with what we took of each before: a level cannot be
 * consumed twice by us while the book has not changed.
 *
 * Our paper fills never show in the real book, so it would offer the same shares again and again. A level counts as
 * unchanged while it shows the same size at the same price; any other size means that somebody acted there, and what
 * we took is forgotten, as it is after `TAKEN_KEPT_MS`. This depends on the books at the moments of our own
 * executions alone, hence it comes out the same when it is rebuilt after a restart.
 */
export function openLevels(
  side: readonly (readonly [PriceMicros, ShareMicros])[],
  taken: TakenSide,
  isInside: (priceMicros: PriceMicros) => boolean,
  now: Date,
): OpenLevel[] {
  const levels: OpenLevel[] = [];
  for (const [index, [priceMicros, shownMicros]] of side.entries()) {
    if (!isInside(priceMicros)) break;
    const known = taken.get(priceMicros);
    const holds =
      known !== undefined && known.shownMicros === shownMicros && now.getTime() - known.at <= TAKEN_KEPT_MS;
    levels.push({ index, priceMicros, shownMicros, takenMicros: holds ? known.takenMicros : shares(0n) });
  }
  return levels;
}

/**
 * What we have taken after an execution at `now` that saw `levels`, those inside its bound, and took `sizes` (by level
 * index). A price inside the bound that the book no longer shows is forgotten; what lies outside was not looked at.
 */
export function afterTaking(
  levels: readonly OpenLevel[],
  sizes: ReadonlyMap<number, ShareMicros>,
  before: TakenSide,
  isInside: (priceMicros: PriceMicros) => boolean,
  now: Date,
): TakenSide {
  const after = new Map([...before].filter(([priceMicros]) => !isInside(priceMicros)));
  for (const { index, priceMicros, shownMicros, takenMicros } of levels) {
    const size = sizes.get(index) ?? 0n;
    const at = size > 0n ? now.getTime() : (before.get(priceMicros)?.at ?? now.getTime());
    const total = shares(takenMicros + size);
    if (total > 0n) after.set(priceMicros, { shownMicros, takenMicros: total, at });
  }
  return after;
}
