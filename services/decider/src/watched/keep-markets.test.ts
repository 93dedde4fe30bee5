import type { Bus } from '@slipstream/bus';
import { price, shares } from '@slipstream/money';
import type { FeedSession, MarketBook, MarketMeta } from '@slipstream/proto';
import { describe, expect, test } from 'vitest';
import { CONDITION, NOW, TOKEN } from '../../test/builders.ts';
import { createMarkets } from './keep-markets.ts';

const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();
const aBook = (over: Partial<MarketBook> = {}): MarketBook => ({
  tokenId: TOKEN,
  conditionId: CONDITION,
  state: 'live',
  bids: [[price(490_000n), shares(5n)]],
  asks: [[price(500_000n), shares(5n)]],
  source: 'socket',
  sessionId: 's1',
  changedAt: at(-60_000),
  knownAt: at(-60_000),
  ...over,
});
const aMeta: MarketMeta = {
  tokenId: TOKEN,
  conditionId: CONDITION,
  oppositeTokenId: null,
  outcome: 'Yes',
  outcomeIndex: 0,
  question: '?',
  slug: 'q',
  tickMicros: price(10_000n),
  minOrderSizeMicros: shares(5_000_000n),
  negRisk: false,
  feeRateMicros: 50_000n,
  feeExponent: 1,
  endsAt: null,
  acceptingOrders: true,
  closed: false,
  venueVersion: 'v1',
  fetchedAt: at(0),
  version: 'v_1',
};

/** A bus that only tells: what it is asked to follow can be spoken into. */
async function followed() {
  const news: (string | null)[] = [];
  const markets = createMarkets((tokenId) => news.push(tokenId));
  const speak: Record<string, (message: unknown) => void> = {};
  let session: (key: string, value: FeedSession | null) => void = () => undefined;
  const stop = async (): Promise<void> => undefined;
  const bus = {
    tail: async (channel: { name: string }, onMessage: (m: never) => void) => {
      speak[channel.name] = (message) => Reflect.apply(onMessage, undefined, [message]);
      return { stop };
    },
    bucket: async () => ({
      watch: async (onValue: (key: string, value: never) => void) => {
        session = (key, value) => Reflect.apply(onValue, undefined, [key, value]);
        return { stop };
      },
    }),
  };
  const reader = await markets.follow(bus as unknown as Pick<Bus, 'bucket' | 'tail'>);
  return {
    markets,
    news,
    reader,
    book: (book: MarketBook) => speak['copyMarketBook']?.(book),
    meta: (meta: MarketMeta) => speak['copyMarketMeta']?.(meta),
    session: (value: FeedSession | null) => session('s1', value),
  };
}

describe('markets', () => {
  test('know nothing before they heard of it', async () => {
    const { markets } = await followed();
    expect([markets.book(TOKEN, NOW), markets.market(TOKEN), markets.mark(TOKEN)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('a quiet book is as old as the last sign of life of its session', async () => {
    const { markets, book, session } = await followed();
    book(aBook());
    expect(markets.book(TOKEN, NOW)?.ageMs).toBe(60_000);
    session({ sessionId: 's1', aliveAt: at(-300), open: true });
    expect(markets.book(TOKEN, NOW)?.ageMs).toBe(300);
    session({ sessionId: 's1', aliveAt: at(0), open: false });
    expect(markets.book(TOKEN, NOW)?.ageMs).toBe(60_000);
    session(null);
    expect(markets.book(TOKEN, NOW)?.ageMs).toBe(60_000);
    book(aBook({ source: 'rest', sessionId: null, knownAt: at(-10) }));
    expect(markets.book(TOKEN, NOW)?.ageMs).toBe(10);
  });

  test('mark with the middle of a book that is there and not crossed', async () => {
    const { markets, book } = await followed();
    book(aBook());
    expect(markets.mark(TOKEN)).toBe(495_000n);
    book(aBook({ bids: [[price(500_000n), shares(5n)]] }));
    expect(markets.mark(TOKEN)).toBeNull();
    book(aBook({ asks: [] }));
    expect(markets.mark(TOKEN)).toBeNull();
    book(aBook({ state: 'absent' }));
    expect(markets.mark(TOKEN)).toBeNull();
  });

  test('tell of every change, and count what they keep', async () => {
    const { markets, book, meta, session, news } = await followed();
    book(aBook());
    meta(aMeta);
    session({ sessionId: 's1', aliveAt: at(0), open: true });
    expect(news).toEqual([TOKEN, TOKEN, null]);
    expect(markets.market(TOKEN)).toMatchObject({ version: 'v_1', endsAt: null, feeExponent: 1 });
    expect(markets.figures()).toEqual({ books: 1, markets: 1, sessions: 1 });
  });

  test('forget the books heard of longest ago', async () => {
    const { markets, book } = await followed();
    for (let n = 0; n <= 10_000; n++) book(aBook({ tokenId: String(n) }));
    expect(markets.figures().books).toBe(10_000);
    expect(markets.book('0', NOW)).toBeNull();
    expect(markets.book('1', NOW)).not.toBeNull();
  });
});
