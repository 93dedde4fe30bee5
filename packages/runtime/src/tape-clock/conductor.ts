import type { Logger } from '../log.ts';
import type { Member, MemberFigures } from './member.ts';
import { type Asked, Roster, TapeError } from './roster.ts';
import { type Choice, chooseNext } from './schedule.ts';

const JOIN_WAIT_MS = 120_000;
/** A start migrates, connects and catches up; no step of a tape takes nearly as long. */
const START_WAIT_MS = 120_000;
const SETTLE_WAIT_MS = 30_000;
/** Rounds of one settling; only participants that never come to rest need so many. */
const ROUNDS_MOST = 10_000;
const STEPS_MOST = 10_000_000;
/** After the tape's last event: one more minute bucket, so that the last minute's snapshot is taken. */
const HORIZON_MS = 60_000;
const SIMULATOR_RANK = 0;

export type ConductorOptions = {
  /** Names of all participants. Their order is the last word where due, rank and key are equal. */
  readonly expected: readonly string[];
  /** The instant at which the clocks stand until the first step. */
  readonly startAt: Date;
  readonly log: Logger;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly joinWaitMs?: number;
  readonly startWaitMs?: number;
  readonly settleWaitMs?: number;
};

/** One thing that fired, after all that it caused had settled. */
export type Step = {
  readonly step: number;
  readonly instant: Date;
  readonly participant: string;
  readonly kind: 'deadline' | 'poll';
  readonly key: string;
  readonly rounds: number;
  readonly tookMs: number;
};

export type RunOptions = {
  /**
   * Run everything due up to and at this instant, and leave the clocks there. Without it: until the simulator
   * (rank 0) has no further event, and then whatever is due within the horizon.
   */
  readonly end?: Date;
  readonly horizonMs?: number;
  /** Asked after every step; true ends the run there. */
  readonly until?: (step: Step) => boolean;
  readonly onStep?: (step: Step) => void;
  readonly stepsMost?: number;
};

export type RunReport = {
  readonly steps: number;
  readonly deadlines: number;
  readonly polls: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly from: Date;
  readonly to: Date;
  /** By the time that the others waited for them, the slowest first. */
  readonly participants: readonly MemberFigures[];
};

/** Moves the tape: the only one who knows what comes next, and who waits until everybody is done with it. */
export type Conductor = {
  /** For CLOCK_URL. */
  readonly url: string;
  now(): Date;
  /** Waits until everybody expected is on the tape, has started, and is at rest. */
  joined(): Promise<void>;
  /** Waits until everything under way has settled, e.g. after a request of one's own to a service. */
  settle(): Promise<void>;
  run(options?: RunOptions): Promise<RunReport>;
  stop(): Promise<void>;
};

class Tape {
  readonly #roster: Roster;
  readonly #settleWaitMs: number;
  nowMs: number;
  rounds = 0;

  constructor(options: ConductorOptions) {
    this.nowMs = options.startAt.getTime();
    this.#settleWaitMs = options.settleWaitMs ?? SETTLE_WAIT_MS;
    this.#roster = new Roster(options.expected, () => this.nowMs);
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** What fires next, or null. */
  next(): Choice | null {
    return chooseNext(this.#roster.members);
  }

  simulatorHasMore(): boolean {
    return this.#roster.members.some(
      ({ rank, deadline }) => rank === SIMULATOR_RANK && deadline !== undefined,
    );
  }

  /** Sets everybody's time before anything happens at it, and lets the loops run that are due. */
  async moveTo(instantMs: number): Promise<void> {
    this.nowMs = instantMs;
    const before = this.#counts();
    await this.#gather(this.#roster.members.map((member) => [member, { nowMs: instantMs, barriers: false }]));
    if (!this.#equal(before)) await this.settle();
  }

  async fire(choice: Choice): Promise<void> {
    const member = this.#roster.members.find(({ order }) => order === choice.order);
    if (member === undefined) throw new TapeError('a choice without its participant');
    await this.#gather([[member, { fire: { kind: choice.kind, key: choice.key }, barriers: false }]]);
    await this.settle();
  }

  /**
   * Waits for global rest. Whoever is known to be behind in a lane is asked first, hop by hop; then everybody, with
   * barriers. Every count was taken before that round began: if it shows the same counts, nobody did anything in
   * between and nothing that was sent before it is still on its way, so that all were at rest at one moment.
   */
  async settle(waitMs = this.#settleWaitMs): Promise<void> {
    let before = this.#counts();
    for (let round = 0; round < ROUNDS_MOST; round += 1) {
      const behind = this.#behind();
      if (behind.length > 0) {
        await this.#gather(behind, waitMs);
        continue;
      }
      before = this.#counts();
      const pollable = this.#pollable();
      await this.#gather(
        this.#roster.members.map((member): Asked => {
          const news = member.pollableTold === pollable ? {} : { pollable };
          return [member, { ...news, barriers: true }];
        }),
        waitMs,
      );
      if (this.#equal(before)) return;
    }
    const restless = this.#roster.members.filter((member, i) => member.changes !== before[i]);
    const names = restless.map(({ name }) => name).join(', ');
    throw new TapeError(
      `no rest in ${ROUNDS_MOST} rounds: something keeps happening in ${names || 'a lane'}`,
    );
  }

