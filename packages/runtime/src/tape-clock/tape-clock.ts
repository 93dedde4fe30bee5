import { connect, type Socket } from 'node:net';
import type { Clock, Repeated, StoppableClock, Timer } from '../clock.ts';
import { type Deadline, DeadlineQueue } from '../deadline-queue.ts';
import type { Logger } from '../log.ts';
import { checkPeriod } from '../loop.ts';
import { pause } from '../pause.ts';
import { readJsonLines, writeJsonLine } from './json-lines.ts';
import { type Ask, ConductorLine, type Quiet } from './protocol.ts';
import { dueLoops, firstPoll, type RepeatedWork } from './repeated-work.ts';
import type { TrackedActivity } from './tracked-activity.ts';

const JOIN_WAIT_MS = 10_000;
/** How long to leave a socket alone whose barrier failed: the process is probably opening it again. */
const BARRIER_RETRY_MS = 20;
/** A failed poll has seen nothing, so that it stays due. */
const NOTHING_SEEN = -1;

/** The clock of a process on a tape: it stands still until the conductor moves it. */
export type TapeClock = StoppableClock & {
  /** Says that something which services ask for by polling has changed. The simulator calls it. */
  pollableChanged(): void;
};

export type TapeClockOptions = {
  /** tcp://host:port of the conductor. */
  readonly url: string;
  /** Unique among the participants; the conductor expects it. */
  readonly name: string;
  /** Goes before the key at equal instants: the simulator 0, services 1. */
  readonly rank: number;
  readonly activity: TrackedActivity;
  readonly log: Logger;
  /** Told once when the conductor is gone before `stop`. */
  readonly onLost?: (error: Error) => void;
};

