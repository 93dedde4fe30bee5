import { execFile } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Refusal } from './refusal.ts';

const run = promisify(execFile);

/** Atomic batches and message TTL need it; an older server drops such settings without a word. */
const VERSION_LEAST = [2, 12] as const;
const VERSION_WAIT_MS = 5_000;
const DOWNLOAD_WAIT_MS = 120_000;
const FETCH_SCRIPT = fileURLToPath(new URL('../tools/get-nats.sh', import.meta.url));

export type NatsBinary = { readonly path: string; readonly version: string; readonly from: string };

/** Gives the version that the program at `path` prints, or null when it is no nats-server or too old. */
async function versionOf(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_WAIT_MS });
    const match = /v?(\d+)\.(\d+)\.(\d+)/.exec(stdout);
    if (!match) return null;
    const [major, minor] = [Number(match[1]), Number(match[2])];
    const enough = major > VERSION_LEAST[0] || (major === VERSION_LEAST[0] && minor >= VERSION_LEAST[1]);
    return enough ? `${match[1]}.${match[2]}.${match[3]}` : null;
  } catch {
    return null;
  }
}

async function firstUsable(candidates: readonly (readonly [string, string])[]): Promise<NatsBinary | null> {
  for (const [path, from] of candidates) {
    const version = await versionOf(path);
    if (version !== null) return { path, version, from };
  }
  return null;
}

/**
 * Finds a nats-server of 2.12 or newer: the one named, one on the PATH, the cache, or Debian's archive (unpacked into
 * the cache, nothing is installed and root is not needed).
 *
 * Errors: Refusal with one sentence that says what to do.
 */
export async function obtainNatsServer(options: {
  readonly named: string | undefined;
  readonly searchPath: string;
  readonly cacheDir: string;
  readonly onProgress: (text: string) => void;
}): Promise<NatsBinary> {
  if (options.named !== undefined) {
    const version = await versionOf(options.named);
    if (version === null)
      throw new Refusal(`NATS_SERVER names ${options.named}, which is not a nats-server of 2.12 or newer.`);
    return { path: options.named, version, from: 'NATS_SERVER' };
  }
  const cached = join(options.cacheDir, 'nats-server');
  const onPath = options.searchPath
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => [join(dir, 'nats-server'), 'PATH'] as const);
  const found = await firstUsable([...onPath, [cached, 'cache']]);
  if (found) return found;

  options.onProgress('fetching nats-server from the Debian archive');
  await mkdir(options.cacheDir, { recursive: true });
  await run('bash', [FETCH_SCRIPT, options.cacheDir], { timeout: DOWNLOAD_WAIT_MS }).catch(() => undefined);
  const fetched = await firstUsable([[cached, 'Debian archive']]);
  if (fetched) return fetched;
  throw new Refusal(
    'No nats-server of 2.12 or newer was found and Debian’s archive did not give one; install it and name it with NATS_SERVER=/path/to/nats-server.',
  );
}
