import { BaseConfig, secretText } from '@slipstream/runtime';
import { z } from 'zod';

const SILENCE_MS = 30_000;

/** The environment of ingest. */
export const Config = z.object({
  ...BaseConfig,
  NATS_URL: z.string().min(1).describe('NATS server, such as nats://127.0.0.1:4222.'),
  NATS_CREDS: z.string().min(1).optional().describe('File with the NATS credentials of this service.'),
  DATABASE_URL: secretText().describe('PostgreSQL, as the role slip_ingest.'),
  CLOB_URL: z.url().describe('The exchange’s public REST interface.'),
  DATA_URL: z.url().describe('The Data API; /v2/… and /activity are appended.'),
  GAMMA_URL: z.url().describe('Gamma: descriptions, ends and resolutions of markets.'),
  MARKET_WS_URL: z.url().describe('The market websocket, with its path.'),
  RTDS_URL: z.url().describe('The real-time activity feed.'),
  RTDS_SILENCE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(SILENCE_MS)
    .describe('A feed that had data and is silent for so long is opened anew.'),
});
export type Config = z.infer<typeof Config>;
