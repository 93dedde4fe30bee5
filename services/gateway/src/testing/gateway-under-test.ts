import { type Admin, type Bus, connectAdmin, connectBus, ensureTopology } from '@slipstream/bus';
import { type Database, ensureRoles, migrate, openDatabase } from '@slipstream/db';
import { Problem } from '@slipstream/proto/http';
import {
  type HostedService,
  idleActivity,
  loadConfig,
  silentLogger,
  startService,
} from '@slipstream/runtime';
import { Config } from '../config.ts';
import { openGateway } from '../gateway.ts';

export const TOKEN = 'a-token-for-tests-of-the-gateway';
export const CODE = 'a-code-for-tests-of-the-gateway';
const PASSWORD = 'password-of-the-roles';

/** A gateway in this process over real servers, and what a test needs to look at it from all sides. */
export type GatewayUnderTest = {
  readonly url: () => string;
  readonly bus: Bus;
  /** Reads and writes any table, as the administrator. */
  readonly db: Database;
  /** The URL of the database with the gateway’s own role. */
  readonly ownDatabaseUrl: string;
  /** Asks with the token. */
  readonly ask: (path: string, more?: RequestInit) => Promise<Response>;
  readonly send: (method: string, path: string, body: unknown) => Promise<Response>;
  readonly start: () => Promise<void>;
  readonly stopGateway: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A refusal's body. Errors: when the answer is no problem+json. */
export async function problemOf(reply: Response): Promise<Problem> {
  const type = reply.headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) throw new Error(`the answer is ${type}`);
  return Problem.parse(await reply.json());
}

/** Sets up an empty database and bus, and starts a gateway on them. */
export async function openGatewayUnderTest(natsUrl: string, postgresUrl: string): Promise<GatewayUnderTest> {
  await migrate(postgresUrl);
  const roles = { ingest: PASSWORD, decider: PASSWORD, paper: PASSWORD, live: PASSWORD, portfolio: PASSWORD };
  await ensureRoles(postgresUrl, { ...roles, config: PASSWORD });
  const admin: Admin = await connectAdmin({ url: natsUrl });
  await ensureTopology(admin, { replicas: 1 });
  const log = silentLogger();
  const bus = await connectBus({ url: natsUrl, name: 'decider', log, activity: idleActivity });
  const db = await openDatabase({ url: postgresUrl, name: 'test', poolMax: 2 });
  const own = new URL(postgresUrl);
  own.username = 'slip_config';
  own.password = PASSWORD;
  const env = {
    LOG_LEVEL: 'silent',
    NATS_URL: natsUrl,
    DATABASE_URL: own.href,
    PORT: '0',
    GATEWAY_TOKEN: TOKEN,
    SIGN_IN_CODE: CODE,
  };
  let gateway: HostedService | null = null;
  let url = '';
  const ask: GatewayUnderTest['ask'] = (path, more = {}) =>
    fetch(`${url}${path}`, { ...more, headers: { authorization: `Bearer ${TOKEN}`, ...more.headers } });
  const start = async (): Promise<void> => {
    const options = { env, log, onReady: (ready: string) => (url = ready) };
    gateway = await startService(
      'gateway',
      (service) => openGateway(service, loadConfig(Config, env)),
      options,
    );
  };
  const stopGateway = async (): Promise<void> => void (await gateway?.stop());
  await start();
  return {
    url: () => url,
    bus,
    db,
    ownDatabaseUrl: own.href,
    ask,
    send: (method, path, body) =>
      ask(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    start,
    stopGateway,
    stop: async () => {
      await stopGateway();
      await db.close();
      await bus.close();
      await admin.close();
    },
  };
}
