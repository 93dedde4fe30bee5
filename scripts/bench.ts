import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ROOT } from '@slipstream/stack';
import { benchDecide } from '../bench/decide.ts';
import { benchLive } from '../bench/live.ts';
import { benchPipeline } from '../bench/pipeline.ts';
import { parseOrRefuse, wholeNumber } from './start/flags.ts';
import { reportAndExit } from './start/report.ts';

const USAGE = `npm run bench -- [flags]
  --json         one JSON object on standard output
  --total N      leader trades of the throughput run (default 30000)
  --offered N    how many a second the simulator offers (default 1250)
  --calm N       leader trades of the delay run (default 300), at 20 a second
  --pile N       live decisions that wait for the key holder when the most a second is taken (default 1200)
  --live-only    live execution alone`;
const TOTAL_MAX = 1_000_000;
const CALM_PER_SECOND = 20;
const BYTES_PER_GIB = 2 ** 30;

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

const machine = () => ({
  cores: cpus().length,
  model: cpus()[0]?.model ?? '',
  memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
  node: process.version,
  commit: commit(),
  at: new Date().toISOString(),
});

async function main(): Promise<void> {
  const { values } = parseOrRefuse(
    () =>
      parseArgs({
        options: {
          json: { type: 'boolean', default: false },
          total: { type: 'string', default: '30000' },
          offered: { type: 'string', default: '1250' },
          calm: { type: 'string', default: '300' },
          pile: { type: 'string', default: '1200' },
          'live-only': { type: 'boolean', default: false },
        },
      }),
    USAGE,
  );
  const calm = wholeNumber('--calm', values.calm, TOTAL_MAX);
  const live = await benchLive({ calm, pile: wholeNumber('--pile', values.pile, TOTAL_MAX) });
  const paper = values['live-only'] ? null : await benchPaper(values, calm);
  const result = {
    ...paper,
    live: live.live,
    floors: { ...paper?.floors, ...live.floors },
    machine: machine(),
  };
  console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
}

async function benchPaper(values: { readonly total: string; readonly offered: string }, calm: number) {
  const decide = benchDecide();
  const { pipeline, floors } = await benchPipeline({
    total: wholeNumber('--total', values.total, TOTAL_MAX),
    offeredPerSecond: wholeNumber('--offered', values.offered, TOTAL_MAX),
    calm,
    calmPerSecond: CALM_PER_SECOND,
  });
  return { pipeline, decide, floors };
}

await main().catch(reportAndExit);
