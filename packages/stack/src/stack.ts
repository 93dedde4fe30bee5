import { randomBytes } from 'node:crypto';
import { mkdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAdmin, ensureTopology, natsPermissions } from '@slipstream/bus';
import { ensureRoles, migrate } from '@slipstream/db';
import { LIVE_SCOPE, SERVICES, type ServiceName } from '@slipstream/proto';
import { type ExchangeEndpoints, POLYMARKET, startSimulator } from './exchange-process.ts';
import { type GatewayClient, gatewayClient } from './gateway-client.ts';
import type { WalletEnv } from './live-wallet.ts';
import { obtainNatsServer } from './nats-binary.ts';
import { type NatsUser, writeNatsCredentials } from './nats-credentials.ts';
import { startNats, untilAccepting } from './nats-server.ts';
import { freePort, requirePort } from './ports.ts';
import { startPostgres } from './postgres-server.ts';
import { type RunFile, removeRunFile, writeRunFile } from './run-file.ts';
import { openSecrets, type StackSecrets } from './secrets-file.ts';
import {
  type Doors,
  exchangeEnv,
  SERVICE_READY_WAIT_MS,
  serviceEnv,
  startService,
} from './service-process.ts';
import { ROOT, type StackOptions, type Stop } from './stack-options.ts';
import type { Supervised } from './supervised.ts';
import { openWallet, startWallets, WALLET_SERVICES, walletServiceName } from './wallet-services.ts';

const SIGN_IN_BYTES = 16;
/** The name of the user that tools act as; it may do everything on the bus, so its file is the owner's alone. */
const TOOLS_USER = 'tools';

export type Stack = {
  readonly gateway: GatewayClient;
  readonly gatewayUrl: string;
  readonly signInUrl: string;
  readonly endpoints: ExchangeEndpoints;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly natsCreds: string;
  readonly services: ReadonlyMap<ServiceName, Supervised>;
  /** The processes of the wallets beside the default one, as `live-exec-<wallet>` and `user-channel-<wallet>`. */
  readonly walletServices: ReadonlyMap<string, Supervised>;
  readonly nats: Supervised;
  readonly postgres: Supervised;
  readonly run: () => RunFile;
  readonly stop: () => Promise<void>;
};

type Servers = Doors & { readonly nats: Supervised; readonly postgres: Supervised };

const busUser = (user: string, service: ServiceName, wallet: string): NatsUser => {
  const { publish, subscribe } = natsPermissions(service, wallet);
  return { name: user, permissions: { pub: publish, sub: subscribe } };
};

async function startServers(options: StackOptions, secrets: StackSecrets, stops: Stop[]): Promise<Servers> {
  const { dataDir, onProgress } = options;
  const logDir = join(dataDir, 'log');
  const bringNats = async () => {
    const binary = await obtainNatsServer({ ...options, named: options.natsServer });
    const credentials = await writeNatsCredentials({
      dir: join(dataDir, 'nats-auth'),
      storeDir: join(dataDir, 'nats'),
      users: [
        ...SERVICES.map((name) => busUser(name, name, LIVE_SCOPE)),
        ...(options.wallets ?? []).flatMap((wallet) =>
          WALLET_SERVICES.map((name) => busUser(walletServiceName(name, wallet), name, wallet)),
        ),
        { name: TOOLS_USER, permissions: {} },
      ],
    });
    const port = await freePort();
    const logFile = join(logDir, 'nats.log');
    const nats = startNats({
      binary: binary.path,
      configFile: credentials.configFile,
      port,
      cwd: dataDir,
      logFile,
    });
    stops.push(['nats', nats.process.stop]);
    await untilAccepting(port, nats.process, logFile);
    onProgress(`NATS ${binary.version} (${binary.from}) is up`);
    return { ...nats, credentials };
  };
  const bringPostgres = async () => {
    const port = await freePort();
    const logFile = join(logDir, 'postgres.log');
    const dir = join(dataDir, 'postgres');
    const { durable } = options;
    const postgres = await startPostgres({
      dataDir: dir,
      port,
      password: secrets.postgresAdmin,
      logFile,
      durable,
    });
    stops.push(['postgres', postgres.process.stop]);
    await untilAccepting(port, postgres.process, logFile);
    const applied = await migrate(postgres.url);
    await ensureRoles(postgres.url, secrets.roles);
    onProgress(`PostgreSQL is up${postgres.fresh ? ', new' : ''}; ${applied.length} migrations applied`);
    return postgres;
  };
  const [nats, postgres] = await allOrFirstError([bringNats(), bringPostgres()]);
  const admin = await connectAdmin({ url: nats.url, credsFile: nats.credentials.credsFile(TOOLS_USER) });
  await ensureTopology(admin, { replicas: 1, wallets: options.wallets ?? [] });
  await admin.close();
  return {
    nats: nats.process,
    natsUrl: nats.url,
    credentials: nats.credentials,
    postgres: postgres.process,
    databaseUrl: postgres.url,
  };
}

/** Waits for all, so that nothing is left half started, and then reports the first failure. */
async function allOrFirstError<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/**
 * Starts the whole system as processes: NATS, PostgreSQL, the exchange (simulated unless told otherwise) and the
 * seven services. Everything that was started is stopped again when a step fails.
 *
 * Errors: Refusal for what a person must mend; Error naming the log for the rest.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const [, end] of stops.splice(0).reverse()) await end();
  };
  try {
    return await bringUp(options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The simulator as a process, or the exchange itself. */
