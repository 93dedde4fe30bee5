import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Supervised, supervise } from './supervised.ts';

const READY_WAIT_MS = 10_000;
const POLL_MS = 20;

/** Whether something accepts a TCP connection on this loopback port. */
const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** Waits until the port answers. Errors: names what did not come up, and where its log is. */
export async function untilAccepting(port: number, what: Supervised, logFile: string): Promise<void> {
  const deadline = performance.now() + READY_WAIT_MS;
  while (!(await accepts(port))) {
    if (performance.now() > deadline)
      throw new Error(
        `${what.name} did not answer on port ${port} within ${READY_WAIT_MS} ms; see ${logFile}`,
      );
    await wait(POLL_MS);
  }
}

/** Starts NATS with JetStream on loopback; the kernel ends it when we die. */
export function startNats(options: {
  readonly binary: string;
  readonly configFile: string;
  readonly port: number;
  readonly cwd: string;
  readonly logFile: string;
}): { readonly url: string; readonly process: Supervised } {
  const args = ['-a', '127.0.0.1', '-p', String(options.port), '-c', options.configFile];
  const guarded = existsSync('/usr/bin/setpriv');
  const server = supervise({
    name: 'nats',
    command: guarded ? '/usr/bin/setpriv' : options.binary,
    args: guarded ? ['--pdeathsig', 'TERM', '--', options.binary, ...args] : args,
    env: { PATH: '/usr/bin:/bin' },
    cwd: options.cwd,
    logFile: options.logFile,
    channel: false,
    stopSignal: 'SIGTERM',
  });
  return { url: `nats://127.0.0.1:${options.port}`, process: server };
}
