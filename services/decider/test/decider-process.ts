import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const READY_WITHIN_MS = 20_000;

export type DeciderProcess = {
  readonly pid: number;
  /** As the machine would: nothing is told, nothing is closed. */
  kill(): Promise<void>;
};

/** A decider as a process of its own, ready. Errors: one that ends or says nothing within twenty seconds. */
export async function startDeciderProcess(natsUrl: string, databaseUrl: string): Promise<DeciderProcess> {
  const child = fork(MAIN, {
    execArgv: ['--conditions=source'],
    env: { PATH: '/usr/bin:/bin', LOG_LEVEL: 'error', NATS_URL: natsUrl, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the decider ended')));
  const signal = AbortSignal.timeout(READY_WITHIN_MS);
  try {
    await Promise.race([once(child, 'message', { signal }), ended]);
  } catch (error) {
    await kill();
    throw error;
  }
  ended.catch(() => undefined);
  return { pid: child.pid ?? 0, kill };
}
