import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAdmin, listDead } from '@slipstream/bus';
import { openDatabase } from '@slipstream/db';
import { type LiveTradingState, SERVICES } from '@slipstream/proto';
import { createLogger, startConductor } from '@slipstream/runtime';
import { readTape, type Tape, TapeDamage, walletsOf } from '@slipstream/sim-exchange';
import { loadStackEnvironment, Refusal, removeData, type Stack, startStack } from '@slipstream/stack';
import { followAll } from '../start/follow.ts';
import { simulatorAdmin } from '../start/simulator.ts';
import { violationsOf } from './checks.ts';
import { parseVerifyFlags, type VerifyFlags } from './flags.ts';
import { recordedBooks, recordedTrades } from './oracle.ts';
import { bookHistory } from './recorded.ts';
import { type Results, readResults } from './results.ts';
import { summaryOf } from './summary.ts';

/** The clocks stand this long before the tape's first event while leaders are followed. */
const LEAD_MS = 5_000;
const SECOND_MS = 1_000;
const PROGRESS_EVERY_MS = 5_000;
const POOL_MAX = 2;

const tell = (text: string): void => console.error(`  ${text}`);

async function loadTape(path: string): Promise<Tape> {
  try {
    return await readTape(path);
  } catch (error) {
    if (error instanceof TapeDamage) throw new Refusal(error.message);
    throw error;
  }
}

/** Where the clocks stand at first: a whole second, well before anything happens. */
function startInstant(tape: Tape): Date {
  const first = Math.min(...tape.events.slice(0, 1).map((event) => event.atMs));
  return new Date(Math.floor(first / SECOND_MS) * SECOND_MS - LEAD_MS);
}

async function collect(stack: Stack): Promise<Results> {
  const admin = await connectAdmin({ url: stack.natsUrl, credsFile: stack.natsCreds });
  const db = await openDatabase({ url: stack.databaseUrl, name: 'verify', poolMax: POOL_MAX });
  try {
    return await readResults(db, (await listDead(admin)).length);
  } finally {
    await db.close();
    await admin.close();
  }
}

/** Through SHADOW, which is the only way to ON. */
async function switchLive(stack: Stack, live: LiveTradingState): Promise<void> {
  const way = { OFF: [], SHADOW: ['SHADOW'], ON: ['SHADOW', 'ON'] }[live];
  for (const liveTradingState of way) await stack.gateway.send('PUT', '/api/switches', { liveTradingState });
}

/** Plays the tape through the running system, from following the leaders to the last thing that is due. */
async function play(
  stack: Stack,
  conductor: Awaited<ReturnType<typeof startConductor>>,
  followed: readonly string[],
  live: LiveTradingState,
): Promise<void> {
  await conductor.joined();
  await switchLive(stack, live);
  await followAll(stack.gateway, followed);
  await conductor.settle();
  await simulatorAdmin(String(stack.endpoints.admin)).start();
  await conductor.settle();
  let toldAt = performance.now();
  const report = await conductor.run({
    onStep: ({ step, instant }) => {
      if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = performance.now();
      tell(`${step} steps, the tape is at ${instant.toISOString()}`);
    },
  });
  tell(`${report.steps} steps in ${report.seconds.toFixed(1)} s`);
}

async function runTape(
  flags: VerifyFlags,
  tape: Tape,
  followed: readonly string[],
  dataDir: string,
): Promise<Results> {
  const environment = loadStackEnvironment();
  const log = createLogger({ service: 'verify', level: 'warn', write: (line) => process.stderr.write(line) });
  const conductor = await startConductor({
    expected: ['sim-exchange', ...SERVICES],
    startAt: startInstant(tape),
    log,
  });
  try {
    const stack = await startStack({
      dataDir,
      gatewayPort: 0,
      exchange: { kind: 'sim', args: ['--tape', flags.tape, '--hold'] },
      clockUrl: conductor.url,
      logLevel: environment.SLIPSTREAM_LOG_LEVEL,
      // The folder is thrown away, so nothing in it has to survive the machine.
      durable: false,
      natsServer: environment.NATS_SERVER,
      searchPath: environment.PATH,
      cacheDir: environment.SLIPSTREAM_CACHE,
      onProgress: tell,
    });
    try {
      await play(stack, conductor, followed, flags.live);
      return await collect(stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await conductor.stop();
  }
}

/**
 * `npm run verify`: a tape through the real services on the tape's own clock, held against the tape. Prints one JSON
 * line; the exit status is 1 when anything is violated. Errors: Refusal.
 */
export async function verify(args: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const flags = parseVerifyFlags(args);
  const tape = await loadTape(flags.tape);
  const followed = flags.follow ?? walletsOf(tape);
  const dataDir = await mkdtemp(join(tmpdir(), 'slipstream-verify-'));
  try {
    const results = await runTape(flags, tape, followed, dataDir);
    const tokens = new Set(results.fills.map((fill) => fill.token_id));
    const history = bookHistory(recordedBooks(tape, tokens));
    const violations = violationsOf(recordedTrades(tape, new Set(followed)), history, results);
    console.log(JSON.stringify(summaryOf(results, violations, (performance.now() - startedAt) / SECOND_MS)));
    if (violations.length > 0) process.exitCode = 1;
  } finally {
    if (flags.keep) tell(`the data is kept in ${dataDir}`);
    else await removeData(dataDir);
  }
}
