import { type PriceMicros, parseMicros, price, type UsdMicros, usd } from '@slipstream/money';
import { LIVE_SCOPE, Wallet, WalletId } from '@slipstream/proto';
import { BaseConfig, secretText } from '@slipstream/runtime';
import { z } from 'zod';

const dollars = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,6})?$/, 'wants dollars, such as 25 or 12.50')
  .transform((text): UsdMicros => usd(parseMicros(text)));
const priceText = z
  .string()
  .regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'wants a price between 0 and 1, such as 0.05')
  .transform((text): PriceMicros => price(parseMicros(text)));
const OPEN_ORDERS_MOST = 1_000;

/**
 * The environment of live-exec. It names where the key is, never the key: `secrets.ts` reads that, once. The limits
 * have cautious defaults, and no message can raise them.
 */
export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  DATABASE_URL: secretText().describe('PostgreSQL, as the role slip_live.'),
  WALLET_ID: WalletId.default(LIVE_SCOPE).describe(
    'Which wallet this is, when there are several: one live-exec for each.',
  ),
  CLOB_URL: z.url().describe('The exchange’s order book, such as https://clob.polymarket.com.'),
  GEOBLOCK_URL: z.url().describe('Where the exchange says whether it serves this location.'),
  CHAIN_ID: z.enum(['137', '80002']).default('137').transform(Number).describe('137 Polygon, 80002 Amoy.'),
  SIGNATURE_TYPE: z
    .enum(['0', '1', '2', '3'])
    .default('0')
    .describe('0 EOA, 1 proxy wallet, 2 Safe, 3 deposit wallet.'),
  FUNDER_ADDRESS: z
    .string()
    .toLowerCase()
    .pipe(Wallet)
    .optional()
    .describe('The wallet whose money moves; that of the key itself when absent.'),
  SIGNING_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File with the signing key; absent: nothing is signed.'),
  API_CREDENTIALS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File with the API credentials that `npm run derive-credentials` writes.'),
  LIMIT_ORDER_USD: dollars.default(usd(25_000_000n)).describe('Most dollars that one order may move.'),
  LIMIT_DAY_USD: dollars
    .default(usd(250_000_000n))
    .describe('Most dollars that orders of 24 hours may move.'),
  LIMIT_OPEN_ORDERS: z.coerce.number().int().min(1).max(OPEN_ORDERS_MOST).default(20),
  LIMIT_PRICE_MIN: priceText.default(price(10_000n)).describe('Least price of an order.'),
  LIMIT_PRICE_MAX: priceText.default(price(990_000n)).describe('Most price of an order.'),
});
export type Config = z.infer<typeof Config>;
