/** What a tape says happened, in the words of the domain; the oracle that a run is held against. */
export type RecordedTrade = {
  readonly transactionHash: string;
  readonly wallet: string;
  readonly tokenId: string;
  readonly side: 'BUY' | 'SELL';
  readonly sizeMicros: bigint;
  readonly occurredAt: Date;
};

/** One state of one token's book, from `since` until the next; prices to sizes, both in micros. */
export type RecordedBook = {
  readonly tokenId: string;
  readonly since: Date;
  readonly bids: ReadonlyMap<bigint, bigint>;
  readonly asks: ReadonlyMap<bigint, bigint>;
};

/** The states of one token's book in the order of time, searched by instant. */
export type BookHistory = { readonly at: (tokenId: string, instant: Date) => readonly RecordedBook[] };

/**
 * Every state that was in force at `instant`: the last before it, and those that came at that very instant, since an
 * execution at the same instant may stand between them.
 */
export function bookHistory(books: readonly RecordedBook[]): BookHistory {
  const byToken = Map.groupBy(books, (book) => book.tokenId);
  return {
    at: (tokenId, instant) => {
      const states = byToken.get(tokenId) ?? [];
      const before = states.findLast((state) => state.since < instant);
      const same = states.filter((state) => state.since.getTime() === instant.getTime());
      return before ? [before, ...same] : same;
    },
  };
}
