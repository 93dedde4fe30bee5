import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';

/** `npm run sim`: the simulated exchange alone. Its flags and its output are its own. */
const child = spawn(
  process.execPath,
  ['--conditions=source', join('packages', 'sim-exchange', 'src', 'main.ts'), ...process.argv.slice(2)],
  { cwd: ROOT, stdio: 'inherit' },
);
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
