import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { initCluster, locatePostgres, type PostgresFiles } from './postgres-files.ts';
import { Refusal } from './refusal.ts';
import { type Supervised, supervise } from './supervised.ts';

const ADMIN = 'slipstream';
const STOP_WAIT_MS = 15_000;
const POLL_MS = 50;

export type PostgresServer = {
  /** The administrator's URL, with its password. */
  readonly url: string;
  readonly process: Supervised;
  readonly fresh: boolean;
};

/** Ends a server that an earlier, killed run left behind. */
async function endLeftover(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  // Only ever the server of this very folder: a recycled process id belongs to somebody else.
  if (command.includes(dataDir)) {
    process.kill(pid, 'SIGINT');
    const deadline = performance.now() + STOP_WAIT_MS;
    while (existsSync(pidFile)) {
      if (performance.now() > deadline)
        throw new Refusal(
          `A PostgreSQL of an earlier run (process ${pid}) does not end; end it and start again.`,
        );
      await wait(POLL_MS);
    }
  } else await rm(pidFile, { force: true });
}

async function prepare(files: PostgresFiles, password: string): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'slipstream-'));
  const passwordFile = join(dir, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (files.account) {
      await chown(dir, files.account.uid, files.account.gid);
      await chown(passwordFile, files.account.uid, files.account.gid);
    }
    return await initCluster(files, ADMIN, passwordFile);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The server dies with us even when we are killed: the kernel sends it SIGINT, a fast and clean stop. */
const commandFor = (files: PostgresFiles): { command: string; args: string[] } => {
  const program = join(files.binDir, 'postgres');
  if (!existsSync('/usr/bin/setpriv')) return { command: program, args: [] };
  const account = files.account
    ? [`--reuid=${files.account.uid}`, `--regid=${files.account.gid}`, '--clear-groups']
    : [];
  return { command: '/usr/bin/setpriv', args: [...account, '--pdeathsig', 'INT', '--', program] };
};

/** Starts PostgreSQL on loopback with its data in `dataDir`. `durable` false trades safety for speed: tests only. */
export async function startPostgres(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly password: string;
  readonly logFile: string;
  readonly durable: boolean;
}): Promise<PostgresServer> {
  const files = await locatePostgres(options.dataDir);
  await endLeftover(files.dataDir);
  const fresh = await prepare(files, options.password);
  const { command, args } = commandFor(files);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=120',
    'shared_buffers=128MB',
    'log_min_messages=warning',
    // A database that was empty a moment ago is counted soon, so that plans are made for tables as they have become.
    'autovacuum_naptime=5s',
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  const server = supervise({
    name: 'postgres',
    command,
    args: [...args, '-D', files.dataDir, '-p', String(options.port), ...settings.flatMap((s) => ['-c', s])],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    cwd: files.dataDir,
    logFile: options.logFile,
    channel: false,
    stopSignal: 'SIGINT',
  });
  const url = `postgresql://${ADMIN}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/postgres`;
  return { url, process: server, fresh };
}
