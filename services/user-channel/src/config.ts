import { LIVE_SCOPE, Wallet, WalletId } from '@slipstream/proto';
import { BaseConfig } from '@slipstream/runtime';
import { z } from 'zod';

const address = z.string().toLowerCase().pipe(Wallet);

/** The environment of user-channel. Without credentials of an account it needs no more than the bus, and is off. */
export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  API_CREDENTIALS_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File with the API credentials of the account; absent: it listens to nothing.'),
  SIGNER_ADDRESS: address
    .optional()
    .describe('The address that the API credentials belong to; the one in their file when absent.'),
  FUNDER_ADDRESS: address
    .optional()
    .describe('The wallet whose money moves; the one of the credentials when absent.'),
  SIGNATURE_TYPE: z
    .enum(['0', '1', '2', '3'])
    .default('0')
    .describe('0 EOA, 1 proxy wallet, 2 Safe, 3 deposit wallet.'),
  CLOB_URL: z
    .url()
    .optional()
    .describe('The exchange’s order book, such as https://clob.polymarket.com; needed with credentials.'),
  DATA_URL: z
    .url()
    .optional()
    .describe('The Data API, such as https://data-api.polymarket.com; needed with credentials.'),
  USER_WS_URL: z
    .url({ protocol: /^wss?$/ })
    .optional()
    .describe(
      'The user channel, such as wss://ws-subscriptions-clob.polymarket.com/ws/user; needed with credentials.',
    ),
  WALLET_ID: WalletId.default(LIVE_SCOPE).describe(
    'Which wallet this is, when there are several: one user-channel for each.',
  ),
});
export type Config = z.infer<typeof Config>;

/** The same where there is an account to listen to. */
export const AccountConfig = Config.required({
  API_CREDENTIALS_FILE: true,
  CLOB_URL: true,
  DATA_URL: true,
  USER_WS_URL: true,
});
export type AccountConfig = z.infer<typeof AccountConfig>;
