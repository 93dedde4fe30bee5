import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VENVS = join(homedir(), '.cache', 'slipstream', 'python-clients');
const INSTALL_MS = 120_000;
const RUN_MS = 120_000;

/** A published client of another language, with its interpreter; or why it is not to be had here. */
export type PythonClient = { readonly python: string } | { readonly missing: string };

const failureOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n').slice(-2).join(' ');
};

/** The package in exactly this version, in an environment of its own that is kept for the next time. */
export async function installClient(name: string, version: string): Promise<PythonClient> {
  const folder = join(VENVS, `${name}-${version}`);
  const python = join(folder, 'bin', 'python');
  const check = `import importlib.metadata as m; assert m.version(${JSON.stringify(name)}) == ${JSON.stringify(version)}`;
  try {
    await run(python, ['-c', check]);
    return { python };
  } catch {
    await rm(folder, { recursive: true, force: true });
  }
  try {
    await mkdir(VENVS, { recursive: true });
    await run('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`];
    await run(python, pip, { timeout: INSTALL_MS });
    await run(python, ['-c', check]);
    return { python };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `${name} ${version} is not to be had: ${failureOf(error)}` };
  }
}

/** Runs a script that reads JSON and prints JSON. Errors: what the script said last. */
export function runScript<T>(python: string, script: string, given: unknown): Promise<T> {
  const path = join(import.meta.dirname, script);
  return new Promise((resolve, reject) => {
    const child = execFile(python, [path], { timeout: RUN_MS, maxBuffer: 1 << 26 }, (error, out, err) => {
      if (error) reject(new Error(`${script}: ${err.trim().split('\n').slice(-12).join('\n')}`));
      else resolve(JSON.parse(out) as T);
    });
    // A script that has ended already is told by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(JSON.stringify(given));
  });
}