  async #gather(asks: readonly Asked[], waitMs = this.#settleWaitMs): Promise<void> {
    this.rounds += 1;
    await this.#roster.gather(asks, waitMs);
  }

  #behind(): readonly Asked[] {
    return this.#roster.members.flatMap((member): readonly Asked[] => {
      const needs = member.behind(this.#roster.produced);
      return needs === undefined ? [] : [[member, { needs, barriers: false }]];
    });
  }

  #counts(): readonly number[] {
    return this.#roster.members.map(({ changes }) => changes);
  }

  #equal(before: readonly number[]): boolean {
    return this.#roster.members.every(({ changes }: Member, i) => changes === before[i]);
  }

  #pollable(): number {
    return this.#roster.members.reduce((sum, { pollable }) => sum + pollable, 0);
  }
}

/** The last instant of a run, as far as it is known: none while the simulator has events to come. */
function endOf(tape: Tape, options: RunOptions, lastEventMs: number): number {
  if (options.end !== undefined) return options.end.getTime();
  return tape.simulatorHasMore() ? Number.POSITIVE_INFINITY : lastEventMs + (options.horizonMs ?? HORIZON_MS);
}

async function takeStep(tape: Tape, endMs: number): Promise<Choice | null> {
  for (;;) {
    const next = tape.next();
    if (next === null || next.dueMs > endMs) return null;
    if (next.dueMs <= tape.nowMs) {
      await tape.fire(next);
      return next;
    }
    // Loops that run at the new instant may arm or cancel something, so that the choice is made again.
    await tape.moveTo(next.dueMs);
  }
}

async function runTape(tape: Tape, options: RunOptions): Promise<RunReport> {
  const from = { nowMs: tape.nowMs, at: performance.now(), rounds: tape.rounds };
  const counts = { deadline: 0, poll: 0 };
  const stepsMost = options.stepsMost ?? STEPS_MOST;
  let lastEventMs = tape.nowMs;
  let steps = 0;
  for (;;) {
    const before = { at: performance.now(), rounds: tape.rounds };
    const fired = await takeStep(tape, endOf(tape, options, lastEventMs));
    if (fired === null) break;
    steps += 1;
    counts[fired.kind] += 1;
    if (fired.rank === SIMULATOR_RANK) lastEventMs = tape.nowMs;
    const step: Step = {
      step: steps,
      instant: new Date(tape.nowMs),
      participant: tape.roster.members.find(({ order }) => order === fired.order)?.name ?? '',
      kind: fired.kind,
      key: fired.key,
      rounds: tape.rounds - before.rounds,
      tookMs: performance.now() - before.at,
    };
    options.onStep?.(step);
    if (options.until?.(step) === true) break;
    if (steps >= stepsMost)
      throw new TapeError(`more than ${stepsMost} steps by ${step.instant.toISOString()}`);
  }
  if (options.end !== undefined && options.until === undefined && options.end.getTime() > tape.nowMs)
    await tape.moveTo(options.end.getTime());
  return {
    steps,
    deadlines: counts.deadline,
    polls: counts.poll,
    rounds: tape.rounds - from.rounds,
    seconds: (performance.now() - from.at) / 1_000,
    from: new Date(from.nowMs),
    to: new Date(tape.nowMs),
    participants: tape.roster.members
      .map((member) => member.figures())
      .sort((a, b) => b.waitedSeconds - a.waitedSeconds),
  };
}

/**
 * Opens a tape on which services and the simulator take part (`connectTapeClock`, or CLOCK_URL for `runService`).
 * It advances only when nothing is under way anywhere, so that the order of everything is fixed by the tape alone.
 */
export async function startConductor(options: ConductorOptions): Promise<Conductor> {
  const tape = new Tape(options);
  const port = await tape.roster.listen(options.port ?? 0);
  const url = `tcp://127.0.0.1:${port}`;
  let started: Promise<void> | undefined;
  const joined = (): Promise<void> => {
    started ??= (async () => {
      await tape.roster.joined(options.joinWaitMs ?? JOIN_WAIT_MS);
      await tape.settle(options.startWaitMs ?? START_WAIT_MS);
      options.log.info({ url, participants: tape.roster.members.map(({ name }) => name) }, 'tape.joined');
    })();
    return started;
  };
  return {
    url,
    now: () => new Date(tape.nowMs),
    joined,
    settle: async () => {
      await joined();
      await tape.settle();
    },
    run: async (runOptions = {}) => {
      await joined();
      // Whatever was asked of the services since the last run belongs to the instant at which the tape stands.
      await tape.settle();
      const report = await runTape(tape, runOptions);
      options.log.info({ steps: report.steps, seconds: report.seconds, to: report.to }, 'tape.run');
      return report;
    },
    stop: () => tape.roster.stop(),
  };
}
