import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';

const STEP_WAIT_MS = 25 * 60_000;

/** The whole proof in one command: rules first, then unit, integration with real servers, and the whole system. */
const STEPS: readonly (readonly [string, readonly string[]])[] = [
  ['check', ['--conditions=source', join('scripts', 'check.ts')]],
  ['tests', [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)]],
];

for (const [name, args] of STEPS) {
  const done = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', timeout: STEP_WAIT_MS });
  if (done.status !== 0) {
    console.error(`${name} failed`);
    process.exit(1);
  }
}
