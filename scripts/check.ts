import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';

const STEP_WAIT_MS = 10 * 60_000;
const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name);
const source = '--conditions=source';

/** Cheapest to fix and dearest to miss come first: a red boundary stops before any test runs. */
const STEPS: readonly (readonly [string, string, readonly string[]])[] = [
  ['database client', process.execPath, [source, 'packages/db/tools/generate.ts']],
  ['generated files', process.execPath, [source, 'scripts/generate.ts', '--check']],
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-b']],
  ['boundaries', process.execPath, [source, 'scripts/check-boundaries.ts']],
  ['dead code', bin('knip'), []],
  ['tidy', bin('vitest'), ['run', '--project', 'unit', 'tests/tidy']],
];

for (const [name, command, args] of STEPS) {
  const started = performance.now();
  const done = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: STEP_WAIT_MS,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (done.status !== 0) {
    console.error(`✗ ${name} (${seconds} s)\n${done.stdout}${done.stderr}`);
    process.exit(1);
  }
  console.log(`✓ ${name} (${seconds} s)`);
}
