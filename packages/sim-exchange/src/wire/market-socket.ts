import { z } from 'zod';
import { bestAskOf, bestBidOf } from '../venue/book.ts';
import type { Market } from '../venue/market.ts';
import type { BookUpdate, Venue } from '../venue/venue.ts';
import { openDelivery } from './delivery.ts';
import type { Faults } from './faults.ts';
import {
  bestBidAskEvent,
  bookEvent,
  lastTradeEvent,
  marketResolvedEvent,
  newMarketEvent,
  priceChangeEvent,
  tickSizeEvent,
} from './market-events.ts';
import { type Client, openHub, type SocketHub } from './sockets.ts';

const TOKENS_PER_FRAME_MAX = 20_000;
/** One connection's tokens; what goes beyond is not subscribed. */
const TOKENS_PER_SOCKET_MAX = 100_000;

/** Clients write the first frame in several ways; `operation` counts only where there is no `type`. */
const Frame = z.looseObject({
  type: z.string().nullish(),
  operation: z.string().nullish(),
  assets_ids: z.array(z.string()).max(TOKENS_PER_FRAME_MAX).nullish(),
  initial_dump: z.boolean().nullish(),
  custom_feature_enabled: z.boolean().nullish(),
});
type Frame = z.infer<typeof Frame>;

type Subscriber = { readonly tokens: Set<string>; custom: boolean };

export type MarketSocketOptions = {
  /** The first frame as single objects instead of an array. */
  readonly singleObjects: boolean;
};

/** Null: it is none that we understand, and the channel says nothing to it. */
function frameIn(text: string): Frame | null {
  try {
    return Frame.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Takes a frame's tokens on and gives those that want a snapshot; null where no snapshot is due. */
function subscribe({ state }: Client<Subscriber>, frame: Frame): readonly string[] | null {
  const tokens = frame.assets_ids ?? [];
  // Subscribing again gives no snapshot: unsubscribe first.
  const fresh = tokens
    .filter((tokenId) => !state.tokens.has(tokenId))
    .slice(0, TOKENS_PER_SOCKET_MAX - state.tokens.size);
  for (const tokenId of fresh) state.tokens.add(tokenId);
  const again = tokens.length > 0 && fresh.length === 0;
  return frame.assets_ids == null || again || frame.initial_dump === false ? null : fresh;
}

/** The market channel: books on subscribing, then every change. Source: polymarket §4.1. */
export function openMarketSocket(
  venue: Venue,
  faults: Faults,
  path: string,
  options: MarketSocketOptions,
): SocketHub<Subscriber> {
  const hub = openHub<Subscriber>({
    path,
    open: () => ({ tokens: new Set(), custom: false }),
    hear: (client, text) => {
      const frame = frameIn(text);
      if (frame === null) return;
      if (frame.custom_feature_enabled != null) client.state.custom = frame.custom_feature_enabled;
      if (frame.operation === 'unsubscribe') {
        for (const tokenId of frame.assets_ids ?? []) client.state.tokens.delete(tokenId);
        return;
      }
      const fresh = subscribe(client, frame);
      if (fresh === null || isQuiet(faults)) return;
      const books = fresh.flatMap((tokenId) => bookEvent(venue, tokenId) ?? []);
      if (isOfSingleObjects(faults, options))
        for (const book of books) hub.send(client, JSON.stringify(book));
      else hub.send(client, JSON.stringify(books));
    },
    answersPing: () => !faults.marketFrozen,
  });
  tellChanges(venue, faults, announcer(hub, faults));
  return hub;
}

const isQuiet = ({ marketFrozen, marketSilent }: Faults): boolean => marketFrozen || marketSilent;

const isOfSingleObjects = ({ firstFrame }: Faults, { singleObjects }: MarketSocketOptions): boolean =>
  firstFrame === '' ? singleObjects : firstFrame === 'objects';

/** Sends one event to everybody whom it concerns. It is made only when there is somebody, and once. */
type Announce = (wants: (subscriber: Subscriber) => boolean, event: () => object | null) => void;

function announcer(hub: SocketHub<Subscriber>, faults: Faults): Announce {
  const deliver = openDelivery(() => ({
    missEvery: faults.marketMissEvery,
    repeat: faults.marketRepeat,
    swapped: faults.marketSwapped,
    lagMs: faults.marketLagMs,
  }));
  return (wants, event) => {
    if (isQuiet(faults)) return;
    const concerned = [...hub.clients].filter((client) => wants(client.state));
    const made = concerned.length > 0 ? event() : null;
    if (made === null) return;
    const text = JSON.stringify(made);
    deliver(() => {
      for (const client of concerned) hub.send(client, text);
    });
  };
}

const wantsToken =
  (...tokenIds: readonly string[]) =>
  (subscriber: Subscriber): boolean =>
    tokenIds.some((tokenId) => subscriber.tokens.has(tokenId));
const wantsCustom =
  (tokenId: string) =>
  (subscriber: Subscriber): boolean =>
    subscriber.custom && subscriber.tokens.has(tokenId);

function tellChanges(venue: Venue, faults: Faults, announce: Announce): void {
  const tellBest = bestTeller(venue, announce);
  venue.on('book', (update) => {
    const { market, whole } = update;
    if (!whole)
      announce(wantsToken(...market.tokenIds), () => priceChangeEvent(venue, update, !faults.marketNoBest));
    else
      for (const tokenId of market.tokenIds) announce(wantsToken(tokenId), () => bookEvent(venue, tokenId));
    tellBest(update);
  });
  venue.on('print', (print) => announce(wantsToken(print.trade.tokenId), () => lastTradeEvent(print)));
  venue.on('tick', ({ market, oldTickMicros, atMs }) => {
    for (const tokenId of market.tokenIds)
      announce(wantsToken(tokenId), () => tickSizeEvent(market, tokenId, oldTickMicros, atMs));
  });
  venue.on('opened', ({ market, atMs }) =>
    announce(
      (subscriber) => subscriber.custom,
      () => newMarketEvent(market, atMs),
    ),
  );
  venue.on('resolved', ({ market, atMs }) => {
    const [first, second] = market.tokenIds;
    announce(
      (subscriber) => wantsCustom(first)(subscriber) || wantsCustom(second)(subscriber),
      () => marketResolvedEvent(market, atMs),
    );
  });
}

/** The best prices of a market's book as one text; null where there is no book. */
function bestIn(venue: Venue, market: Market): string | null {
  const book = venue.book(market.tokenIds[0]);
  return book ? `${bestBidOf(book.view)} ${bestAskOf(book.view)}` : null;
}

/** Tells the best prices of a book whenever they change, to who asked for the extras. */
function bestTeller(venue: Venue, announce: Announce): (update: BookUpdate) => void {
  const known = new Map<string, string | null>();
  for (const market of venue.markets.values()) known.set(market.conditionId, bestIn(venue, market));
  return ({ market, atMs }) => {
    const best = bestIn(venue, market);
    if (best === null || known.get(market.conditionId) === best) return;
    known.set(market.conditionId, best);
    for (const tokenId of market.tokenIds)
      announce(wantsCustom(tokenId), () => bestBidAskEvent(venue, market, tokenId, atMs));
  };
}

/** Rubbish of several kinds, as a broken proxy would send it. */
export const RUBBISH = [
  '{"event_type":"book","asset_id":17',
  '{"event_type":"price_change","price_changes":"none"}',
  'INVALID OPERATION',
] as const;
