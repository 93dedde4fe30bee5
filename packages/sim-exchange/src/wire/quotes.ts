import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import { bestAskOf, bestBidOf } from '../venue/book.ts';
import type { Side } from '../venue/market.ts';
import type { Venue } from '../venue/venue.ts';
import { type Answer, failure, json } from './http.ts';
import { lastTradeOf, priceText } from './shapes.ts';

const TOKENS_MAX = 500;

export const NO_BOOK = 'No orderbook exists for the requested token id';
export const INVALID_TOKEN = 'Invalid token id';
const INVALID_SIDE = 'Invalid side';
const INVALID_PAYLOAD = 'Invalid payload';

/** What a request for many tokens names. */
export const Tokens = z
  .array(z.looseObject({ token_id: z.string(), side: z.string().optional() }))
  .max(TOKENS_MAX);

type Quote = (venue: Venue, tokenId: string, side: Side) => Readonly<Record<string, string>> | null;

function bestOf(venue: Venue, tokenId: string): readonly [bigint, bigint] | null {
  const book = venue.book(tokenId);
  const [bid, ask] = book ? [bestBidOf(book.view), bestAskOf(book.view)] : [null, null];
  return bid === null || ask === null ? null : [bid, ask];
}

const QUOTES: Readonly<Record<string, { readonly key: string; readonly one: Quote }>> = {
  price: {
    key: 'price',
    one: (venue, tokenId, side) => {
      const book = venue.book(tokenId);
      return book && { price: priceText(side === 'SELL' ? bestAskOf(book.view) : bestBidOf(book.view)) };
    },
  },
  midpoint: {
    key: 'mid',
    one: (venue, tokenId) => {
      const best = bestOf(venue, tokenId);
      return best && { mid: formatMicros((best[0] + best[1]) / 2n) };
    },
  },
  spread: {
    key: 'spread',
    one: (venue, tokenId) => {
      const best = bestOf(venue, tokenId);
      return best && { spread: formatMicros(best[1] - best[0]) };
    },
  },
  'last-trade-price': {
    key: 'price',
    one: (venue, tokenId) => {
      const market = venue.marketOf(tokenId);
      return market ? lastTradeOf(market, tokenId) : null;
    },
  },
};

const quoteNamed = (name: string) => (Object.hasOwn(QUOTES, name) ? QUOTES[name] : undefined);

/** In any case of letters; null where it is no side. */
function sideIn(text: string | null | undefined): Side | null {
  const side = text?.toUpperCase();
  return side === 'BUY' || side === 'SELL' ? side : null;
}

/** One token's quote. Null: there is no quote of that name. */
export function quoteAnswer(venue: Venue, name: string, query: URLSearchParams): Answer | null {
  const quote = quoteNamed(name);
  if (quote === undefined) return null;
  const tokenId = query.get('token_id') ?? '';
  if (tokenId === '') return failure(400, INVALID_TOKEN);
  const side = name === 'price' ? sideIn(query.get('side')) : 'BUY';
  if (side === null) return failure(400, INVALID_SIDE);
  const one = quote.one(venue, tokenId, side);
  return one === null ? failure(404, NO_BOOK) : json(one);
}

/** The quotes of many tokens, by token; those without a book are left out. */
export function quotesAnswer(venue: Venue, name: string, body: unknown): Answer {
  const tokens = Tokens.safeParse(body);
  const quote = quoteNamed(name);
  if (!tokens.success || quote === undefined) return failure(400, INVALID_PAYLOAD);
  if (name === 'last-trade-price')
    return json(tokens.data.map(({ token_id }) => ({ token_id, ...quote.one(venue, token_id, 'BUY') })));
  const all: Record<string, unknown> = {};
  for (const { token_id, side: said } of tokens.data) {
    const side = name === 'price' ? sideIn(said) : 'BUY';
    if (side === null) return failure(400, INVALID_SIDE);
    const one = quote.one(venue, token_id, side);
    if (one !== null) all[token_id] = name === 'price' ? { [side]: one['price'] } : one[quote.key];
  }
  return json(all);
}
