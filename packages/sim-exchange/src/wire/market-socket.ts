import { formatMicros } from '@slipstream/money';
import { z } from 'zod';
import { bestAskOf, bestBidOf, mirrorChange } from '../venue/book.ts';
import type { BookUpdate, Venue } from '../venue/venue.ts';
import type { Faults } from './faults.ts';
import { bookPayload, lastTradePrice, priceText } from './shapes.ts';
import { type Client, openHub, type SocketHub } from './sockets.ts';

const TOKENS_PER_FRAME_MAX = 20_000;

/** Clients write the first frame in several ways; `operation` counts only where there is no `type`. */
const Frame = z.looseObject({
  type: z.string().optional(),
  operation: z.string().optional(),
  assets_ids: z.array(z.string()).max(TOKENS_PER_FRAME_MAX).optional(),
  initial_dump: z.boolean().optional(),
  custom_feature_enabled: z.boolean().optional(),
});

type Subscriber = { readonly tokens: Set<string>; custom: boolean };

export type MarketSocketOptions = {
  /** The first frame as single objects instead of an array. */
  readonly singleObjects: boolean;
  readonly nowMs: () => number;
};

/** The market channel: books on subscribing, then every change. Source: polymarket §4.1. */
export function openMarketSocket(
  venue: Venue,
  faults: Faults,
  path: string,
  options: MarketSocketOptions,
): SocketHub<Subscriber> {
  const bookEvent = (tokenId: string) => {
    const book = venue.book(tokenId);
    if (!book) return null;
    const payload = bookPayload(book.market, tokenId, book.view, book.changedAtMs);
    return { event_type: 'book', ...payload };
  };

  const dump = (client: Client<Subscriber>, tokens: readonly string[]): void => {
    const books = tokens.flatMap((tokenId) => bookEvent(tokenId) ?? []);
    if (options.singleObjects) for (const book of books) hub.send(client, JSON.stringify(book));
    else hub.send(client, JSON.stringify(books));
  };

  const hear = (client: Client<Subscriber>, text: string): void => {
    let frame: z.infer<typeof Frame>;
    try {
      frame = Frame.parse(JSON.parse(text));
    } catch {
      return;
    }
    if (frame.custom_feature_enabled !== undefined) client.state.custom = frame.custom_feature_enabled;
    const tokens = frame.assets_ids ?? [];
    if (frame.operation === 'unsubscribe') {
      for (const tokenId of tokens) client.state.tokens.delete(tokenId);
      return;
    }
    // Subscribing again gives no snapshot: unsubscribe first.
    const fresh = tokens.filter((tokenId) => !client.state.tokens.has(tokenId));
    for (const tokenId of tokens) client.state.tokens.add(tokenId);
    const again = tokens.length > 0 && fresh.length === 0;
    if (frame.assets_ids === undefined || again || frame.initial_dump === false || faults.marketFrozen)
      return;
    dump(client, fresh);
  };

  const hub = openHub<Subscriber>({
    path,
    open: () => ({ tokens: new Set(), custom: false }),
    hear,
    answersPing: () => !faults.marketFrozen,
  });

  /** Sends one text to everybody who asked for one of these tokens; made only when somebody did. */
  const tell = (tokenIds: readonly string[], customOnly: boolean, text: () => string | null): void => {
    if (faults.marketFrozen) return;
    let made: string | null | undefined;
    for (const client of hub.clients) {
      if (customOnly && !client.state.custom) continue;
      if (!tokenIds.some((tokenId) => client.state.tokens.has(tokenId))) continue;
      made ??= text();
      if (made !== null) hub.send(client, made);
    }
  };

  /** One message tells both tokens' changes, whichever was asked for, as the exchange does. */
  const priceChange = ({ market, changes, atMs }: BookUpdate): string => {
    const entries = market.tokenIds.flatMap((tokenId) => {
      const book = venue.book(tokenId);
      const hash = book ? bookPayload(market, tokenId, book.view, atMs).hash : '';
      const own = tokenId === market.tokenIds[0] ? changes : changes.map(mirrorChange);
      return own.map((change) => ({
        asset_id: tokenId,
        price: formatMicros(change.priceMicros),
        size: formatMicros(change.sizeMicros),
        side: change.side,
        hash,
        best_bid: priceText(book ? bestBidOf(book.view) : null) || '0',
        best_ask: priceText(book ? bestAskOf(book.view) : null) || '1',
      }));
    });
    return JSON.stringify({
      event_type: 'price_change',
      market: market.conditionId,
      price_changes: entries,
      timestamp: String(atMs),
    });
  };

  venue.on('book', (update) => {
    if (!update.whole) return tell(update.market.tokenIds, false, () => priceChange(update));
    for (const tokenId of update.market.tokenIds)
      tell([tokenId], false, () => JSON.stringify(bookEvent(tokenId)));
  });
  venue.on('trade', (trade) => {
    const market = venue.marketOf(trade.tokenId);
    if (!market) return;
    tell([trade.tokenId], false, () =>
      JSON.stringify({
        event_type: 'last_trade_price',
        market: market.conditionId,
        asset_id: trade.tokenId,
        price: lastTradePrice(market, trade.tokenId),
        size: trade.size,
        fee_rate_bps: '0',
        side: trade.side,
        timestamp: String(trade.atMs),
        transaction_hash: trade.transactionHash,
      }),
    );
  });
  venue.on('tick', ({ market, oldTickMicros, atMs }) => {
    for (const tokenId of market.tokenIds)
      tell([tokenId], false, () =>
        JSON.stringify({
          event_type: 'tick_size_change',
          market: market.conditionId,
          asset_id: tokenId,
          old_tick_size: formatMicros(oldTickMicros),
          new_tick_size: formatMicros(market.tickMicros),
          timestamp: String(atMs),
        }),
      );
  });
  venue.on('resolved', ({ market, atMs }) => {
    const winner = market.payout?.numerators.indexOf(market.payout.denominator) ?? -1;
    const winning = winner < 0 ? '' : (market.tokenIds[winner] ?? '');
    tell(market.tokenIds, true, () =>
      JSON.stringify({
        event_type: 'market_resolved',
        id: market.conditionId,
        market: market.conditionId,
        assets_ids: [...market.tokenIds],
        winning_asset_id: winning,
        winning_outcome: winner < 0 ? '' : market.outcomes[winner],
        event_message: null,
        tags: [],
        timestamp: String(atMs),
      }),
    );
  });
  return hub;
}

/** Rubbish of several kinds, as a broken proxy would send it. */
export const RUBBISH = [
  '{"event_type":"book","asset_id":17',
  '{"event_type":"price_change","price_changes":"none"}',
  'INVALID OPERATION',
] as const;
