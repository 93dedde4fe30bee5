import { createServer, type Server, type Socket } from 'node:net';
import { readJsonLines, writeJsonLine } from './json-lines.ts';
import { type AskParts, Member } from './member.ts';
import { ParticipantLine, type Quiet } from './protocol.ts';

/** How long a participant that is not at rest has to say why, before it counts as blocked. */
const EXPLAIN_WAIT_MS = 1_000;
const LEAVE_WAIT_MS = 1_000;
const EXPECTED_MOST = 64;

/** The tape cannot go on; the message names who and why. */
export class TapeError extends Error {
  override name = 'TapeError';
}

export type Asked = readonly [Member, AskParts];
type Gathering = {
  readonly round: number;
  readonly missing: Set<Member>;
  readonly fromMs: number;
  readonly done: PromiseWithResolvers<void>;
};

/** Who takes part in a tape, and how they are asked. One gathering at a time. */
export class Roster {
  readonly #expected: readonly string[];
  readonly #nowMs: () => number;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #explanations = new Map<Member, string>();
  /** Where each lane stands, over all producers. */
  readonly produced = new Map<string, number>();
  #members: readonly Member[] = [];
  #gathering: Gathering | undefined;
  #round = 0;
  #failure: Error | undefined;
  #onJoin: () => void = () => undefined;
  #stopped = false;

  constructor(expected: readonly string[], nowMs: () => number) {
    if (
      expected.length === 0 ||
      expected.length > EXPECTED_MOST ||
      new Set(expected).size !== expected.length
    )
      throw new RangeError(`a conductor expects 1 to ${EXPECTED_MOST} different names`);
    this.#expected = expected;
    this.#nowMs = nowMs;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** The members in the order in which they are expected. */
  get members(): readonly Member[] {
    return this.#members;
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Resolves when everybody expected has said hello. Errors: after `waitMs`, with the names that are missing. */
  async joined(waitMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const missing = (): readonly string[] => this.#expected.filter((name) => !this.#has(name));
    const late = setTimeout(
      () => reject(new TapeError(`not on the tape after ${waitMs} ms: ${missing().join(', ')}`)),
      waitMs,
    );
    this.#onJoin = () => {
      if (missing().length === 0) resolve();
    };
    this.#onJoin();
    await promise.finally(() => clearTimeout(late));
  }

  /**
   * Asks these members and resolves when all have come to rest and answered.
   * Errors: when one leaves, or is not at rest after `waitMs`: who, and what it is busy with or which lane lags.
   */
  async gather(asks: readonly Asked[], waitMs: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#gathering !== undefined) throw new TapeError('the conductor is already waiting for an answer');
    this.#round += 1;
    const done = Promise.withResolvers<void>();
    const missing = new Set(asks.map(([member]) => member));
    this.#gathering = { round: this.#round, missing, fromMs: performance.now(), done };
    const late = setTimeout(() => void this.#giveUp(missing, waitMs, done), waitMs);
    for (const [member, parts] of asks) member.ask(this.#round, parts);
    try {
      await done.promise;
    } finally {
      clearTimeout(late);
      this.#gathering = undefined;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const member of this.#members) member.dismiss('the tape is over');
    // Who does not take its leave in time is cut off; the members' last line is on its way by then.
    const late = setTimeout(() => this.#cutOff(), LEAVE_WAIT_MS);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    clearTimeout(late);
  }

  #cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #has(name: string): boolean {
    return this.#members.some((member) => member.name === name);
  }

  #accept(socket: Socket): void {
    let member: Member | undefined;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    readJsonLines(socket, ParticipantLine, (line) => {
      if (line.kind === 'hello') member = this.#join(line.name, line.rank, socket);
      else if (member === undefined) socket.destroy();
      else if (line.kind === 'quiet') this.#answered(member, line);
      else this.#explanations.set(member, line.text);
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (member !== undefined) this.#left(member);
    });
  }

  #join(name: string, rank: number, socket: Socket): Member | undefined {
    const order = this.#expected.indexOf(name);
    if (order < 0 || this.#has(name)) {
      const reason = order < 0 ? `${name} is not expected` : `${name} is on the tape already`;
      writeJsonLine(socket, { kind: 'bye', reason });
      socket.end();
      return undefined;
    }
    const member = new Member({ name, rank, order, socket });
    this.#members = [...this.#members, member].sort((a, b) => a.order - b.order);
    writeJsonLine(socket, { kind: 'welcome', nowMs: this.#nowMs() });
    this.#onJoin();
    return member;
  }

  #left(member: Member): void {
    if (this.#stopped) return;
    this.#failure ??= new TapeError(
      `${member.name} has left the tape at ${this.#instant()}: its connection closed`,
    );
    this.#gathering?.done.reject(this.#failure);
  }

  #answered(member: Member, quiet: Quiet): void {
    member.take(quiet);
    for (const [lane, sequence] of Object.entries(quiet.produced ?? {}))
      this.produced.set(lane, Math.max(this.produced.get(lane) ?? 0, sequence));
    const gathering = this.#gathering;
    if (gathering === undefined || gathering.round !== quiet.round) return;
    gathering.missing.delete(member);
    if (gathering.missing.size > 0) return;
    member.waitedFor(performance.now() - gathering.fromMs);
    gathering.done.resolve();
  }

  async #giveUp(
    missing: ReadonlySet<Member>,
    waitMs: number,
    done: PromiseWithResolvers<void>,
  ): Promise<void> {
    this.#explanations.clear();
    const asked = [...missing];
    for (const member of asked) member.askWhy();
    await new Promise((resolve) => setTimeout(resolve, EXPLAIN_WAIT_MS));
    if (missing.size === 0) return;
    const who = asked
      .filter((member) => missing.has(member))
      .map(
        (member) =>
          `${member.name} (${this.#explanations.get(member) ?? 'does not answer: its event loop is blocked'})`,
      );
    this.#failure ??= new TapeError(`not at rest ${waitMs} ms after ${this.#instant()}: ${who.join(', ')}`);
    done.reject(this.#failure);
  }

  #instant(): string {
    return new Date(this.#nowMs()).toISOString();
  }
}
