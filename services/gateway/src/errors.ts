import type { Problem } from '@slipstream/proto/http';
import type { z } from 'zod';

const FIELDS_SHOWN_MAX = 20;

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many attempts',
  500: 'Failed',
  503: 'Unavailable',
};

export type FieldError = { readonly field: string; readonly detail: string };

/** A refusal that the caller sees as it is: its status, one sentence, and the fields that are to blame. */
export class HttpProblem extends Error {
  override name = 'HttpProblem';
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

const listed = (errors: readonly FieldError[]): string =>
  errors.map(({ field, detail }) => `${field} ${detail}`).join('; ');

/** 400, naming the fields; of very many, the first. */
export function invalid(...errors: readonly FieldError[]): HttpProblem {
  const shown = errors.slice(0, FIELDS_SHOWN_MAX);
  return new HttpProblem(400, `${listed(shown)}.`, { errors: shown });
}

/** 404, naming the field that named what is not there. */
export const unknown = (field: string, what: string): HttpProblem =>
  new HttpProblem(404, `There is no such ${what}.`, { errors: [{ field, detail: `names no ${what}` }] });

/** 409, naming the field that stands against what is there. */
export const conflict = (field: string, sentence: string): HttpProblem =>
  new HttpProblem(409, sentence, { errors: [{ field, detail: sentence }] });

/** What a schema found, as 400 with each field by name. `whole` names the input when no field is to blame. */
export function invalidBy(error: z.ZodError, whole: 'query' | 'path' | 'body'): HttpProblem {
  const errors = error.issues.flatMap((issue): FieldError[] => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: path === '' ? key : `${path}.${key}`,
        detail: whole === 'query' ? 'is no parameter of this request' : 'is no field of this request',
      }));
    return [{ field: path === '' ? whole : path, detail: issue.message }];
  });
  return invalid(...errors);
}

/** What the body parser reports, by its own type names. */
const PARSER_PROBLEMS: Readonly<Record<string, readonly [number, string]>> = {
  'entity.too.large': [413, 'The body is too large.'],
  'entity.parse.failed': [400, 'The body is not valid JSON.'],
  'encoding.unsupported': [415, 'The body’s encoding is not supported.'],
  'charset.unsupported': [415, 'The body’s character set is not supported.'],
  'request.size.invalid': [400, 'The body is not as long as the request says.'],
  'request.aborted': [400, 'The body ended too soon.'],
};

/** Codes with which a server that is away makes itself known. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

const textOf = (error: unknown, name: string): string => {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : '';
};

/** Anything thrown, as a refusal. What is not meant for callers becomes 500 or 503 with a sentence that tells nothing. */
export function toHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const parser = PARSER_PROBLEMS[textOf(error, 'type')];
  if (parser !== undefined) {
    const [status, detail] = parser;
    // A body that we do not read to its end would be taken for the next request on this connection.
    return new HttpProblem(status, detail, {
      errors: [{ field: 'body', detail }],
      headers: status === 413 ? { connection: 'close' } : {},
    });
  }
  if (error instanceof URIError) return new HttpProblem(400, 'The path is not properly encoded.');
  if (UNREACHABLE.has(textOf(error, 'code')))
    return new HttpProblem(503, 'A part of the system does not answer; try again in a moment.', {
      headers: { 'retry-after': '1' },
    });
  return new HttpProblem(500, 'The request failed on our side; the log names it by its id.');
}

/** The refusal as it travels: RFC 9457. */
export const problemBody = (problem: HttpProblem, requestId: string): Problem => ({
  type: 'about:blank',
  title: TITLES[problem.status] ?? 'Failed',
  status: problem.status,
  detail: problem.message,
  requestId,
  ...(problem.errors.length === 0 ? {} : { errors: [...problem.errors] }),
});
