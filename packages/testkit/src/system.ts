import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@slipstream/db';
import { removeData, type Stack, type StackOptions, startStack } from '@slipstream/stack';
import { testEnvironment } from './environment.ts';
import { leaksOfFiles, leaksOfTables, secretsIn } from './secrets.ts';

const POOL_MAX = 2;

export type TestSystem = {
  readonly stack: Stack;
  /** Reads any table, as the administrator. */
  readonly rows: <R>(text: string, params?: readonly unknown[]) => Promise<R[]>;
  readonly follow: (...wallets: readonly string[]) => Promise<void>;
  /** Speaks to the simulator's administration. */
  readonly sim: <T>(path: string, body?: unknown) => Promise<T>;
  /** Ends it. Errors: a row, a log or a stored message shows a secret of this system. */
  readonly stop: () => Promise<void>;
};

/**
 * The whole system as processes in a folder of its own: real NATS, real PostgreSQL, the simulated exchange and the
 * seven services. `simArgs` are the simulator's flags, `serviceEnv` is more of the environment of single services,
 * `wallets` are those beside the default one.
 */
export async function startTestSystem(
  simArgs: readonly string[],
  serviceEnv: StackOptions['serviceEnv'] = {},
  wallets: readonly string[] = [],
): Promise<TestSystem> {
  const environment = testEnvironment();
  const dataDir = await mkdtemp(join(tmpdir(), 'slipstream-e2e-'));
  const progress: string[] = [];
  const stack = await startStack({
    dataDir,
    gatewayPort: 0,
    exchange: { kind: 'sim', args: simArgs },
    serviceEnv,
    wallets,
    clockUrl: null,
    logLevel: 'info',
    durable: true,
    natsServer: environment.NATS_SERVER,
    searchPath: environment.PATH,
    cacheDir: environment.SLIPSTREAM_CACHE,
    onProgress: (text) => progress.push(text),
  });
  const db = await openDatabase({ url: stack.databaseUrl, name: 'tests', poolMax: POOL_MAX });
  const rows: TestSystem['rows'] = (text, params) => db.query(text, params ?? []);
  return {
    stack,
    rows,
    follow: async (...wallets) => {
      for (const wallet of wallets) await stack.gateway.send('POST', '/api/leaders', { wallets: [wallet] });
    },
    sim: async <T>(path: string, body?: unknown): Promise<T> => {
      const reply = await fetch(`${stack.endpoints.admin}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!reply.ok) throw new Error(`simulator ${path}: ${reply.status} ${await reply.text()}`);
      return (await reply.json()) as T;
    },
    stop: async () => {
      const secrets = secretsIn(dataDir);
      // A test that leaves the database stopped has looked at what it wanted to see.
      const inRows = (await db.healthy()).ok ? await leaksOfTables(rows, secrets) : [];
      await db.close();
      await stack.stop();
      const leaks = [...inRows, ...leaksOfFiles(dataDir, secrets)];
      await removeData(dataDir);
      if (leaks.length > 0) throw new Error(`secrets were written down: ${leaks.join('; ')}`);
    },
  };
}
