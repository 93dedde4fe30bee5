import { z } from 'zod';
import { Instant } from '../scalars.ts';
import { After, Limit, pageOf } from './paging.ts';

const What = z.enum(['leader', 'switches', 'mode-config']);

export const ChangesQuery = z.strictObject({
  what: What.optional().describe('Only changes of this kind.'),
  key: z
    .string()
    .regex(/^[\w:#.-]{1,160}$/, 'wants a key such as mode.PAPER, leader.LIVE.<id>, global, or a leader id')
    .optional()
    .describe('Only changes of this document: mode.PAPER, leader.PAPER.<leader>, global, or a leader id.'),
  limit: Limit,
  after: After,
});
export type ChangesQuery = z.infer<typeof ChangesQuery>;

/** One field, by its path; null where it was not there. */
const FieldChange = z.strictObject({ path: z.string(), from: z.unknown(), to: z.unknown() });

export const ChangeItem = z.strictObject({
  id: z.string(),
  what: What,
  key: z.string(),
  author: z.string(),
  at: Instant,
  fields: z.array(FieldChange),
});
export type ChangeItem = z.infer<typeof ChangeItem>;

export const ChangesPage = pageOf(ChangeItem);
