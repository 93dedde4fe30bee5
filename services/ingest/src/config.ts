import { BaseConfig, Secret, secretText } from '@slipstream/runtime';
import { z } from 'zod';

const SILENCE_MS = 30_000;
const HEAD_SILENCE_MS = 20_000;
/** Nodes bound how many choices a filter may have; this is far below the least that we know of. */
const WALLETS_PER_FILTER = 200;
const WEBSOCKET_LIST = /^wss?:\/\/[^\s,]+(\s*,\s*wss?:\/\/[^\s,]+)*$/;

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
  RPC_WS_URLS: z
    .string()
    .regex(WEBSOCKET_LIST, 'wants websocket URLs with commas between them')
    .transform((text) => new Secret(text))
    .meta({ secret: true })
    .optional()
    .describe('Websockets of Polygon nodes, with commas between; without any, the chain is not read.'),
  RPC_SILENCE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(HEAD_SILENCE_MS)
    .describe('A node that tells no new block for so long is connected anew.'),
  RPC_WALLETS_PER_FILTER: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(WALLETS_PER_FILTER)
    .describe('Wallets of one log subscription; more make more subscriptions.'),
});
export type Config = z.infer<typeof Config>;

/** The nodes to read the chain from; none: it is not read. */
export const rpcUrlsOf = ({ RPC_WS_URLS }: Pick<Config, 'RPC_WS_URLS'>): readonly string[] =>
  RPC_WS_URLS === undefined
    ? []
    : RPC_WS_URLS.reveal()
        .split(',')
        .map((url) => url.trim());
