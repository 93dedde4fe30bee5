import { Problem } from '@slipstream/proto/http';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  conflict,
  type HttpProblem,
  invalid,
  invalidBy,
  problemBody,
  toHttpProblem,
  unknown,
} from './errors.ts';

const asked = z.strictObject({ limit: z.string().regex(/^\d+$/, 'wants a number') });

const refusalOf = (value: unknown): HttpProblem => {
  const parsed = asked.safeParse(value);
  if (parsed.success) throw new Error('the schema took it');
  return invalidBy(parsed.error, 'query');
};

describe('what a schema finds', () => {
  test('is 400 and names the field', () => {
    expect(refusalOf({ limit: '-1' })).toMatchObject({
      status: 400,
      message: 'limit wants a number.',
      errors: [{ field: 'limit', detail: 'wants a number' }],
    });
  });

  test('names a parameter that it does not know', () => {
    expect(refusalOf({ limit: '1', lmit: '1' }).errors).toEqual([
      { field: 'lmit', detail: 'is no parameter of this request' },
    ]);
  });
});

test('of very many fields the first are named, as many as a problem may have', () => {
  const errors = Array.from({ length: 100 }, (_, i) => ({ field: `field${i}`, detail: 'is wrong' }));
  const problem = Problem.parse(problemBody(invalid(...errors), 'r-1'));
  expect(problem.errors).toHaveLength(20);
  expect(problem.errors?.[0]).toEqual(errors[0]);
});

describe('anything thrown', () => {
  test('that is not meant for callers tells nothing of what it was', () => {
    const inner = new Error('password=hunter2 at /srv/secret.ts');
    const body = JSON.stringify(problemBody(toHttpProblem(inner), 'r-1'));
    expect(body).not.toMatch(/hunter2|secret\.ts/);
    expect(toHttpProblem(inner).status).toBe(500);
  });

  test.each([
    ['entity.too.large', 413],
    ['entity.parse.failed', 400],
    ['encoding.unsupported', 415],
  ])('by the body parser as %s is %d', (type, status) => {
    expect(toHttpProblem(Object.assign(new Error('x'), { type })).status).toBe(status);
  });

  test('by a database that is away is 503', () => {
    expect(toHttpProblem(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })).status).toBe(503);
  });

  test.each([null, undefined, 'text', 7, {}])('even %j becomes a problem', (thrown) => {
    expect(Problem.safeParse(problemBody(toHttpProblem(thrown), 'r-1')).success).toBe(true);
  });

  test('that is a refusal stays as it is', () => {
    expect(problemBody(unknown('id', 'leader'), 'r-1')).toMatchObject({
      status: 404,
      detail: 'There is no such leader.',
      errors: [{ field: 'id' }],
    });
    expect(conflict('wallets', 'Taken.').status).toBe(409);
  });
});
