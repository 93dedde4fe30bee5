import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setPriority } from 'node:os';
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
  /** How far it stands back from the others where the machine is busy, 0 to 19. Default 0. */
  readonly niceness?: number;
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
  /** The latest `ready` message of the running process, waiting for it when it is still starting. Errors: after `waitMs`. */
  readonly ready: (waitMs: number) => Promise<ChildMessage>;
  readonly onExit: (tell: (text: string) => void) => void;
  /** Hears every later `ready`: after a restart the process has another id and perhaps another URL. */
  readonly onReady: (tell: (message: ChildMessage) => void) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
};

/** Standing back is a courtesy: a process that ended already, or a system that knows no such thing, is let be. */
function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It runs as the others do.
  }
}

function launchOnce(launch: Launch, log: WriteStream): ChildProcess {
  const stdio: SpawnOptions['stdio'] = launch.channel
    ? ['ignore', 'pipe', 'pipe', 'ipc']
    : ['ignore', 'pipe', 'pipe'];
  // A group of its own: Ctrl-C in a terminal reaches the launcher alone, which then stops everything in order.
  const options = { cwd: launch.cwd, env: { ...launch.env }, stdio, detached: true };
  const child = spawn(launch.command, [...launch.args], options);
  if (launch.niceness !== undefined && child.pid !== undefined) standBack(child.pid, launch.niceness);
  if (launch.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', launch.onLine);
  else child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  if (launch.onError && child.stderr) createInterface({ input: child.stderr }).on('line', launch.onError);
  return child;
}

/** One process and what is known of it; started again whenever it ends before `stop`. */
class Keeper {
  readonly #launch: Launch;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #message: ChildMessage | null = null;
  #waiters: ((message: ChildMessage) => void)[] = [];
  #failures = 0;
  #stopping = false;
  #again: NodeJS.Timeout | undefined;
  #gone: () => void = () => undefined;
  tell: (text: string) => void = () => undefined;
  heardReady: (message: ChildMessage) => void = () => undefined;

  constructor(launch: Launch) {
    this.#launch = launch;
    this.#log = createWriteStream(launch.logFile, { flags: 'a', mode: 0o600 });
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    const bornAt = performance.now();
    const running = launchOnce(this.#launch, this.#log);
    this.#child = running;
    this.#message = null;
    running.on('error', (error) => this.tell(`${this.#launch.name} could not be started: ${error.message}`));
    running.on('message', (said) => this.#hear(said as ChildMessage));
    running.once('close', (code, signal) => this.#ended(`${signal ?? code}`, performance.now() - bornAt));
  }

  #hear(message: ChildMessage): void {
    if (message.type !== 'ready') return;
    this.#message = message;
    for (const waiter of this.#waiters.splice(0)) waiter(message);
    this.heardReady(message);
  }

  #ended(how: string, livedMs: number): void {
    const { name, logFile, restart } = this.#launch;
    this.#child = null;
    this.#message = null;
    this.#gone();
    if (this.#stopping) return;
    if (restart === false) {
      this.tell(`${name} ended (${how}); its log is ${logFile}`);
      return;
    }
    this.#failures = livedMs > HEALTHY_AFTER_MS ? 0 : this.#failures + 1;
    const delayMs = Math.min(RESTART_FIRST_MS * 2 ** this.#failures, RESTART_MOST_MS);
    this.tell(`${name} ended (${how}); starting it again in ${delayMs} ms; its log is ${logFile}`);
    this.#again = setTimeout(() => this.start(), delayMs);
  }

  ready(waitMs: number): Promise<ChildMessage> {
    const { name, logFile } = this.#launch;
    const { promise, resolve, reject } = Promise.withResolvers<ChildMessage>();
    if (this.#message !== null) resolve(this.#message);
    else this.#waiters.push(resolve);
    const late = setTimeout(
      () => reject(new Error(`${name} was not ready within ${waitMs} ms; see ${logFile}`)),
      waitMs,
    );
    return promise.finally(() => clearTimeout(late));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    const running = this.#child;
    if (running !== null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#gone = resolve;
      const hard = setTimeout(() => running.kill('SIGKILL'), STOP_GRACE_MS);
      running.kill(this.#launch.stopSignal);
      await promise;
      clearTimeout(hard);
    }
    this.#log.end();
  }
}

/** Keeps one process running: started again with a doubling, bounded delay whenever it ends before `stop`. */
export function supervise(launch: Launch): Supervised {
  const keeper = new Keeper(launch);
  keeper.start();
  return {
    name: launch.name,
    pid: () => keeper.pid,
    ready: (waitMs) => keeper.ready(waitMs),
    onExit: (listener) => {
      keeper.tell = listener;
    },
    onReady: (listener) => {
      keeper.heardReady = listener;
    },
    signal: (signal) => keeper.signal(signal),
    stop: () => keeper.stop(),
  };
}
