import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const RESTART_FIRST_MS = 100;
const RESTART_MOST_MS = 5_000;
/** A process that lived this long starts its back-off anew. */
const HEALTHY_AFTER_MS = 10_000;
const STOP_GRACE_MS = 10_000;

export type Launch = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Appended to, so that the story of a restart stays readable. */
  readonly logFile: string;
  /** An IPC channel: the child tells when it is ready, and dies with us. */
  readonly channel: boolean;
  readonly stopSignal: NodeJS.Signals;
  /** Hears every line of standard output, which is then not logged: for a program that prints its endpoints. */
  readonly onLine?: (line: string) => void;
  /** Hears every line of the error output, which is logged as well. */
  readonly onError?: (line: string) => void;
  /** False: an end is reported and nothing is started again. */
  readonly restart?: boolean;
};

/** What a supervised child says over its channel. */
type ChildMessage = { readonly type: string; readonly url?: string };

export type Supervised = {
  readonly name: string;
  readonly pid: () => number | null;
  readonly restarts: () => number;
  /** The latest `ready` message of the running process, waiting for it when it is still starting. Errors: after `waitMs`. */
  readonly ready: (waitMs: number) => Promise<ChildMessage>;
  readonly onExit: (tell: (text: string) => void) => void;
  /** Hears every later `ready`: after a restart the process has another id and perhaps another URL. */
  readonly onReady: (tell: (message: ChildMessage) => void) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
};

function launchOnce(launch: Launch, log: WriteStream): ChildProcess {
  const stdio: SpawnOptions['stdio'] = launch.channel
    ? ['ignore', 'pipe', 'pipe', 'ipc']
    : ['ignore', 'pipe', 'pipe'];
  // A group of its own: Ctrl-C in a terminal reaches the launcher alone, which then stops everything in order.
  const options = { cwd: launch.cwd, env: { ...launch.env }, stdio, detached: true };
  const child = spawn(launch.command, [...launch.args], options);
  if (launch.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', launch.onLine);
  else child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  if (launch.onError && child.stderr) createInterface({ input: child.stderr }).on('line', launch.onError);
  return child;
}

/** Keeps one process running: started again with a doubling, bounded delay whenever it ends before `stop`. */
export function supervise(launch: Launch): Supervised {
  const log = createWriteStream(launch.logFile, { flags: 'a', mode: 0o600 });
  let child: ChildProcess | null = null;
  let message: ChildMessage | null = null;
  let waiters: ((message: ChildMessage) => void)[] = [];
  let tell: (text: string) => void = () => undefined;
  let heardReady: (message: ChildMessage) => void = () => undefined;
  let failures = 0;
  let restarts = 0;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let gone: () => void = () => undefined;

  const start = (): void => {
    const bornAt = performance.now();
    const running = launchOnce(launch, log);
    child = running;
    message = null;
    running.on('error', (error) => tell(`${launch.name} could not be started: ${error.message}`));
    running.on('message', (said) => {
      const heard = said as ChildMessage;
      if (heard.type !== 'ready') return;
      message = heard;
      for (const waiter of waiters) waiter(heard);
      waiters = [];
      heardReady(heard);
    });
    running.once('close', (code, signal) => {
      child = null;
      message = null;
      gone();
      if (stopping) return;
      if (launch.restart === false)
        return tell(`${launch.name} ended (${signal ?? code}); its log is ${launch.logFile}`);
      failures = performance.now() - bornAt > HEALTHY_AFTER_MS ? 0 : failures + 1;
      const delayMs = Math.min(RESTART_FIRST_MS * 2 ** failures, RESTART_MOST_MS);
      tell(
        `${launch.name} ended (${signal ?? code}); starting it again in ${delayMs} ms; its log is ${launch.logFile}`,
      );
      restarts += 1;
      timer = setTimeout(start, delayMs);
    });
  };
  start();

  return {
    name: launch.name,
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    onExit: (listener) => {
      tell = listener;
    },
    onReady: (listener) => {
      heardReady = listener;
    },
    signal: (signal) => {
      child?.kill(signal);
    },
    ready: (waitMs) =>
      new Promise((resolve, reject) => {
        if (message !== null) return resolve(message);
        const late = setTimeout(
          () => reject(new Error(`${launch.name} was not ready within ${waitMs} ms; see ${launch.logFile}`)),
          waitMs,
        );
        waiters.push((heard) => {
          clearTimeout(late);
          resolve(heard);
        });
      }),
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (running !== null) {
        await new Promise<void>((resolve) => {
          const hard = setTimeout(() => running.kill('SIGKILL'), STOP_GRACE_MS);
          gone = () => {
            clearTimeout(hard);
            resolve();
          };
          running.kill(launch.stopSignal);
        });
      }
      log.end();
    },
  };
}
