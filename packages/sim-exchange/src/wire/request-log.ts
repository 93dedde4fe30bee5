import { stamp } from '@slipstream/runtime';
import { type Answer, type Call, failure, type Route } from './http.ts';

/** Requests that are remembered; past it the oldest go. */
const KEPT_MAX = 100_000;
const DROPPED_PART = 10;

/** One request, without anything that would open an account. */
export type LoggedRequest = {
  readonly seq: number;
  readonly atMs: number;
  /** Wall microseconds since 1970 when it had arrived whole: for measurement. */
  readonly atMicros: number;
  readonly method: string;
  readonly path: string;
  /** Names alone: the values are credentials. */
  readonly headers: readonly string[];
  /** Whether it says whose it is: it carries the headers of an account. */
  readonly authenticated: boolean;
  readonly address: string | null;
  readonly orderIds: string[];
  /** What was posted, without owner and signatures. */
  readonly body: unknown;
  status: number | null;
};

const NOT_FOUND = failure(404, 'not found');
const HIDDEN: ReadonlySet<string> = new Set(['owner', 'signature']);

/** A body without what must not be kept. */
function harmless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, HIDDEN.has(name) ? '‹hidden›' : harmless(part)]),
  );
}

/** Everything that was asked of the exchange, for whoever wants to know what was sent and when. */
export class RequestLog {
  readonly #rows: LoggedRequest[] = [];
  readonly #nowMs: () => number;
  #seq = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  begin(call: Call): LoggedRequest {
    if (this.#rows.length >= KEPT_MAX) this.#rows.splice(0, KEPT_MAX / DROPPED_PART);
    const address = call.headers['poly_address'];
    const row: LoggedRequest = {
      seq: ++this.#seq,
      atMs: this.#nowMs(),
      atMicros: stamp(),
      method: call.method,
      path: call.path,
      headers: Object.keys(call.headers).sort(),
      authenticated: address !== undefined,
      address: typeof address === 'string' ? address.toLowerCase() : null,
      orderIds: [],
      body: harmless(call.body ?? null),
      status: null,
    };
    this.#rows.push(row);
    return row;
  }

  end(row: LoggedRequest, answer: Answer): void {
    row.status = answer.cut === true ? null : answer.status;
  }

  /** Notes what a public route is asked; its bodies are lists of tokens, which nobody wants to know. */
  watch(route: Route): Route {
    return async (call) => {
      const row = this.begin({ ...call, body: undefined });
      const answer = await route(call);
      this.end(row, answer ?? NOT_FOUND);
      return answer;
    };
  }

  since(atMs: number): readonly LoggedRequest[] {
    return this.#rows.filter((row) => row.atMs >= atMs);
  }
}
