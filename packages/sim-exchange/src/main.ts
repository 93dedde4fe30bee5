import { formatMicros } from '@slipstream/money';
import {
  BaseConfig,
  connectTapeClock,
  createLogger,
  createTrackedActivity,
  idleActivity,
  loadConfig,
  wallClock,
} from '@slipstream/runtime';
import { z } from 'zod';
import { FlagError, parseSimFlags, SIM_USAGE } from './flags.ts';
import { type RunningSim, startSimExchange } from './server.ts';
import { readTape } from './tapes/read-tape.ts';
import { TapeDamage } from './tapes/tape.ts';

/** The simulator's events come first at equal instants of a tape. */
const RANK = 0;
const NAME = 'sim-exchange';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** What is on sale, one entry an outcome token. */
const tokensOf = (sim: RunningSim) =>
  [...sim.venue.markets.values()].flatMap((market) =>
    market.tokenIds.map((tokenId, i) => ({
      tokenId,
      conditionId: market.conditionId,
      outcome: market.outcomes[i],
      tickSize: formatMicros(market.tickMicros),
      minOrderSize: formatMicros(market.minSizeMicros),
      negRisk: market.negRisk,
    })),
  );

async function openClock() {
  const config = loadConfig(z.object(BaseConfig));
  const log = createLogger({
    service: NAME,
    level: config.LOG_LEVEL,
    write: (line) => process.stderr.write(line),
  });
  if (config.CLOCK_URL === undefined)
    return { clock: wallClock(idleActivity, log), busy: idleActivity, started: () => undefined };
  const busy = createTrackedActivity();
  const started = busy.begin('start');
  const clock = await connectTapeClock({
    url: config.CLOCK_URL,
    name: NAME,
    rank: RANK,
    activity: busy,
    log,
    onLost: () => process.exit(1),
  });
  return { clock, busy, started };
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return void say(SIM_USAGE);
  const flags = parseSimFlags(args);
  const tape = flags.tape === null ? null : await readTape(flags.tape);
  const { clock, busy, started } = await openClock();
  const sim = await startSimExchange({ ...flags, tape, clock, busy });
  const tokens = tokensOf(sim);
  if (flags.json) say(JSON.stringify({ ...sim.endpoints, tokens }));
  else {
    say(
      `The simulated exchange runs; Ctrl-C stops it. ${tokens.length} tokens, ${sim.wallets.length} leaders.`,
    );
    for (const [name, value] of Object.entries(sim.endpoints))
      if (name !== 'wallets') say(`  ${name.padEnd(8)}${value}`);
    for (const { signatureType, funder } of sim.endpoints.wallets)
      say(`  wallet of signature type ${signatureType}: ${funder}`);
  }
  started();
  const stop = (): void => {
    Promise.all([sim.stop(), clock.stop()]).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);
}

await main().catch((error: unknown) => {
  const expected = error instanceof FlagError || error instanceof TapeDamage;
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const sentence = taken
    ? 'That port is taken by another program; choose another with --port.'
    : String(error);
  process.stderr.write(`${expected && error instanceof Error ? error.message : sentence}\n`);
  process.exit(1);
});
