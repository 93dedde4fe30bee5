import type { BookView, LevelChange } from '../venue/book.ts';
import type { Side } from '../venue/market.ts';

/** A market as a tape knows it; what a recording does not hold is filled in by its reader and documented in TAPES.md. */
export type TapeMarket = {
  readonly conditionId: string;
  readonly question: string;
  readonly slug: string;
  readonly eventSlug: string;
  readonly outcomes: readonly [string, string];
  readonly tokenIds: readonly [string, string];
  readonly tickMicros: bigint;
  readonly minSizeMicros: bigint;
  readonly negRisk: boolean;
  readonly feeRateMicros: bigint;
  readonly feeExponent: number;
  readonly endsAtMs: number | null;
};

export type TapeTrade = {
  readonly kind: 'trade';
  readonly atMs: number;
  readonly wallet: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: Side;
  /** The recorded text: a price that went through a double goes out as it came in. */
  readonly price: string;
  readonly size: string;
  readonly transactionHash: string;
};

export type TapeActivity = {
  readonly kind: 'activity';
  readonly atMs: number;
  readonly wallet: string;
  readonly type: 'SPLIT' | 'MERGE' | 'REDEEM' | 'CONVERSION' | 'REWARD';
  readonly conditionId: string;
  readonly size: string;
  readonly usdcSize: string;
  readonly transactionHash: string;
};

type TapeBook = {
  readonly kind: 'book';
  readonly atMs: number;
  readonly tokenId: string;
  readonly view: BookView;
};
type TapeDelta = {
  readonly kind: 'delta';
  readonly atMs: number;
  readonly tokenId: string;
  readonly changes: readonly LevelChange[];
};
type TapeTick = {
  readonly kind: 'tick';
  readonly atMs: number;
  readonly conditionId: string;
  readonly tickMicros: bigint;
};
type TapeResolution = {
  readonly kind: 'resolution';
  readonly atMs: number;
  readonly conditionId: string;
  readonly numerators: readonly [bigint, bigint];
  readonly denominator: bigint;
};

export type TapeEvent = TapeBook | TapeDelta | TapeTrade | TapeActivity | TapeTick | TapeResolution;

/** A recording, read whole and checked before anything is replayed. Events are in the order of time, then of the tape. */
export type Tape = {
  readonly name: string;
  readonly markets: readonly TapeMarket[];
  readonly events: readonly TapeEvent[];
};

/** A tape that cannot be replayed; the message is one sentence with file and line. */
export class TapeDamage extends Error {
  override name = 'TapeDamage';
}

/** Wallets that trade on a tape, the most active first. */
export function walletsOf(tape: Tape): string[] {
  const counts = new Map<string, number>();
  for (const event of tape.events)
    if (event.kind === 'trade') counts.set(event.wallet, (counts.get(event.wallet) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([wallet]) => wallet);
}

/** Sorts by time and leaves equal instants in the order given: books of one file before trades of another. */
export const inOrder = (...sources: readonly (readonly TapeEvent[])[]): TapeEvent[] =>
  sources.flat().sort((a, b) => a.atMs - b.atMs);
