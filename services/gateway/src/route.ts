import { z } from 'zod';
import type { Caller } from './caller.ts';
import { HttpProblem, invalidBy } from './errors.ts';
import type { Io } from './io.ts';

/** An answer that takes longer is given up. */
const ANSWER_WAIT_MS = 10_000;

/** What arrived, before any schema has seen it. */
type RawRequest = {
  readonly query: unknown;
  readonly params: unknown;
  readonly body: unknown;
  readonly caller: Caller;
};

/** One line of the API: what goes in, what comes out, and what stands between. */
export type Route = {
  readonly kind: 'json' | 'events';
  readonly method: 'get' | 'post' | 'put' | 'patch';
  /** In the form of express: `/api/leaders/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodType;
  readonly params: z.ZodType;
  readonly body: z.ZodType;
  readonly reply: z.ZodType;
  readonly status: 200 | 201;
  /** Refusals besides those that every route has. */
  readonly refusals: readonly (404 | 409 | 503)[];
  /** Checks what arrived, asks the handler, and gives the reply in its wire form. */
  readonly answer: (io: Io, raw: RawRequest) => Promise<unknown>;
};

type Asked<Q extends z.ZodType, P extends z.ZodType, B extends z.ZodType> = {
  readonly query: z.output<Q>;
  readonly params: z.output<P>;
  readonly body: z.output<B>;
  readonly caller: Caller;
};

/** A request that takes nothing: spread it first, then say what the route does take. */
export const bare = { query: z.strictObject({}), params: z.strictObject({}), body: z.undefined() };

function checked<S extends z.ZodType>(
  schema: S,
  value: unknown,
  whole: 'query' | 'path' | 'body',
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidBy(parsed.error, whole);
  return parsed.data;
}

/** The answer, or 503 when it takes too long; what it asked for may still finish. */
async function within<T>(work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new HttpProblem(503, `There was no answer within ${ANSWER_WAIT_MS} ms.`)),
    ANSWER_WAIT_MS,
  );
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}

type RouteSpec<Q extends z.ZodType, P extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = Pick<
  Route,
  'method' | 'path' | 'summary'
> & {
  readonly query: Q;
  readonly params: P;
  readonly body: B;
  readonly reply: R;
  readonly status?: 200 | 201;
  readonly refusals?: Route['refusals'];
  readonly handler: (io: Io, asked: Asked<Q, P, B>) => Promise<z.output<R>> | z.output<R>;
};

/**
 * A route of JSON: what goes in is checked against its schemas, what comes out is encoded by its schema.
 *
 * Errors of `answer`: HttpProblem 400 naming the fields; what the handler throws; a reply that is not as its schema
 * says, which is a bug of ours.
 */
export function defineRoute<
  Q extends z.ZodType,
  P extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(spec: RouteSpec<Q, P, B, R>): Route {
  const { handler, ...described } = spec;
  return {
    status: 200,
    refusals: [],
    ...described,
    kind: 'json',
    answer: async (io, raw) => {
      const asked = {
        query: checked(spec.query, raw.query, 'query'),
        params: checked(spec.params, raw.params, 'path'),
        body: checked(spec.body, raw.body, 'body'),
        caller: raw.caller,
      };
      return z.encode(spec.reply, await within(async () => handler(io, asked)));
    },
  };
}

/** A route that keeps sending: mounted by the app, listed here so that the document knows it. */
export const eventsRoute = (spec: Pick<Route, 'path' | 'summary'>): Route => ({
  ...bare,
  ...spec,
  kind: 'events',
  method: 'get',
  reply: z.string(),
  status: 200,
  refusals: [503],
  answer: () => Promise.reject(new Error('events are sent by the live feed')),
});
