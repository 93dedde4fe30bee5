import { z } from 'zod';

/** What every refusal and every failure looks like: RFC 9457, without inner details. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('One sentence for a person.'),
  requestId: z.string().describe('Names this request in our logs.'),
  errors: z
    .array(z.strictObject({ field: z.string(), detail: z.string() }))
    .max(20)
    .optional()
    .describe('The fields that were not as they must be.'),
});
export type Problem = z.infer<typeof Problem>;
