import { z } from 'zod';

const TIMES_MAX = 1_000_000;
const DELAY_MS_MAX = 120_000;
export const RULES_MAX = 50;

/** What becomes of requests to a path of the order book, until it has happened so often. */
export const PathRule = z.strictObject({
  /** Itself, or with a star at its end whatever begins so. */
  path: z.string().regex(/^\/[^*]*\*?$/),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  fault: z.enum(['latency', '429', '500', 'drop', 'html403', 'garbage']),
  /** How late `latency` handles it. */
  ms: z.int().min(0).max(DELAY_MS_MAX).default(1_000),
  /** Absent: until it is taken away. */
  times: z.int().min(1).max(TIMES_MAX).optional(),
  /** Of every request, drawn from the seed. */
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().default(1),
  /** Requests that it has seen: where it is in its draws. */
  seen: z.int().min(0).default(0),
});
export type PathRule = z.infer<typeof PathRule>;