/** Says that something pollable has changed; on the wall clock, where polls run anyway, it does nothing. */
export function pollableChanged(clock: Clock): void {
  if ('pollableChanged' in clock && typeof clock.pollableChanged === 'function') clock.pollableChanged();
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Participant {
  readonly #options: TapeClockOptions;
  readonly #deadlines = new DeadlineQueue();
  readonly #polls = new Map<string, RepeatedWork>();
  readonly #loops = new Map<string, RepeatedWork>();
  readonly #stopping = new AbortController();
  /** Changes that we made ourselves, and those that the conductor told of. */
  #pollableMade = 0;
  #pollableKnown = 0;
  readonly #running = new Set<Promise<void>>();
  #failures = 0;
  #barrierFailure: string | undefined;
  nowMs = 0;
  /** True once the tape is over for us, so that the end of the connection is no loss. */
  dismissed = false;

  constructor(options: TapeClockOptions) {
    this.#options = options;
  }

  /** Takes in what is new, starts what is due, and gives the answer as soon as nothing is under way. */
  async answer(ask: Ask): Promise<Quiet> {
    const { activity } = this.#options;
    for (const [lane, sequence] of Object.entries(ask.needs ?? {})) activity.need(lane, sequence);
    if (ask.pollable !== undefined) this.#pollableKnown = ask.pollable;
    if (ask.nowMs !== undefined) {
      this.nowMs = ask.nowMs;
      await this.#runLoops();
    }
    if (ask.fire !== undefined) this.#fire(ask.fire.kind, ask.fire.key);
    await this.#rest(ask.barriers);
    const deadline = this.#deadlines.first();
    const poll = firstPoll(this.#polls.values(), this.#pollableKnown, this.nowMs);
    const { produced, consumed } = activity.takeMoved();
    return {
      kind: 'quiet',
      round: ask.round,
      changes: activity.changes(),
      pollable: this.#pollableMade,
      failures: this.#failures,
      ...(deadline ? { deadline: { dueMs: deadline.dueMs, key: deadline.key } } : {}),
      ...(poll ? { poll } : {}),
      ...(produced ? { produced } : {}),
      ...(consumed ? { consumed } : {}),
    };
  }

  explain(): string {
    const reasons = [...this.#options.activity.explain()];
    if (this.#barrierFailure !== undefined) reasons.push(this.#barrierFailure);
    return reasons.length === 0 ? 'waiting for a barrier' : reasons.join('; ');
  }

  at(due: Date, key: string, run: () => Promise<void>): Timer {
    const deadline: Deadline = { dueMs: Math.max(due.getTime(), this.nowMs), key, run };
    this.#deadlines.set(deadline);
    this.#options.activity.touch();
    return {
      cancel: () => {
        if (this.#deadlines.remove(deadline)) this.#options.activity.touch();
      },
    };
  }

  poll(name: string, periodMs: number, run: Repeated): Timer {
    return this.#repeat(this.#polls, { name, periodMs, run, lastMs: null, seen: NOTHING_SEEN });
  }

  every(name: string, periodMs: number, run: Repeated): Timer {
    return this.#repeat(this.#loops, { name, periodMs, run, lastMs: this.nowMs, seen: 0 });
  }

  pollableChanged(): void {
    this.#pollableMade += 1;
    this.#options.activity.touch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#deadlines.clear();
    this.#polls.clear();
    this.#loops.clear();
    await Promise.all(this.#running);
  }

  #repeat(works: Map<string, RepeatedWork>, wanted: Omit<RepeatedWork, 'cancelled'>): Timer {
    checkPeriod(wanted.name, wanted.periodMs);
    const work: RepeatedWork = { ...wanted, cancelled: new AbortController() };
    works.get(work.name)?.cancelled.abort();
    works.set(work.name, work);
    this.#options.activity.touch();
    return {
      cancel: () => {
        work.cancelled.abort();
        if (works.get(work.name) === work) works.delete(work.name);
        this.#options.activity.touch();
      },
    };
  }

  async #runLoops(): Promise<void> {
    for (const loop of dueLoops(this.#loops.values(), this.nowMs)) {
      if (loop.cancelled.signal.aborted) continue;
      loop.lastMs = this.nowMs;
      await this.#run(`loop ${loop.name}`, () => loop.run(this.#signalOf(loop)));
    }
  }

  #fire(kind: 'deadline' | 'poll', key: string): void {
    if (kind === 'deadline') {
      const deadline = this.#deadlines.get(key);
      if (deadline === undefined || deadline.dueMs > this.nowMs || !this.#deadlines.remove(deadline)) return;
      void this.#run(`at ${key}`, deadline.run);
      return;
    }
    const poll = this.#polls.get(key);
    if (poll === undefined) return;
    poll.lastMs = this.nowMs;
    poll.seen = this.#pollableKnown;
    void this.#run(`poll ${key}`, async () => {
      try {
        await poll.run(this.#signalOf(poll));
      } catch (error) {
        poll.seen = NOTHING_SEEN;
        throw error;
      }
    });
  }

  #run(label: string, run: () => Promise<void>): Promise<void> {
    const running = this.#runLogged(label, run).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  async #runLogged(label: string, run: () => Promise<void>): Promise<void> {
    try {
      await this.#options.activity.run(run, label);
    } catch (error) {
      this.#failures += 1;
      this.#options.log.error({ work: label, error }, 'clock.work.failed');
    }
  }

  #signalOf(work: RepeatedWork): AbortSignal {
    return AbortSignal.any([this.#stopping.signal, work.cancelled.signal]);
  }

  /**
   * Waits for rest: not busy, needs reached, and still so one turn of the event loop later, when whatever had arrived
   * at our sockets has been looked at; then, if asked, again after every barrier. The conductor bounds the wait.
   */
  async #rest(barriers: boolean): Promise<void> {
    const { activity } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await activity.whenAtRest();
      await nextTurn();
      if (!activity.atRest()) continue;
      if (!barriers || !activity.hasBarriers()) return;
      const before = activity.changes();
      try {
        await activity.passBarriers();
        this.#barrierFailure = undefined;
      } catch (error) {
        this.#barrierFailure = error instanceof Error ? error.message : String(error);
        await pause(BARRIER_RETRY_MS, this.#stopping.signal);
        continue;
      }
      await nextTurn();
      if (activity.atRest() && activity.changes() === before) return;
    }
  }
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** Says hello, and resolves with the instant at which the tape stands. */
function join(socket: Socket, participant: Participant, options: TapeClockOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const late = setTimeout(() => reject(new Error(`no welcome within ${JOIN_WAIT_MS} ms`)), JOIN_WAIT_MS);
  readJsonLines(socket, ConductorLine, (line) => {
    if (line.kind === 'welcome') return resolve(line.nowMs);
    if (line.kind === 'explain')
      return writeJsonLine(socket, { kind: 'explanation', text: participant.explain() });
    if (line.kind === 'bye') {
      participant.dismissed = true;
      return reject(new Error(`the conductor said: ${line.reason}`));
    }
    participant.answer(line).then(
      (quiet) => writeJsonLine(socket, quiet),
      (error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  socket.once('connect', () =>
    writeJsonLine(socket, { kind: 'hello', name: options.name, rank: options.rank }),
  );
  socket.on('error', reject);
  socket.once('close', () => reject(new Error('the conductor closed the connection')));
  return promise.finally(() => clearTimeout(late));
}

/**
 * Joins the conductor's tape. From then on the time is the conductor's, deadlines and polls run when it says so, and
 * it moves on only when our activity is at rest.
 *
 * Errors: when no conductor welcomes us.
 */
export async function connectTapeClock(options: TapeClockOptions): Promise<TapeClock> {
  const participant = new Participant(options);
  const socket = connect(addressOf(options.url));
  try {
    participant.nowMs = await join(socket, participant, options);
  } catch (cause) {
    socket.destroy();
    throw new Error(`${options.name} could not join the tape clock at ${options.url}`, { cause });
  }
  socket.once('close', () => {
    if (!participant.dismissed)
      options.onLost?.(new Error(`${options.name} has lost the conductor of its tape`));
  });
  return {
    kind: 'tape',
    now: () => new Date(participant.nowMs),
    at: (due, key, run) => participant.at(due, key, run),
    poll: (name, periodMs, run) => participant.poll(name, periodMs, run),
    every: (name, periodMs, run) => participant.every(name, periodMs, run),
    pollableChanged: () => participant.pollableChanged(),
    stop: async () => {
      participant.dismissed = true;
      socket.destroy();
      await participant.stop();
    },
  };
}
