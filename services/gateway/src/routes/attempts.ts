import { Id } from '@slipstream/proto';
import { CopyAttemptDetail, CopyAttemptsPage, CopyAttemptsQuery } from '@slipstream/proto/http';
import { z } from 'zod';
import { unknown } from '../errors.ts';
import { bare, defineRoute } from '../route.ts';
import { readAttempt, readAttempts } from '../store/attempts.ts';

export const listAttempts = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/copy-attempts',
  summary: 'What was decided for each leader group and what came of it, the newest decision first.',
  query: CopyAttemptsQuery,
  reply: CopyAttemptsPage,
  handler: ({ db }, { query }) => readAttempts(db, query),
});

export const showAttempt = defineRoute({
  ...bare,
  method: 'get',
  path: '/api/copy-attempts/:id',
  summary: 'One attempt with every input of its decision, its leader trades and its fills.',
  params: z.strictObject({ id: Id }),
  reply: CopyAttemptDetail,
  refusals: [404],
  handler: async ({ db }, { params }) => {
    const attempt = await readAttempt(db, params.id);
    if (attempt === null) throw unknown('id', 'attempt');
    return attempt;
  },
});
