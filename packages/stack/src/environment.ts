import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@slipstream/runtime';
import { z } from 'zod';

/** What the launcher itself takes from its environment. */
const StackEnvironment = z.object({
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
  NATS_SERVER: z.string().min(1).optional().describe('Path of a nats-server of 2.12 or newer to use.'),
  SLIPSTREAM_CACHE: z
    .string()
    .min(1)
    .default(join(homedir(), '.cache', 'slipstream'))
    .describe('Folder for downloaded programs, shared by all clones.'),
  RPC_WS_URLS: z
    .string()
    .min(1)
    .optional()
    .describe('Websockets of Polygon nodes for `--exchange polymarket`, with commas between.'),
  SLIPSTREAM_LOG_LEVEL: z
    .string()
    .default('info')
    .describe('Log level of every service that the launcher starts.'),
});
export type StackEnvironment = z.infer<typeof StackEnvironment>;

export const loadStackEnvironment = (): StackEnvironment => loadConfig(StackEnvironment);
