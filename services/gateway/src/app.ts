import { randomUUID } from 'node:crypto';
import type { Activity, Logger, Metrics } from '@slipstream/runtime';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import type { Auth } from './auth/auth.ts';
import { HttpProblem, problemBody, toHttpProblem } from './errors.ts';
import type { Io } from './io.ts';
import { openApi } from './openapi.ts';
import type { Route } from './route.ts';
import { claimOf, signInRoutes } from './sign-in.ts';

/** The largest body that anything of ours needs is a list of wallets. */
const BODY_BYTES_MAX = 65_536;
const PATH_CHARACTERS_LOGGED_MAX = 200;

/** Nothing but our own files runs, nothing is framed, nothing is guessed, and no address leaks. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

export type AppOptions = {
  readonly io: Io;
  readonly auth: Auth;
  readonly routes: readonly Route[];
  readonly activity: Activity;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly secureCookie: boolean;
  /** Folder of the page. */
  readonly publicDir: string;
  readonly healthy: () => Promise<boolean>;
};

const requestIdOf = (request: Request): string => String(request.res?.getHeader('x-request-id') ?? '');

/** Gives every request an id and measures its answer. The path is logged without its query, which may hold a code. */
function observed({ log, metrics }: AppOptions): RequestHandler {
  const seconds = metrics.histogram({
    name: 'http_request',
    help: 'From a request to the end of its answer.',
    unit: 'seconds',
    labels: ['method', 'status'],
  });
  return (request, response, next) => {
    const requestId = randomUUID();
    const from = performance.now();
    response.set({ ...SECURITY_HEADERS, 'x-request-id': requestId });
    response.on('finish', () => {
      const tookMs = performance.now() - from;
      const { method, path } = request;
      const { statusCode: status } = response;
      seconds.observe(tookMs / 1_000, { method, status: String(status) });
      const fields = { requestId, method, path: path.slice(0, PATH_CHARACTERS_LOGGED_MAX), status, tookMs };
      if (method === 'GET') log.debug(fields, 'http.answered');
      else log.info(fields, 'http.answered');
    });
    next();
  };
}

const requireJson: RequestHandler = (request, _response, next) => {
  const empty = request.headers['content-length'] === '0' || request.headers['content-length'] === undefined;
  const has = !empty || request.headers['transfer-encoding'] !== undefined;
  if (has && request.is('application/json') === false)
    throw new HttpProblem(415, 'The body must be JSON, with content-type application/json.');
  next();
};

/** One line of the table as a handler. A change counts as work under way, so that a tape waits for it. */
const mounted =
  (route: Route, { io, auth, activity }: AppOptions): RequestHandler =>
  async (request, response) => {
    const caller = auth.callerOf(claimOf(request));
    if (route.kind === 'events') return io.feed.listen(response);
    const ask = (): Promise<unknown> =>
      route.answer(io, { query: request.query, params: request.params, body: request.body, caller });
    const reply = await (route.method === 'get' ? ask() : activity.run(ask, `${route.method} ${route.path}`));
    response.status(route.status).json(reply);
  };

/** What remains of a path that has routes: another method. */
const otherMethods = (app: Express, routes: readonly Route[]): void => {
  for (const [path, own] of Map.groupBy(routes, (route) => route.path)) {
    const allow = own.map((route) => route.method.toUpperCase()).join(', ');
    app.all(path, () => {
      throw new HttpProblem(405, `This path takes ${allow}.`, { headers: { allow } });
    });
  }
};

/** The one place where an HTTP failure is caught. */
const failed =
  ({ log }: AppOptions): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const problem = toHttpProblem(error);
    const requestId = requestIdOf(request);
    if (problem.status >= 500)
      log.error({ requestId, method: request.method, path: request.path, error }, 'http.failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(problem, requestId)));
  };

/** The HTTP interface: id, limits, who asks, routes, errors, in this order. */
export function createApp(options: AppOptions): Express {
  const { auth, routes, publicDir, healthy } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const document = openApi(routes);

  app.use(observed(options));
  app.get('/healthz', async (_request, response) => {
    const ok = await healthy();
    response
      .status(ok ? 200 : 503)
      .set('cache-control', 'no-store')
      .json({ ok });
  });
  // Nobody's body is read before it is known who he is.
  app.use('/api', (request, response, next) => {
    auth.callerOf(claimOf(request));
    response.set('cache-control', 'no-store');
    next();
  });
  app.use(['/api', '/sign-in'], requireJson, express.json({ limit: BODY_BYTES_MAX, strict: false }));
  app.use(signInRoutes({ auth, secureCookie: options.secureCookie, publicDir }));
  app.get('/api/openapi.json', (_request, response) => {
    response.json(document);
  });
  for (const route of routes) app[route.method](route.path, mounted(route, options));
  otherMethods(app, routes);
  app.use('/api', () => {
    throw new HttpProblem(404, 'There is nothing at this path.');
  });
  app.use(express.static(publicDir, { dotfiles: 'ignore', redirect: false, etag: true, maxAge: 0 }));
  app.use(() => {
    throw new HttpProblem(404, 'There is nothing at this path.');
  });
  app.use(failed(options));
  return app;
}
