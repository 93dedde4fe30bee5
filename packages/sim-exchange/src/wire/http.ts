import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

const BODY_BYTES_MAX = 1_048_576;

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined when there was none, or what came is none. */
  readonly body: unknown;
  /** What came as a body is no JSON: what to say of it is the route's. */
  readonly isMalformed?: boolean;
  /** The body as it came: what a request's signature is over. */
  readonly raw: string;
  readonly headers: IncomingHttpHeaders;
};

export type Answer = {
  readonly status: number;
  readonly json: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is cut instead of answered. */
  readonly cut?: boolean;
};

/** Gives an answer, or null when the path is not its own. */
export type Route = (call: Call) => Answer | null | Promise<Answer | null>;

export const json = (
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  json: JSON.stringify(value),
  headers,
});

/** Text that is JSON already. */
export const rawJson = (text: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  json: text,
  headers,
});

export const failure = (status: number, error: string, more: object = {}): Answer =>
  json({ error, ...more }, status);

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError('body too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer.cut === true) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(answer.json);
}

/** A body that is no JSON is told apart from none. */
function parsed(raw: string): Pick<Call, 'body' | 'isMalformed'> {
  if (raw === '') return { body: undefined };
  try {
    return { body: JSON.parse(raw) };
  } catch {
    return { body: undefined, isMalformed: true };
  }
}

/** Serves the first route that knows the path; anything else is 404, a body that is too large 400. */
export function serveRoutes(routes: readonly Route[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const target = request.url ?? '/';
      const url = URL.parse(target, 'http://localhost');
      if (url === null) return send(response, failure(400, 'this is not a path'));
      // A GET may have a body too: a client asks for the last trades of many tokens so.
      const raw = await readBody(request);
      const path = url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') : url.pathname;
      const call = {
        method: request.method ?? 'GET',
        path: path === '' ? '/' : path,
        query: url.searchParams,
        ...parsed(raw),
        raw,
        headers: request.headers,
      };
      for (const route of routes) {
        const answer = await route(call);
        if (answer !== null) return send(response, answer);
      }
      send(response, failure(404, 'not found'));
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unreadable';
      const isTheirs = error instanceof SyntaxError || error instanceof RangeError;
      send(response, failure(isTheirs ? 400 : 500, message));
    }
  };
}
