import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  loadStackEnvironment,
  Refusal,
  readLiveRun,
  removeData,
  type Stack,
  startStack,
} from '@slipstream/stack';
import { parseStartFlags, START_USAGE, type StartFlags } from './flags.ts';
import { followAll } from './follow.ts';
import { simulatorAdmin } from './simulator.ts';

/** Leaders followed when none is named. */
const LEADERS_FOLLOWED_MAX = 100;
const FIRST_COPY_WAIT_MS = 120_000;
const FIRST_COPY_POLL_MS = 250;

const say = (text: string): void => console.log(`  ${text}`);

/** Each replay over the same data is a later pass: the same recording at another time is other transactions. */
async function nextPass(dataDir: string): Promise<number> {
  const file = join(dataDir, 'passes.json');
  const pass = existsSync(file) ? Number(JSON.parse(await readFile(file, 'utf8'))) : 0;
  await writeFile(file, JSON.stringify(pass + 1));
  return pass;
}

async function simulatorArgs(flags: StartFlags): Promise<string[]> {
  const pass = await nextPass(flags.dataDir);
  return [
    '--hold',
    '--pass',
    String(pass),
    '--seed',
    String(flags.seed),
    ...(flags.tape === null ? [] : ['--tape', flags.tape]),
    ...(flags.speed === null ? [] : ['--speed', flags.speed]),
    ...(flags.silenceMaxMs === null ? [] : ['--silence-max', flags.silenceMaxMs]),
    ...(flags.loop ? ['--loop'] : []),
  ];
}

/** Follows whom the person named, else everybody on the simulator, and lets the replay begin. */
async function beginTrading(stack: Stack, flags: StartFlags): Promise<void> {
  if (flags.exchange === 'polymarket') {
    await followAll(stack.gateway, flags.leaders);
    return say(`following ${flags.leaders.length} wallets on Polymarket, on paper`);
  }
  const admin = simulatorAdmin(String(stack.endpoints.admin));
  const { wallets } = await admin.state();
  const chosen = flags.leaders.length > 0 ? flags.leaders : wallets.slice(0, LEADERS_FOLLOWED_MAX);
  const fresh = await followAll(stack.gateway, chosen);
  await admin.start();
  say(`following ${chosen.length} leaders (${fresh} new); the simulated exchange is trading`);
}

type AttemptsPage = {
  readonly items: readonly { readonly filledNotionalMicros: string; readonly side: string }[];
};

/** Tells when the first copy of this run is booked: the moment at which a new user knows that it works. */
async function reportFirstCopy(stack: Stack, startedAt: number, signal: AbortSignal): Promise<void> {
  const since = new Date().toISOString();
  const path = `/api/copy-attempts?tradingMode=PAPER&decision=EXECUTE&limit=20&since=${encodeURIComponent(since)}`;
  const deadline = performance.now() + FIRST_COPY_WAIT_MS;
  while (!signal.aborted && performance.now() < deadline) {
    const page = await stack.gateway.get<AttemptsPage>(path).catch(() => ({ items: [] }));
    if (page.items.some((item) => item.filledNotionalMicros !== '0'))
      return say(
        `first trade copied ${((performance.now() - startedAt) / 1000).toFixed(1)} s after the start`,
      );
    await wait(FIRST_COPY_POLL_MS);
  }
}

/** Resolves on Ctrl-C or SIGTERM; a second one ends the process at once. */
function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    const once = (): void => {
      process.once('SIGINT', () => process.exit(130));
      resolve();
    };
    process.once('SIGINT', once);
    process.once('SIGTERM', once);
  });
}

/** `npm start`: the whole system on this machine, until Ctrl-C. Errors: Refusal. */
export async function start(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return console.log(START_USAGE);
  const flags = parseStartFlags(args);
  const startedAt = performance.now();
  const running = await readLiveRun(join(flags.dataDir, 'run.json'));
  if (running !== null)
    throw new Refusal(
      `Slipstream already runs on this data (process ${running.pid}, ${running.gateway.url}); stop it first.`,
    );
  if (flags.tape !== null && !existsSync(flags.tape)) throw new Refusal(`There is no tape at ${flags.tape}.`);
  if (flags.reset) await removeData(flags.dataDir);
  await mkdir(flags.dataDir, { recursive: true, mode: 0o755 });

  console.log('Slipstream is starting');
  const environment = loadStackEnvironment();
  const asked = untilAsked();
  const bringUp = startStack({
    dataDir: flags.dataDir,
    gatewayPort: flags.port,
    exchange:
      flags.exchange === 'sim'
        ? { kind: 'sim', args: await simulatorArgs(flags) }
        : { kind: 'polymarket', rpcWs: environment.RPC_WS_URLS?.split(',') ?? [] },
    clockUrl: null,
    logLevel: environment.SLIPSTREAM_LOG_LEVEL,
    durable: true,
    natsServer: environment.NATS_SERVER,
    searchPath: environment.PATH,
    cacheDir: environment.SLIPSTREAM_CACHE,
    onProgress: say,
  });
  const stack = await Promise.race([bringUp, asked.then(() => null)]);
  if (stack === null) return (await bringUp.catch(() => null))?.stop();

  const stopping = new AbortController();
  try {
    await beginTrading(stack, flags);
    console.log(
      `\nSlipstream runs. Open ${stack.signInUrl}\n(the link signs in once; Ctrl-C stops everything, data stays in ${flags.dataDir})\n`,
    );
    reportFirstCopy(stack, startedAt, stopping.signal).catch(() => undefined);
    await asked;
  } finally {
    stopping.abort();
    console.log('\nSlipstream is stopping');
    await stack.stop();
  }
}
