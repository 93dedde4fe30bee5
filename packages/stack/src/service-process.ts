import { join } from 'node:path';
import type { ServiceName } from '@slipstream/proto';
import type { ExchangeEndpoints } from './exchange-process.ts';
import type { NatsCredentials } from './nats-credentials.ts';
import type { StackSecrets } from './secrets-file.ts';
import { ROOT, type StackOptions } from './stack-options.ts';
import { type Supervised, supervise } from './supervised.ts';

export const SERVICE_READY_WAIT_MS = 60_000;

/** Which database role a service has; the user channel has no database. */
const DATABASE_OWNER: Readonly<Record<ServiceName, keyof StackSecrets['roles'] | null>> = {
  ingest: 'ingest',
  decider: 'decider',
  'paper-exec': 'paper',
  'live-exec': 'live',
  'user-channel': null,
  portfolio: 'portfolio',
  gateway: 'config',
};

/** Where a service finds the bus and the database, and as whom. */
export type Doors = {
  readonly natsUrl: string;
  readonly credentials: NatsCredentials;
  readonly databaseUrl: string;
};

/** The whole environment of one service; `user` is who it is on the bus. */
export function serviceEnv(
  name: ServiceName,
  options: StackOptions,
  secrets: StackSecrets,
  doors: Doors,
  user: string,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const owner = DATABASE_OWNER[name];
  const database = new URL(doors.databaseUrl);
  if (owner !== null) {
    database.username = `slip_${owner}`;
    database.password = secrets.roles[owner];
  }
  return {
    PATH: options.searchPath,
    LOG_LEVEL: options.logLevel,
    HEALTH_PORT: '0',
    NATS_URL: doors.natsUrl,
    NATS_CREDS: doors.credentials.credsFile(user),
    ...(owner === null ? {} : { DATABASE_URL: database.href }),
    ...(options.clockUrl === null ? {} : { CLOCK_URL: options.clockUrl }),
    ...extra,
  };
}

export const exchangeEnv = (endpoints: ExchangeEndpoints): Record<string, string> => ({
  CLOB_URL: endpoints.clob,
  DATA_URL: endpoints.data,
  GAMMA_URL: endpoints.gamma,
  MARKET_WS_URL: `${endpoints.ws.replace(/\/$/, '')}/market`,
  RTDS_URL: endpoints.rtds,
  USER_WS_URL: `${endpoints.ws.replace(/\/$/, '')}/user`,
  GEOBLOCK_URL: endpoints.geoblock ?? new URL('/api/geoblock', endpoints.clob).href,
  ...(endpoints.rpcWs.length === 0 ? {} : { RPC_WS_URLS: endpoints.rpcWs.join(',') }),
});

/**
 * On a machine that is busy, what stands between a leader's trade and our order comes first; books, pages and what is only
 * on paper wait a little.
 */
const STANDS_BACK = 10;
/** What it hears makes the account known again, for orders to come; nobody on the way waits for it. */
const STANDS_BACK_A_LITTLE = 5;
const NICENESS: Readonly<Record<ServiceName, number>> = {
  ingest: 0,
  decider: 0,
  'live-exec': 0,
  'user-channel': STANDS_BACK_A_LITTLE,
  'paper-exec': STANDS_BACK,
  portfolio: STANDS_BACK,
  gateway: STANDS_BACK,
};

/** Starts one service as a process; `name` tells it from others of the same service. */
export const startService = (
  name: string,
  service: ServiceName,
  options: StackOptions,
  env: Record<string, string>,
): Supervised =>
  supervise({
    name,
    command: process.execPath,
    // A debugger could read whatever a process holds, a key included: no signal opens one.
    args: [
      '--conditions=source',
      '--max-semi-space-size=16',
      '--disable-sigusr1',
      join('services', service, 'src', 'main.ts'),
    ],
    env,
    cwd: ROOT,
    logFile: join(options.dataDir, 'log', `${name}.log`),
    channel: true,
    stopSignal: 'SIGTERM',
    niceness: NICENESS[service],
  });
