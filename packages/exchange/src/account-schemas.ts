import { ONE, parseMicrosRounded, price, shares } from '@slipstream/money';
import { z } from 'zod';
import type { VenueFill, VenueOrder } from './port.ts';

const MILLISECONDS = 1_000;

/** Digits beyond the sixth, which an average price may have, are rounded. */
const decimal = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const text = String(value);
  if (/^\d{1,15}(\.\d{1,30})?$/.test(text)) return parseMicrosRounded(text);
  ctx.issues.push({ code: 'custom', input: value, message: 'is no decimal' });
  return z.NEVER;
});
/** A share costs a dollar at most: another figure is none, and not a fault of ours. */
const priceText = decimal.refine((micros) => micros <= ONE, 'is no price');
const lower = z.string().toLowerCase();
const side = z
  .string()
  .toUpperCase()
  .pipe(z.enum(['BUY', 'SELL']));

/** Without the prefix that one of the exchange's documents writes. */
const plain = (prefix: string) =>
  z
    .string()
    .toUpperCase()
    .transform((text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text));

/**
 * Every end that the exchange has a word of its own for is CANCELED to us (`CANCELED_MARKET_RESOLVED`, …). A word that is
 * none of an end is one that we do not know: an order must not be taken for ended because of it.
 */
const orderStatus = plain('ORDER_STATUS_').transform((text, ctx): VenueOrder['status'] => {
  if (text === 'LIVE' || text === 'MATCHED' || text === 'DELAYED' || text === 'UNMATCHED') return text;
  if (text === 'INVALID') return 'INVALID';
  if (/^(CANCELL?ED|EXPIRED)(_|$)/.test(text)) return 'CANCELED';
  ctx.issues.push({ code: 'custom', input: text, message: 'is no status that we know' });
  return z.NEVER;
});

export const OrderRow = z
  .object({
    id: lower,
    status: orderStatus,
    asset_id: z.string(),
    side,
    original_size: decimal,
    size_matched: decimal,
    price: priceText,
    associate_trades: z.array(z.string()).nullish(),
  })
  .transform(
    (row): VenueOrder => ({
      orderId: row.id,
      tokenId: row.asset_id,
      status: row.status,
      side: row.side,
      originalSizeMicros: shares(row.original_size),
      sizeMatchedMicros: shares(row.size_matched),
      priceMicros: price(row.price),
      tradeIds: row.associate_trades ?? [],
    }),
  );

const tradeStatus = plain('TRADE_STATUS_')
  .transform((text) => (text === 'MATCHED_NOT_BROADCASTED' ? 'MATCHED' : text))
  .pipe(z.enum(['MATCHED', 'MINED', 'CONFIRMED', 'RETRYING', 'FAILED']));

const seconds = z.union([z.string(), z.number()]).transform((value, ctx) => {
  if (/^\d{1,11}$/.test(String(value))) return new Date(Number(value) * MILLISECONDS);
  ctx.issues.push({ code: 'custom', input: value, message: 'is no time in seconds' });
  return z.NEVER;
});

export const TradeRow = z.object({
  id: z.string(),
  taker_order_id: lower,
  market: lower,
  asset_id: z.string(),
  side,
  size: decimal,
  price: priceText,
  status: tradeStatus,
  match_time: seconds,
  transaction_hash: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  owner: lower,
  maker_address: lower,
  trader_side: z.string().toUpperCase().nullish(),
  maker_orders: z.array(
    z.object({
      order_id: lower,
      owner: lower,
      maker_address: lower,
      matched_amount: decimal,
      price: priceText,
      asset_id: z.string(),
      side,
    }),
  ),
});
export type TradeRow = z.infer<typeof TradeRow>;

/** Whose legs of a trade are ours: the API key's, or the wallet's. */
export type Own = { readonly key: string; readonly funder: string };

/** Our legs of a trade: the taker's whole when it is ours, and each of our resting orders in it. */
export function fillsOf(row: TradeRow, own: Own): readonly VenueFill[] {
  const shared = {
    tradeId: row.id,
    conditionId: row.market,
    status: row.status,
    matchedAt: row.match_time,
    transactionHash: row.transaction_hash,
  };
  const isOwn = (leg: { readonly owner: string; readonly maker_address: string }): boolean =>
    leg.owner === own.key || leg.maker_address === own.funder;
  // Where the exchange says that we rested, the row's own owner is not to be trusted: it would be booked twice.
  const isTaker = isOwn(row) && row.trader_side !== 'MAKER';
  const taken: VenueFill[] = isTaker
    ? [
        {
          ...shared,
          orderId: row.taker_order_id,
          tokenId: row.asset_id,
          side: row.side,
          sizeMicros: shares(row.size),
          priceMicros: price(row.price),
          liquidity: 'TAKER',
        },
      ]
    : [];
  const rested = row.maker_orders.filter(isOwn).map(
    (leg): VenueFill => ({
      ...shared,
      orderId: leg.order_id,
      tokenId: leg.asset_id,
      side: leg.side,
      sizeMicros: shares(leg.matched_amount),
      priceMicros: price(leg.price),
      liquidity: 'MAKER',
    }),
  );
  return [...taken, ...rested];
}

export const Page = z.object({
  next_cursor: z.string().nullish(),
  data: z.array(z.unknown()),
});

const wholeText = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const text = String(value);
  if (/^\d{1,78}$/.test(text)) return BigInt(text);
  ctx.issues.push({ code: 'custom', input: value, message: 'is no whole number' });
  return z.NEVER;
});
export const BalanceReply = z.object({
  balance: wholeText,
  allowances: z.record(z.string(), wholeText).nullish(),
});
/** An answer that names neither list is none: an order might be taken for cancelled. */
export const CancelAnswer = z
  .object({
    canceled: z.array(lower).nullish(),
    not_canceled: z.record(z.string(), z.string()).nullish(),
  })
  .refine((answer) => answer.canceled !== undefined || answer.not_canceled !== undefined);
export const HeartbeatAnswer = z.object({ heartbeat_id: z.string() });
export const ClosedOnlyAnswer = z.object({ closed_only: z.boolean() });
