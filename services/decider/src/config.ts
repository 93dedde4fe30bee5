import { LIVE_SCOPE, WalletId } from '@slipstream/proto';
import { BaseConfig, secretText } from '@slipstream/runtime';
import { z } from 'zod';

/** Each wallet is one more account to read before a group is decided, and one more attempt in its transaction. */
const WALLETS_MAX = 16;

const walletIds = z
  .array(WalletId)
  .max(WALLETS_MAX, `wants ${WALLETS_MAX} wallets at most`)
  .refine((ids) => new Set(ids).size === ids.length, 'names a wallet twice');

/** The environment of the decider. */
export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  DATABASE_URL: secretText().describe('PostgreSQL, as the role slip_decider.'),
  WALLET_IDS: z
    .string()
    .default(LIVE_SCOPE)
    .transform((text) => text.split(','))
    .pipe(walletIds)
    .describe(
      `The wallets that copy live trades, in the order of deciding: ids with commas between, ${WALLETS_MAX} at most.`,
    ),
});
export type Config = z.infer<typeof Config>;
