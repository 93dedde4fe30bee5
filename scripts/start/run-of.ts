import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@slipstream/stack';

/** Runs a command of a service in a process of its own, with our flags and our environment, and ends as it ends. */
export function runOf(service: string, command: string): void {
  const child = spawn(
    process.execPath,
    ['--conditions=source', join('services', service, 'src', `${command}.ts`), ...process.argv.slice(2)],
    { cwd: ROOT, stdio: 'inherit' },
  );
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
