import { type ExchangePort, type OrderRequest, orderAmounts, VenueError } from '@slipstream/exchange';
import { openPublicClient } from '@slipstream/exchange/public-client';
import { pause } from '@slipstream/runtime';
import type { CanaryEnd } from './core/diagnosis.ts';
import { readOutcome } from './core/outcome.ts';
import { saltOf } from './core/salt.ts';

/** How often, and how long between, the exchange is asked for the order that it has just taken. */
const LOOKS_MAX = 10;
const LOOK_AGAIN_MS = 500;
/** How often it is asked to cancel when it does not answer. */
const CANCELS_MAX = 5;
const MILLISECONDS = 1_000;
/** The exchange wants three minutes at least, and ends such orders a minute early. Source: polymarket §2.6. */
const LIFE_S = 300;
/** Ticks that have to lie between the order and whoever sells. */
const TICKS_AWAY = 3n;

type Planned =
  | { readonly kind: 'order'; readonly request: OrderRequest }
  | { readonly kind: 'not-tried'; readonly why: string };

/** The cheapest order that a market takes: its smallest size at its lowest price. */
async function planCanary(
  clobUrl: string,
  tokenId: string,
  venueVersion: 1 | 2,
  now: Date,
): Promise<Planned> {
  const client = openPublicClient({ clobUrl, dataUrl: clobUrl, gammaUrl: clobUrl });
  try {
    const condition = await client.conditionOf(tokenId);
    if (condition.kind !== 'ok')
      return { kind: 'not-tried', why: 'the exchange knows no market of that token' };
    const [info, book] = await Promise.all([client.marketInfo(condition.value), client.book(tokenId)]);
    if (info.kind !== 'ok' || book.kind !== 'ok')
      return { kind: 'not-tried', why: 'the market or its book cannot be read' };
    const { mts: tickMicros, mos: sizeMicros, nr: negRisk, v } = info.value;
    const nearest = book.value.asks.reduce<bigint | null>(
      (least, { price }) => (least === null || price < least ? price : least),
      null,
    );
    if (nearest !== null && nearest <= tickMicros * (TICKS_AWAY + 1n))
      return { kind: 'not-tried', why: 'somebody sells near the lowest price, so it could fill' };
    const order = { side: 'BUY', priceMicros: tickMicros, sizeMicros, tickMicros, orderType: 'GTC' } as const;
    const amounts = orderAmounts(order);
    if (amounts === null) return { kind: 'not-tried', why: 'the market’s tick is none that we know' };
    return {
      kind: 'order',
      request: {
        ...amounts,
        tokenId,
        side: 'BUY',
        orderType: 'GTD',
        postOnly: true,
        // Should nobody be left to cancel it, it ends by itself.
        expirationS: Math.floor(now.getTime() / MILLISECONDS) + LIFE_S,
        negRisk,
        version: v === 'v2' ? 3 : venueVersion,
        salt: saltOf(`canary ${tokenId} ${now.toISOString()}`),
        timestampMs: now.getTime(),
      },
    };
  } finally {
    await client.close();
  }
}

async function isSeen(port: ExchangePort, orderId: string): Promise<boolean> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const found = await port.order(orderId).catch((error: unknown) => {
      if (error instanceof VenueError) return null;
      throw error;
    });
    if (found !== null) return true;
    await pause(LOOK_AGAIN_MS);
  }
  return false;
}

type TakenAway =
  | { readonly kind: 'canceled' }
  | { readonly kind: 'not-canceled'; readonly why: string }
  | { readonly kind: 'unanswered'; readonly why: string };

/** Takes the order away, and says why it may still be there. */
async function takeAway(port: ExchangePort, orderId: string): Promise<TakenAway> {
  for (let tries = 1; ; tries++)
    try {
      const { canceled, notCanceled } = await port.cancel([orderId]);
      if (canceled.includes(orderId)) return { kind: 'canceled' };
      const why = `the exchange did not cancel it (${notCanceled.get(orderId) ?? 'without a reason'})`;
      return { kind: 'not-canceled', why };
    } catch (error) {
      if (!(error instanceof VenueError)) throw error;
      if (tries >= CANCELS_MAX)
        return { kind: 'unanswered', why: 'the exchange did not answer to its cancellation' };
      await pause(LOOK_AGAIN_MS);
    }
}

/**
 * Places one post-only order of the smallest size at the lowest price, looks for it by its id and cancels it. It
 * moves no money: it rests for a second, far from anybody who sells. Errors: none of the exchange's.
 */
export async function tryCanary(
  port: ExchangePort,
  market: { readonly clobUrl: string; readonly tokenId: string },
  now: Date,
): Promise<CanaryEnd> {
  const planned = await planCanary(market.clobUrl, market.tokenId, port.venueVersion, now);
  if (planned.kind === 'not-tried') return planned;
  const signed = await port.sign(planned.request);
  const { orderId } = signed;
  const sent = { orderId, side: 'BUY', makerMicros: planned.request.makerMicros } as const;
  const outcome = readOutcome(await port.place(signed), sent);
  if (outcome.kind === 'rejected') return { kind: 'refused', code: outcome.code };
  if (outcome.kind === 'killed') return { kind: 'refused', code: 'KILLED' };
  if (outcome.kind === 'held') return { kind: 'refused', code: outcome.why };
  const seen = await isSeen(port, orderId);
  const left = await takeAway(port, orderId);
  if (left.kind === 'unanswered') return { kind: 'left-over', orderId, why: left.why };
  if (left.kind === 'canceled')
    return seen ? { kind: 'well', orderId } : { kind: 'left-over', orderId, why: 'was not seen by its id' };
  // Neither seen nor to be cancelled, and its answer was none: the exchange has never had it.
  return seen || outcome.kind === 'accepted'
    ? { kind: 'left-over', orderId, why: left.why }
    : { kind: 'refused', code: outcome.why };
}