async function openExchange(options: StackOptions, stops: Stop[]): Promise<ExchangeEndpoints> {
  if (options.exchange.kind === 'polymarket')
    return { ...POLYMARKET, rpcWs: [...(options.exchange.rpcWs ?? [])] };
  const simulator = await startSimulator({
    root: ROOT,
    node: process.execPath,
    args: options.exchange.args,
    env: {
      PATH: options.searchPath,
      LOG_LEVEL: options.logLevel,
      ...(options.clockUrl === null ? {} : { CLOCK_URL: options.clockUrl }),
    },
    logFile: join(options.dataDir, 'log', 'sim-exchange.log'),
  });
  stops.push(['sim-exchange', simulator.process.stop]);
  simulator.process.onExit(options.onProgress);
  options.onProgress(`the simulated exchange is up at ${simulator.endpoints.clob}`);
  return simulator.endpoints;
}

type Services = {
  readonly services: ReadonlyMap<ServiceName, Supervised>;
  /** Health URL by service; a restart changes it. */
  readonly urls: Map<ServiceName, string | null>;
};

/** Starts the seven and waits until each says that it does its work. */
async function startServices(
  options: StackOptions,
  stops: Stop[],
  envOf: (name: ServiceName) => Record<string, string>,
): Promise<Services> {
  const services = new Map<ServiceName, Supervised>();
  // Stopped in the order in which a trade meets them, so that what is under way is still carried on.
  for (const name of [...SERVICES].reverse()) {
    const service = startService(name, name, options, envOf(name));
    services.set(name, service);
    stops.push([name, service.stop]);
    service.onExit(options.onProgress);
  }
  const urls = new Map<ServiceName, string | null>();
  const ready = [...services].map(async ([name, service]) => {
    urls.set(name, (await service.ready(SERVICE_READY_WAIT_MS)).url ?? null);
  });
  await Promise.all(ready);
  options.onProgress('all seven services are ready');
  return { services, urls };
}

/** Keeps `run.json` true while services come and go; it is removed at the stop. */
async function keepRunFile(
  { dataDir, onProgress }: StackOptions,
  stops: Stop[],
  { services, urls }: Services,
  run: () => RunFile,
): Promise<void> {
  const file = join(dataDir, 'run.json');
  await writeRunFile(file, run());
  stops.push(['run file', () => removeRunFile(file)]);
  for (const [name, service] of services)
    service.onReady((said) => {
      urls.set(name, said.url ?? null);
      writeRunFile(file, run()).catch((error: unknown) => onProgress(`run.json was not written: ${error}`));
    });
}

/** What the services find in their environment beside the bus and the database. */
const ownEnvs = (
  options: StackOptions,
  endpoints: ExchangeEndpoints,
  wallet: WalletEnv,
  gateway: Readonly<Record<string, string>>,
): Partial<Record<ServiceName, Record<string, string>>> => ({
  ingest: exchangeEnv(endpoints),
  decider: { WALLET_IDS: [LIVE_SCOPE, ...(options.wallets ?? [])].join(',') },
  'live-exec': { ...exchangeEnv(endpoints), ...wallet.liveExec },
  'user-channel': { ...exchangeEnv(endpoints), ...wallet.userChannel },
  gateway,
});

async function bringUp(options: StackOptions, stops: Stop[], stop: () => Promise<void>): Promise<Stack> {
  const { dataDir } = options;
  await mkdir(join(dataDir, 'log'), { recursive: true });
  const gatewayPort =
    options.gatewayPort === 0
      ? await freePort()
      : await requirePort(options.gatewayPort, 'gateway', '--port');
  const secrets = await openSecrets(join(dataDir, 'secrets.json'));
  const servers = await startServers(options, secrets, stops);
  const endpoints = await openExchange(options, stops);

  const signInCode = randomBytes(SIGN_IN_BYTES).toString('base64url');
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const wallet = await openWallet(options, endpoints, LIVE_SCOPE, 0);
  const own = ownEnvs(options, endpoints, wallet, {
    PORT: String(gatewayPort),
    HOST: '127.0.0.1',
    GATEWAY_TOKEN: secrets.gatewayToken,
    SIGN_IN_CODE: signInCode,
  });
  const started = await startServices(options, stops, (name) =>
    serviceEnv(name, options, secrets, servers, name, { ...own[name], ...options.serviceEnv?.[name] }),
  );

  const walletServices = await startWallets(options, stops, endpoints, (name, env, user) =>
    serviceEnv(name, options, secrets, servers, user, {
      ...exchangeEnv(endpoints),
      ...env,
      ...options.serviceEnv?.[name],
    }),
  );

  const { services, urls } = started;
  const { databaseUrl, natsUrl, nats, postgres } = servers;
  const natsCreds = servers.credentials.credsFile(TOOLS_USER);
  const startedAt = new Date().toISOString();
  const run = (): RunFile => ({
    pid: process.pid,
    startedAt,
    dataDir,
    gateway: { url: gatewayUrl, token: secrets.gatewayToken },
    nats: { url: natsUrl, creds: natsCreds },
    postgres: { url: databaseUrl },
    exchange: { ...endpoints, wallets: [] },
    services: Object.fromEntries(
      SERVICES.map((name) => [name, { pid: services.get(name)?.pid() ?? null, url: urls.get(name) ?? null }]),
    ),
  });
  await keepRunFile(options, stops, started, run);
  const gateway = gatewayClient(gatewayUrl, secrets.gatewayToken);
  const signInUrl = `${gatewayUrl}/sign-in?code=${signInCode}`;
  return {
    gateway,
    gatewayUrl,
    signInUrl,
    endpoints,
    databaseUrl,
    natsUrl,
    natsCreds,
    services,
    walletServices,
    nats,
    postgres,
    run,
    stop,
  };
}

/** Removes the data of earlier runs, wherever the database had to put its part. */
export async function removeData(dataDir: string): Promise<void> {
  const elsewhere = await readlink(join(dataDir, 'postgres')).catch(() => null);
  if (elsewhere !== null) await rm(elsewhere, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}
