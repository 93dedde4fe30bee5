import type { Interest } from '@slipstream/proto';
import { TokensOfInterest } from '../core/interest.ts';
import type { Books } from './books.ts';
import type { Metadata } from './metadata.ts';

/** Tokens whose books and markets are kept at once. */
const TOKENS_MAX = 5_000;

export type MarketInterest = {
  /** A leader traded it: its book and metadata begin at first sight, in parallel to storing the trade. */
  readonly onTrade: (tokenId: string, conditionId: string) => void;
  /** Another service needs it, or no longer does; it may ask for a book that is known to be true now. */
  readonly onInterest: (tokenId: string, interest: Interest | null) => void;
};

/** Decides which tokens are kept. */
export function openInterest(
  books: Pick<Books, 'want' | 'drop' | 'refresh'>,
  metadata: Pick<Metadata, 'want'>,
): MarketInterest {
  const tokens = new TokensOfInterest(TOKENS_MAX);
  const answered = new Map<string, string>();

  const keep = (tokenId: string, conditionId: string | null, dropped: string | null): void => {
    if (dropped !== null) {
      books.drop(dropped);
      answered.delete(dropped);
    }
    if (!tokens.has(tokenId)) return;
    books.want(tokenId);
    metadata.want(tokenId, conditionId);
  };

  return {
    onTrade: (tokenId, conditionId) => keep(tokenId, conditionId, tokens.trade(tokenId)),
    onInterest: (tokenId, interest) => {
      if (interest === null) return tokens.release(tokenId);
      keep(tokenId, null, tokens.ask(tokenId));
      const { refreshAt } = interest;
      if (refreshAt === null || refreshAt <= (answered.get(tokenId) ?? '')) return;
      answered.set(tokenId, refreshAt);
      books.refresh(tokenId);
    },
  };
}
