import {
  type PriceMicros,
  parseMicrosRounded,
  price,
  type ShareMicros,
  shares,
  type UsdMicros,
  usd,
} from '@slipstream/money';
import { z } from 'zod';

/** The exchange writes numbers as JSON numbers and as strings; both come as text here, and some as booleans of text. */
const text = z.string().max(2_000);
const optionalText = text.nullish().transform((v) => v ?? '');
const whole = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const rounded = <T extends bigint>(brand: (n: bigint) => T) =>
  z.string().transform((digits, ctx): T => {
    try {
      return brand(parseMicrosRounded(digits));
    } catch (error) {
      ctx.issues.push({
        code: 'custom',
        input: digits,
        message: error instanceof Error ? error.message : 'not a number',
      });
      return z.NEVER;
    }
  });

const Price = rounded<PriceMicros>(price);
const Shares = rounded<ShareMicros>(shares);
const Dollars = rounded<UsdMicros>(usd);
const Rate = rounded<bigint>((n) => n);

const WalletText = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((address) => address.toLowerCase());
const Hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((hash) => hash.toLowerCase());
const Condition = z
  .string()
  .regex(/^0x[0-9a-fA-F]{62,64}$/)
  .transform((id) => id.toLowerCase());
const Token = z.string().regex(/^\d{1,78}$/);
const LEVELS_MAX = 20_000;
const ROWS_MAX = 10_000;

const Level = z.looseObject({ price: Price, size: Shares });

/** A book as REST and the socket write it; levels come best last. */
export const BookRow = z.looseObject({
  market: Condition.optional(),
  asset_id: Token,
  timestamp: z
    .string()
    .regex(/^\d{1,16}$/)
    .optional(),
  bids: z.array(Level).max(LEVELS_MAX),
  asks: z.array(Level).max(LEVELS_MAX),
});
export type BookRow = z.infer<typeof BookRow>;

const Change = z.looseObject({
  asset_id: Token,
  price: Price,
  size: Shares,
  side: z.enum(['BUY', 'SELL']),
  best_bid: z.string().optional(),
  best_ask: z.string().optional(),
});
export type LevelChangeRow = z.infer<typeof Change>;

/** Level changes, in today's form and in the one of before: one change with the fields at the top. */
export const PriceChangeRow = z.union([
  z.looseObject({ price_changes: z.array(Change).max(LEVELS_MAX), timestamp: text.optional() }),
  Change.extend({ timestamp: text.optional() }).transform(({ timestamp, ...change }) => ({
    price_changes: [change],
    timestamp,
  })),
]);

export const TickChangeRow = z.looseObject({
  asset_id: Token,
  market: Condition.optional(),
  new_tick_size: Price,
});
export const ResolvedRow = z.looseObject({ market: Condition });

/** One activity of one wallet, from either version of the Data API or the real-time feed. */
export type ActivityRow = {
  readonly wallet: string;
  readonly type: string;
  readonly tokenId: string;
  readonly conditionId: string;
  readonly side: string;
  readonly priceMicros: PriceMicros;
  readonly sizeMicros: ShareMicros;
  readonly usdcMicros: UsdMicros | null;
  readonly transactionHash: string;
  readonly outcome: string;
  readonly timestamp: number;
};

const activityFields = { price: Price, size: Shares, timestamp: whole, outcome: optionalText };

export const ActivityV2 = z
  .looseObject({
    ...activityFields,
    proxy_wallet: WalletText,
    type: text,
    token_id: optionalText,
    condition_id: optionalText,
    side: optionalText,
    usdc_size: Dollars.nullish(),
    transaction_hash: Hash,
  })
  .transform(
    (r): ActivityRow => ({
      wallet: r.proxy_wallet,
      type: r.type,
      tokenId: r.token_id,
      conditionId: r.condition_id.toLowerCase(),
      side: r.side,
      priceMicros: r.price,
      sizeMicros: r.size,
      usdcMicros: r.usdc_size ?? null,
      transactionHash: r.transaction_hash,
      outcome: r.outcome,
      timestamp: r.timestamp,
    }),
  );

