import type { Clock } from '@slipstream/runtime';
import { uuidFrom } from './ids.ts';
import type { HeartbeatReply } from './types.ts';

/** Who is silent for so long loses his orders; it is looked at so often. Source: polymarket §2.3. */
const SILENCE_MS = 10_000;
const CHECK_MS = 5_000;

export type HeartbeatParts = {
  readonly clock: Clock;
  readonly nowMs: () => number;
  /** What happens to an API key that fell silent. */
  readonly silent: (owner: string) => void;
};

/** The dead man's switch of every API key that has started one. */
export class Heartbeats {
  readonly #parts: HeartbeatParts;
  /** The id that an API key's next heartbeat must name. */
  readonly #beats = new Map<string, string>();
  #count = 0;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Empty starts; after that the id of the last answer is wanted. A wrong one is told the right one. */
  beat(owner: string, id: string): HeartbeatReply {
    const last = this.#beats.get(owner);
    if (last === undefined) return { kind: id === '' ? 'ok' : 'wrong', heartbeatId: this.#next(owner) };
    if (last !== id) return { kind: 'wrong', heartbeatId: last };
    return { kind: 'ok', heartbeatId: this.#next(owner) };
  }

  /** Begins, or goes on, without an id; a chain of ids that has begun stays where it is. */
  keepAlive(owner: string): void {
    this.#arm(owner);
  }

  #next(owner: string): string {
    this.#count += 1;
    const id = uuidFrom('heartbeat', owner, String(this.#count));
    this.#arm(owner);
    this.#beats.set(owner, id);
    return id;
  }

  /** The clock keeps one deadline a key, so a new heartbeat puts the old one's off. */
  #arm(owner: string): void {
    const { clock, nowMs, silent } = this.#parts;
    const due = Math.ceil((nowMs() + SILENCE_MS) / CHECK_MS) * CHECK_MS;
    clock.at(new Date(due), `heartbeat:${owner}`, async () => {
      this.#beats.delete(owner);
      silent(owner);
    });
  }
}
