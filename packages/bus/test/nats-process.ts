import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';

const START_WAIT_MS = 10_000;
const LOOK_MS = 20;

/** A real server with a store and a port of its own, that can be killed and started again. */
export type NatsProcess = {
  readonly url: string;
  /** Ends it without a chance to say goodbye or to write anything down. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its store. */
  stop(): Promise<void>;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Whether it answers, be it that it does not know us. */
async function answers(url: string): Promise<boolean> {
  try {
    const nc = await connect({ servers: url, reconnect: false, timeout: 500 });
    await nc.close();
    return true;
  } catch (error) {
    return error instanceof Error && /authorization/i.test(error.message);
  }
}

/** Starts a server; `accounts` is added to its configuration. */
export async function startNatsProcess(
  binary: { readonly path: string },
  accounts = '',
): Promise<NatsProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'slipstream-bus-'));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const configFile = join(dir, 'nats.conf');
  await writeFile(
    configFile,
    `jetstream { store_dir: ${JSON.stringify(join(dir, 'store'))} }\n${accounts}\n`,
  );
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    child = null;
  };
  const start = async (): Promise<void> => {
    child = spawn(binary.path, ['-a', '127.0.0.1', '-p', String(port), '-c', configFile], {
      stdio: 'ignore',
    });
    const deadline = performance.now() + START_WAIT_MS;
    while (!(await answers(url))) {
      if (performance.now() > deadline) throw new Error(`nats-server did not answer on ${url}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  await start();
  return {
    url,
    kill: () => end('SIGKILL'),
    start,
    stop: async () => {
      await end('SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
