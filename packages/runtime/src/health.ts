import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CheckResult } from './check-result.ts';
import { watchEventLoop } from './event-loop.ts';
import type { Metrics } from './metrics.ts';
import { redact, redactText } from './redact.ts';

const CHECK_WAIT_MS = 2_000;
const CHECKS_MOST = 64;
const CONNECTIONS_MOST = 64;
const REQUEST_WAIT_MS = 5_000;

/** Named checks; a process is ready when it has said so and every check is ok. */
export type Health = {
  /** Adds a check, or replaces the one of that name. One that throws or does not answer in time is not ok. */
  check(name: string, check: () => CheckResult | Promise<CheckResult>): void;
  report(): Promise<HealthReport>;
};

export type HealthReport = {
  readonly service: string;
  readonly ready: boolean;
  readonly detail: string | null;
  readonly checks: Readonly<Record<string, CheckResult>>;
};

export type HealthServer = Health & {
  readonly url: string;
  setReady(detail: string | null): void;
  setStopping(): void;
  stop(): Promise<void>;
};

async function runCheck(check: () => CheckResult | Promise<CheckResult>): Promise<CheckResult> {
  const { promise: late, resolve } = Promise.withResolvers<CheckResult>();
  const timer = setTimeout(
    () => resolve({ ok: false, detail: `no answer within ${CHECK_WAIT_MS} ms` }),
    CHECK_WAIT_MS,
  );
  try {
    return await Promise.race([(async () => check())(), late]);
  } catch (error) {
    return { ok: false, detail: redactText(error instanceof Error ? error.message : String(error)) };
  } finally {
    clearTimeout(timer);
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  contentType = 'application/json',
): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
}

type Ready = { readonly ready: boolean; readonly detail: string | null };

function reporter(service: string, state: () => Ready): Health {
  const checks = new Map<string, () => CheckResult | Promise<CheckResult>>();
  let underWay: Promise<HealthReport> | undefined;
  const evaluate = async (): Promise<HealthReport> => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]): Promise<[string, CheckResult]> => [name, await runCheck(check)]),
    );
    const { ready, detail } = state();
    return {
      service,
      ready: ready && results.every(([, { ok }]) => ok),
      detail,
      checks: Object.fromEntries(results),
    };
  };
  return {
    check: (name, check) => {
      if (!checks.has(name) && checks.size >= CHECKS_MOST)
        throw new RangeError(`more than ${CHECKS_MOST} checks`);
      checks.set(name, check);
    },
    // Many askers at once share one evaluation, so that probes cannot pile up on a slow database.
    report: () => {
      underWay ??= evaluate().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}

/** Serves /live, /ready and /metrics. Port 0 takes a free one; `url` tells which. */
export async function startHealth(options: {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
}): Promise<HealthServer> {
  let state: Ready = { ready: false, detail: 'starting' };
  const health = reporter(options.service, () => state);
  const loop = watchEventLoop();
  health.check('event-loop', loop.check);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, 405, '{"error":"GET only"}');
    if (path === '/live')
      return send(response, 200, JSON.stringify({ service: options.service, live: true }));
    if (path === '/ready') {
      const report = await health.report();
      return send(response, report.ready ? 200 : 503, JSON.stringify(redact(report)));
    }
    if (path === '/metrics') {
      const { body, contentType } = await options.metrics.text();
      return send(response, 200, body, contentType);
    }
    return send(response, 404, '{"error":"not found"}');
  };
  const server = createServer(
    { requestTimeout: REQUEST_WAIT_MS, headersTimeout: REQUEST_WAIT_MS },
    (request, response) => {
      answer(request, response).catch(() => {
        if (!response.headersSent) send(response, 500, '{"error":"failed"}');
      });
    },
  );
  server.maxConnections = CONNECTIONS_MOST;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    ...health,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    setReady: (detail) => {
      state = { ready: true, detail };
    },
    setStopping: () => {
      state = { ready: false, detail: 'stopping' };
    },
    stop: async () => {
      loop.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
