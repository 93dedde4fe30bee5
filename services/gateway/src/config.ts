import { BaseConfig, secretText } from '@slipstream/runtime';
import { z } from 'zod';

const PORT_MAX = 65_535;
const MINUTE_MS = 60_000;
/** Shorter secrets can be guessed; everything of ours is made of 128 random bits or more. */
const TOKEN_CHARACTERS_LEAST = 16;

export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  DATABASE_URL: secretText().describe('PostgreSQL, as the role slip_config.'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(100).default(8).describe('Most connections at once.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address that the HTTP interface listens on.'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(PORT_MAX)
    .default(8_080)
    .describe('Port of the HTTP interface; 0 takes a free one.'),
  GATEWAY_TOKEN: secretText(TOKEN_CHARACTERS_LEAST).describe(
    `What programs send as “Authorization: Bearer …”; ${TOKEN_CHARACTERS_LEAST} characters or more.`,
  ),
  SIGN_IN_CODE: secretText(TOKEN_CHARACTERS_LEAST)
    .optional()
    .describe('Code of the one-time link /sign-in?code=…; without it people sign in with the token.'),
  SIGN_IN_LIFE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(24 * 60 * MINUTE_MS)
    .default(30 * MINUTE_MS)
    .describe('How long after the start the one-time link can be used.'),
  SECURE_COOKIE: z
    .stringbool()
    .prefault('false')
    .describe('Set to true where browsers reach the gateway over HTTPS.'),
});
export type Config = z.infer<typeof Config>;
