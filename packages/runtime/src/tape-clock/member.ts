import type { Socket } from 'node:net';
import { writeJsonLine } from './json-lines.ts';
import { laneOf, type Positions } from './lane-book.ts';
import type { Ask, Due, Quiet } from './protocol.ts';

/** What a member was seen to cost: how often the others waited for it, and how long. */
export type MemberFigures = {
  readonly name: string;
  /** Gatherings in which it answered last. */
  readonly lastCount: number;
  /** Seconds for which the conductor waited for it as the last one. */
  readonly waitedSeconds: number;
  readonly slowestMs: number;
  /** Work that threw on its clock; each is in its log. */
  readonly failures: number;
};

export type AskParts = Omit<Ask, 'kind' | 'round'>;

/** One participant as the conductor knows it: its connection and its latest answer. */
export class Member {
  readonly name: string;
  readonly rank: number;
  readonly order: number;
  readonly #socket: Socket;
  readonly #consumed = new Map<string, number>();
  /** No answer yet; never equal to a count, so that the first round cannot look like the second. */
  changes = -1;
  deadline: Due | undefined;
  poll: Due | undefined;
  pollable = 0;
  pollableTold = 0;
  #failures = 0;
  #lastCount = 0;
  #waitedMs = 0;
  #slowestMs = 0;

  constructor(identity: {
    readonly name: string;
    readonly rank: number;
    readonly order: number;
    readonly socket: Socket;
  }) {
    this.name = identity.name;
    this.rank = identity.rank;
    this.order = identity.order;
    this.#socket = identity.socket;
  }

  ask(round: number, parts: AskParts): void {
    if (parts.pollable !== undefined) this.pollableTold = parts.pollable;
    writeJsonLine(this.#socket, { kind: 'ask', round, ...parts });
  }

  askWhy(): void {
    writeJsonLine(this.#socket, { kind: 'explain' });
  }

  dismiss(reason: string): void {
    writeJsonLine(this.#socket, { kind: 'bye', reason });
    this.#socket.end();
  }

  take(quiet: Quiet): void {
    this.changes = quiet.changes;
    this.deadline = quiet.deadline;
    this.poll = quiet.poll;
    this.pollable = quiet.pollable;
    this.#failures = quiet.failures;
    for (const [reader, sequence] of Object.entries(quiet.consumed ?? {}))
      this.#consumed.set(reader, sequence);
  }

  waitedFor(ms: number): void {
    this.#lastCount += 1;
    this.#waitedMs += ms;
    this.#slowestMs = Math.max(this.#slowestMs, ms);
  }

  /** The lanes that it reads and in which it is behind what is produced; undefined when it is behind in none. */
  behind(produced: ReadonlyMap<string, number>): Positions | undefined {
    let needs: Record<string, number> | undefined;
    for (const [reader, at] of this.#consumed) {
      const lane = laneOf(reader);
      const wanted = produced.get(lane);
      if (wanted === undefined || wanted <= at) continue;
      needs ??= {};
      needs[lane] = wanted;
    }
    return needs;
  }

  figures(): MemberFigures {
    return {
      name: this.name,
      lastCount: this.#lastCount,
      waitedSeconds: this.#waitedMs / 1_000,
      slowestMs: this.#slowestMs,
      failures: this.#failures,
    };
  }
}
