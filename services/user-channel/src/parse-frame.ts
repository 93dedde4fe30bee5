import { parseJsonText } from '@slipstream/exchange/public-client';
import { parseMicrosRounded, price, shares } from '@slipstream/money';
import { ConditionId, FillStatus, Id, Side, TokenId, Wallet } from '@slipstream/proto';
import { z } from 'zod';
import type { MakerRow, OrderRow, TradeRow } from './core/rows.ts';

const EVENTS_MAX = 1_000;
const MAKERS_MAX = 1_000;
/** Seconds of the year 5138; a larger number counts milliseconds. */
const SECONDS_MOST = 100_000_000_000;
const MS_PER_SECOND = 1_000;

const text = z.string().max(2_000);
const lower = text.transform((value) => value.toLowerCase());
const decimal = text.transform((digits, ctx): bigint => {
  try {
    return parseMicrosRounded(digits === '' ? '0' : digits);
  } catch {
    ctx.issues.push({ code: 'custom', input: digits, message: 'not a decimal' });
    return z.NEVER;
  }
});
const Shares = decimal.transform((n) => shares(n));
const Price = decimal.refine((n) => n <= 1_000_000n, 'more than a dollar').transform((n) => price(n));

/** The exchange writes times in seconds, in milliseconds and as ISO text. */
const Time = text.transform((written, ctx): Date => {
  const figure = /^\d{1,16}$/.test(written) ? Number(written) : null;
  const at = new Date(figure === null ? written : figure < SECONDS_MOST ? figure * MS_PER_SECOND : figure);
  if (!Number.isNaN(at.getTime())) return at;
  ctx.issues.push({ code: 'custom', input: written, message: 'not a time' });
  return z.NEVER;
});

/** Names of statuses by which the exchange has called, or calls, one of ours. Source: polymarket §2.3, §12. */
const TradeStatus = text
  .transform((status) => status.replace(/^TRADE_STATUS_/, '').replace(/^MATCHED_NOT_BROADCASTED$/, 'MATCHED'))
  .pipe(FillStatus);
const OrderStatus = text
  .transform((status) => status.replace(/^ORDER_STATUS_/, '').replace(/^CANCELED_.*$/s, 'CANCELED'))
  .pipe(z.enum(['LIVE', 'MATCHED', 'DELAYED', 'UNMATCHED', 'CANCELED', 'INVALID']));

const Maker = z
  .looseObject({
    order_id: lower.pipe(Id),
    owner: lower,
    maker_address: lower.pipe(Wallet),
    asset_id: TokenId,
    matched_amount: Shares,
    price: Price,
    side: Side.nullish(),
  })
  .transform(
    (row): MakerRow => ({
      orderId: row.order_id,
      owner: row.owner,
      wallet: row.maker_address,
      tokenId: row.asset_id,
      sizeMicros: row.matched_amount,
      priceMicros: row.price,
      side: row.side ?? null,
    }),
  );

const Trade = z
  .looseObject({
    event_type: z.literal('trade'),
    id: Id,
    taker_order_id: lower.pipe(Id),
    owner: lower,
    maker_address: lower.pipe(Wallet),
    market: lower.pipe(ConditionId),
    asset_id: TokenId,
    side: Side,
    size: Shares,
    price: Price,
    status: TradeStatus,
    match_time: Time.optional(),
    matchtime: Time.optional(),
    transaction_hash: lower.nullish(),
    trader_side: z.string().nullish(),
    maker_orders: z.array(Maker).max(MAKERS_MAX).nullish(),
  })
  .transform((row, ctx): TradeRow => {
    const matchedAt = row.match_time ?? row.matchtime;
    if (matchedAt === undefined) {
      ctx.issues.push({ code: 'custom', input: row, path: ['match_time'], message: 'missing' });
      return z.NEVER;
    }
    return {
      tradeId: row.id,
      takerOrderId: row.taker_order_id,
      owner: row.owner,
      wallet: row.maker_address,
      conditionId: row.market,
      tokenId: row.asset_id,
      side: row.side,
      sizeMicros: row.size,
      priceMicros: row.price,
      status: row.status,
      matchedAt,
      transactionHash: row.transaction_hash ?? '',
      weRested: row.trader_side?.toUpperCase() === 'MAKER',
      makers: row.maker_orders ?? [],
    };
  });

const Order = z
  .looseObject({
    event_type: z.literal('order'),
    id: lower.pipe(Id),
    market: lower.pipe(ConditionId),
    asset_id: TokenId,
    side: Side,
    original_size: Shares,
    size_matched: Shares.nullish(),
    price: Price,
    status: OrderStatus,
    timestamp: Time.nullish(),
  })
  .transform(
    (row): OrderRow => ({
      clobOrderId: row.id,
      conditionId: row.market,
      tokenId: row.asset_id,
      side: row.side,
      status: row.status,
      priceMicros: row.price,
      originalSizeMicros: row.original_size,
      sizeMatchedMicros: row.size_matched ?? shares(0n),
      at: row.timestamp ?? null,
    }),
  );

/** What one event of the user channel says. */
export type UserEvent =
  | { readonly kind: 'trade'; readonly trade: TradeRow }
  | { readonly kind: 'order'; readonly order: OrderRow }
  /** Nobody can read it; `why` names fields, never what stands in them. */
  | { readonly kind: 'rubbish'; readonly why: string };

const kindOf = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && 'event_type' in event ? event.event_type : undefined;

function issueOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return `${issue?.path.join('.')}: ${issue?.message}`;
}

function readEvent(event: unknown): UserEvent {
  const kind = kindOf(event);
  if (kind === 'trade') {
    const trade = Trade.safeParse(event);
    return trade.success
      ? { kind: 'trade', trade: trade.data }
      : { kind: 'rubbish', why: `trade ${issueOf(trade.error)}` };
  }
  if (kind === 'order') {
    const order = Order.safeParse(event);
    return order.success
      ? { kind: 'order', order: order.data }
      : { kind: 'rubbish', why: `order ${issueOf(order.error)}` };
  }
  return { kind: 'rubbish', why: 'neither a trade nor an order' };
}

/**
 * The events of one frame: one object, or a list of them. Signs of life (PONG, an empty text, an empty list) say
 * nothing. Errors: none; what cannot be read is said to be so. Source: polymarket §4.2, §12.
 */
export function parseFrame(frame: string): readonly UserEvent[] {
  if (/^"?(pong)?"?\s*$/i.test(frame)) return [];
  let read: unknown;
  try {
    read = parseJsonText(frame);
  } catch {
    return [{ kind: 'rubbish', why: 'not JSON' }];
  }
  const events = Array.isArray(read) ? read : [read];
  if (events.length > EVENTS_MAX) return [{ kind: 'rubbish', why: `more than ${EVENTS_MAX} events` }];
  return events.map(readEvent);
}