/** v1 rows and the real-time feed's payload have the same names. */
export const ActivityV1 = z
  .looseObject({
    ...activityFields,
    proxyWallet: WalletText,
    type: text.default('TRADE'),
    asset: optionalText,
    conditionId: optionalText,
    side: optionalText,
    usdcSize: Dollars.nullish(),
    transactionHash: Hash,
  })
  .transform(
    (r): ActivityRow => ({
      wallet: r.proxyWallet,
      type: r.type,
      tokenId: r.asset,
      conditionId: r.conditionId.toLowerCase(),
      side: r.side,
      priceMicros: r.price,
      sizeMicros: r.size,
      usdcMicros: r.usdcSize ?? null,
      transactionHash: r.transactionHash,
      outcome: r.outcome,
      timestamp: r.timestamp,
    }),
  );

export const PageV2 = z.looseObject({
  data: z.array(z.unknown()).max(ROWS_MAX),
  pagination: z.looseObject({ has_more: z.boolean(), next_cursor: z.string().nullish() }),
});
export const PageV1 = z.array(z.unknown()).max(ROWS_MAX);

/** Ten billion dollars in one wallet: what claims more is not believed. */
const WORTH_MOST_MICROS = 10n ** 16n;
const Worth = Dollars.refine((worth) => worth <= WORTH_MOST_MICROS, 'more than any wallet holds');

/** What the positions of one wallet are worth, as the exchange marks them. */
export type PortfolioValue = { readonly wallet: string; readonly worthMicros: UsdMicros };

export const PortfolioValueV2 = z
  .looseObject({ data: z.looseObject({ proxy_wallet: WalletText, value: Worth }) })
  .transform(({ data }): PortfolioValue => ({ wallet: data.proxy_wallet, worthMicros: data.value }));

/** v1 answers with a list, though of one. */
export const PortfolioValueV1 = z
  .tuple([z.looseObject({ user: WalletText, value: Worth })])
  .transform(([row]): PortfolioValue => ({ wallet: row.user, worthMicros: row.value }));

/** What a wallet has of one token; the row says much more. */
export const PositionRowV2 = z.looseObject({
  proxy_wallet: WalletText,
  token_id: Token,
  condition_id: Condition,
  current_size: Shares,
});

export const MarketInfoRow = z.looseObject({
  c: Condition,
  t: z
    .array(z.looseObject({ t: Token, o: text }))
    .min(1)
    .max(256),
  mts: Price,
  mos: Shares,
  nr: z.boolean(),
  fd: z.looseObject({ r: Rate, e: whole, to: z.boolean().optional() }).nullish(),
  ao: z.boolean().optional(),
  v: text.optional(),
});

export const MarketRow = z.looseObject({
  condition_id: Condition,
  question: optionalText,
  market_slug: optionalText,
  end_date_iso: optionalText,
  closed: z.boolean(),
  accepting_orders: z.boolean().optional(),
});

export const GammaMarketRow = z.looseObject({
  conditionId: Condition,
  endDate: optionalText,
  closed: z.boolean().optional(),
  acceptingOrders: z.boolean().optional(),
  orderPriceMinTickSize: Price.nullish(),
  feesEnabled: z.boolean().nullish(),
  umaResolutionStatus: optionalText,
  outcomePrices: optionalText,
  clobTokenIds: optionalText,
});

export const ByTokenRow = z.looseObject({ condition_id: Condition });

export const ResolutionRow = z.looseObject({
  condition_id: Condition,
  status: text,
  token_ids: z.array(Token).optional(),
  /** Null until there are any. */
  payouts: z
    .array(z.string())
    .max(256)
    .nullish()
    .transform((payouts) => payouts ?? []),
  payout_numerators: z.array(z.string()).max(256).default([]),
  payout_denominator: z.string().nullish(),
  resolved_at: optionalText,
});

export type GammaMarket = z.infer<typeof GammaMarketRow>;
export type MarketInfo = z.infer<typeof MarketInfoRow>;
export type Market = z.infer<typeof MarketRow>;
export type Resolution = z.infer<typeof ResolutionRow>;
