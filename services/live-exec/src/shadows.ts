import type { Sql } from '@slipstream/db';
import { SIZE_STEP_MICROS, takerFee, walk } from '@slipstream/exchange';
import { price, shares } from '@slipstream/money';
import type { Clock } from '@slipstream/runtime';
import type { LiveOrder } from './core/order.ts';
import type { Known } from './known.ts';

/** A real order would have been at the exchange by then. */
const LOOK_AFTER_MS = 1_000;
/** Books of shadow orders are looked at while they are this fresh. */
const BOOK_AGE_MAX_MS = 5_000;

/** What the book offered to an order that was not sent. */
export type ShadowLook =
  | {
      readonly kind: 'seen';
      readonly at: string;
      readonly bookAgeMs: number;
      readonly filledSizeMicros: string;
      readonly filledNotionalMicros: string;
      readonly feeMicros: string | null;
    }
  | { readonly kind: 'not-seen'; readonly at: string; readonly why: string };

export type ShadowPorts = { readonly clock: Clock; readonly known: Known; readonly query: Sql };

/** Walks the book that there is now with the order that would have been sent. Amounts in micros, as text. */
function lookAt(known: Pick<Known, 'market'>, order: LiveOrder, now: Date): ShadowLook {
  const at = now.toISOString();
  const answer = known.market.judge(order.tokenId, now, BOOK_AGE_MAX_MS);
  if (answer.kind !== 'usable') return { kind: 'not-seen', at, why: 'there was no fresh book to look at' };
  const limit = price(order.priceMicros);
  const cap = { sizeMicros: shares(order.sizeMicros) };
  const taken = walk(answer.book, order.side, limit, cap, SIZE_STEP_MICROS);
  const market = known.market.meta(order.tokenId);
  const fee =
    market && taken.fills.reduce((sum, f) => sum + takerFee(f.sizeMicros, f.priceMicros, market), 0n);
  return {
    kind: 'seen',
    at,
    bookAgeMs: answer.ageMs,
    filledSizeMicros: String(taken.sizeMicros),
    filledNotionalMicros: String(taken.notionalMicros),
    feeMicros: fee === undefined ? null : String(fee),
  };
}

const keep = async (sql: Sql, orderId: string, look: ShadowLook): Promise<void> => {
  await sql.query(`update live.live_order set shadow = $2::jsonb where order_id = $1 and state = 'SHADOW'`, [
    orderId,
    JSON.stringify(look),
  ]);
};

/** Looks at the book again when a real order would have been there, and keeps what it would have got. */
export const watchShadows =
  ({ clock, known, query }: ShadowPorts) =>
  (orders: readonly LiveOrder[]): void => {
    for (const order of orders) {
      const due = new Date(order.claimedAt.getTime() + LOOK_AFTER_MS);
      clock.at(due, `shadow:${order.orderId}`, () =>
        keep(query, order.orderId, lookAt(known, order, clock.now())),
      );
    }
  };

/** Shadows whose moment passed while nobody ran are said not to have been seen. */
export const closeMissedShadows = async (sql: Sql, scope: string, now: Date): Promise<void> => {
  const look: ShadowLook = { kind: 'not-seen', at: now.toISOString(), why: 'the service was not running' };
  await sql.query(
    `update live.live_order set shadow = $3::jsonb
     where scope = $1 and status = 'SHADOW_ONLY' and shadow is null and claimed_at < $2`,
    [scope, new Date(now.getTime() - LOOK_AFTER_MS), JSON.stringify(look)],
  );
};
